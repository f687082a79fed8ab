// Package server is `lilo serve`: many channels in one process, behind MediaLive's
// API and a console.
//
// [New] assembles a [Server] from [Options], which flags and a configuration file
// ([ReadConfig]) set, and [Server.Run] runs it:
//
//   - package player plays; store, record, service and supervisor keep channels,
//     offer MediaLive's operations, and make what runs match what is stored;
//   - packages api, console, metric and event are what clients see of it;
//   - guard.go and access.go decide which request gets to them: guard checks what
//     any request must satisfy, access who sends it (package auth);
//   - declared.go creates the channels of the configuration file, through the
//     provisioner, which the console uses too;
//   - health.go, systemd.go, reload.go and certificate.go serve its operation.
//
// A [ConsoleServer] serves the console of a single channel, for `lilo run --http`.
//
// The package must not import package mpegts: streams are package player's job.
package server
