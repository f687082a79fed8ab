// Command lilo plays an MP4 in an endless loop as a live MPEG transport stream.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/lilo-live/lilo/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the command in an orderly way. From then on signals are
	// not caught: the next one kills the process.
	context.AfterFunc(ctx, stop)
	os.Exit(cli.New(os.Stdout, os.Stderr, os.Getenv).Run(ctx, os.Args[1:]))
}
