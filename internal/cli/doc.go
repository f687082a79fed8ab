// Package cli is the command line: the commands, their flags, and what they show
// on a terminal.
//
// [New] makes a [Program], and [Program.Run] executes one command line and returns
// the exit code. root.go lists the commands. Each is in the file of its name, as a
// function newXCommand and the functions or the type that do the work: run.go,
// render.go, probe.go, monitor.go, serve.go and so on; start and stop are in
// operate.go, add-key, add-login, keys and logins in credential.go. The commands for AWS are
// methods of deployment (deployment.go); deploy and synth share deployRun
// (deploy.go, preflight.go, plan.go). flags.go turns settings into flags.
//
// Commands show things with terminal.go (colours, width and JSON), format.go
// (tables, numbers and durations), status_line.go (a line that is rewritten in
// place), progress.go (such a line with the time that passes) and eventview.go
// (events of CloudFormation). prompt.go asks questions.
//
// The package must not import mpegts or mp4: run, render and probe go through
// package player, and monitor through package monitor.
package cli
