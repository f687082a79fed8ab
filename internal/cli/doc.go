// Package cli is the command line: the commands, their flags, and what they show
// on a terminal.
//
// [New] makes a [Program], and [Program.Run] executes one command line and returns
// the exit code. A command is in the file of its name: run.go, render.go, probe.go,
// monitor.go, serve.go, deploy.go and so on; root.go lists them. start and stop are
// in operate.go, add-key and add-login in credential.go. flags.go turns the settings
// of a channel into flags, and deployment.go has what the commands for AWS share.
//
// Commands show things with terminal.go (colours and width), status_line.go and
// timed_line.go (a line that is rewritten in place), progress.go (progress bars),
// eventview.go (events of CloudFormation) and format.go (numbers and durations).
//
// The package must not import mpegts or mp4: run, render and probe go through
// package player, and monitor through package monitor.
package cli
