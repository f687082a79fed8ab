//go:build linux

// Command bench measures LILO beside the peers that the machine has, in one
// run, and writes docs/benchmarks.md. `make bench` runs it.
//
// It is also two of the processes that it measures: "bench bare" sends datagrams
// without a stream, and "bench play" plays many channels as lilo serve does.
// "bench remote" measures the start of a remote file only.
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

// bench is the settings of a run.
type bench struct {
	lilo    string        // the program
	out     string        // the document
	seconds time.Duration // of one measurement
	rounds  int           // of measurements that take turns
	many    int           // channels of one process
	note    string        // a sentence about this run, for the document
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
	processes := map[string]func(context.Context, []string) error{"bare": bareSenders, "play": playChannels, "remote": onlyRemote}
	if len(args) > 0 && processes[args[0]] != nil {
		return processes[args[0]](ctx, args[1:])
	}
	var b bench
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.StringVar(&b.lilo, "lilo", "bin/lilo", "the program to measure")
	flags.StringVar(&b.out, "out", "docs/benchmarks.md", "the document to write")
	flags.DurationVar(&b.seconds, "seconds", 35*time.Second, "length of one measurement, three laps and a half")
	flags.IntVar(&b.rounds, "rounds", 3, "rounds of what takes turns; the median counts")
	flags.IntVar(&b.many, "many", 1000, "channels of one process")
	flags.StringVar(&b.note, "note", "", "a sentence about this run, for the document")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return b.measure(ctx)
}

// measure takes every measurement and writes the document.
func (b *bench) measure(ctx context.Context) (err error) {
	if b.work, err = os.MkdirTemp("", "lilo-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	r := &report{bench: *b, machine: machineFacts(ctx)}
	steps := []struct {
		name string
		do   func(context.Context, *report) error
	}{
		{"files to play", b.makeFiles},
		{"LILO and its peers", b.measurePeers},
		{"processor, closely", b.measureProcessor},
		{"many channels", b.measureChannels},
		{"first datagram", b.measureStart},
		{"first datagram of a remote file", b.measureRemote},
		{"encoding once", b.measureEncoding},
	}
	for _, step := range steps {
		fmt.Fprintln(os.Stderr, "bench:", step.name)
		if err := step.do(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return os.WriteFile(b.out, []byte(strings.TrimSpace(r.text())+"\n"), 0o644)
}
