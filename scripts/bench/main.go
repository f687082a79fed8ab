//go:build linux

// Command bench measures LILO beside the peers that the machine has, in one
// run, and writes docs/benchmarks.md. `make bench` runs it.
//
// It is also the processes that it measures besides the program itself:
// "bench bare" is a UDP sender without a stream, "bench bare-crowd" many of them,
// and "bench many" plays many channels in one process.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

type settings struct {
	lilo    string        // the program
	out     string        // the document
	seconds time.Duration // of one measurement
	rounds  int           // of what is compared closely
	many    int           // channels
	note    string        // a sentence about this run, for its reader
	work    string        // a folder for the files that are played
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "bare" {
		return bare(ctx, args[1:])
	}
	if len(args) > 0 && args[0] == "bare-crowd" {
		return bareCrowd(ctx, args[1:])
	}
	if len(args) > 0 && args[0] == "many" {
		return many(ctx, args[1:])
	}
	if len(args) > 0 && args[0] == "remote" {
		return onlyRemote(ctx, args[1:])
	}
	var s settings
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.StringVar(&s.lilo, "lilo", "bin/lilo", "the program to measure")
	flags.StringVar(&s.out, "out", "docs/benchmarks.md", "the document to write")
	flags.DurationVar(&s.seconds, "seconds", 35*time.Second, "length of one measurement, three laps and a half")
	flags.IntVar(&s.rounds, "rounds", 3, "rounds of what is compared closely; the median counts")
	flags.IntVar(&s.many, "many", 1000, "channels of one process")
	flags.StringVar(&s.note, "note", "", "a sentence about this run, for the document")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return s.measure(ctx)
}

// measure takes every measurement and writes the document.
func (s *settings) measure(ctx context.Context) (err error) {
	if s.work, err = os.MkdirTemp("", "lilo-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(s.work)
	d := &document{settings: *s, machine: machineFacts(ctx)}
	steps := []struct {
		name string
		do   func(context.Context, *document) error
	}{
		{"files to play", s.makeFiles},
		{"LILO and its peers", s.peers},
		{"processor, closely", s.compare},
		{"many channels", s.channels},
		{"first datagram", s.firstDatagram},
		{"first datagram of a remote file", s.remote},
		{"encoding once", s.encoding},
	}
	for _, step := range steps {
		fmt.Fprintln(os.Stderr, "bench:", step.name)
		if err := step.do(ctx, d); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return os.WriteFile(s.out, []byte(strings.TrimSpace(d.text())+"\n"), 0o644)
}
