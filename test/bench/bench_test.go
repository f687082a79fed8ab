//go:build bench && linux

// Package bench measures LILO beside the peers that the machine has, in one
// run, and writes docs/benchmarks.md. `make bench` runs it.
//
// Its test binary is also one of the processes that it measures: with the argument
// "play" it plays many channels as lilo serve does. "remote" measures the start of a
// remote file only.
package bench

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"testing"
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
	parts   string        // what is measured, separated by commas; "" for all
	work    string        // a folder for the files that are played
	floor   string        // the sender in C, "" without a C compiler
}

// root is the root of the tree, to which the paths in the flags are relative.
const root = "../.."

// settings are those of the command line.
var settings bench

// TestMain parses the flags, and becomes one of the processes if that is asked for.
func TestMain(m *testing.M) {
	flag.StringVar(&settings.lilo, "lilo", "bin/lilo", "the program to measure")
	flag.StringVar(&settings.out, "out", "docs/benchmarks.md", "the document to write")
	flag.DurationVar(&settings.seconds, "seconds", 35*time.Second, "length of one measurement, three laps and a half")
	flag.IntVar(&settings.rounds, "rounds", 3, "rounds of what takes turns; the median counts")
	flag.IntVar(&settings.many, "many", 1000, "channels of one process")
	flag.StringVar(&settings.note, "note", "", "a sentence about this run, for the document")
	flag.StringVar(&settings.parts, "parts", "", "measure these only and keep the rest of the document: peers,processor,channels,start,serve,remote,encoding,growth")
	flag.Parse()
	do := map[string]func(context.Context, []string) error{"play": playChannels, "remote": onlyRemote}[flag.Arg(0)]
	if do == nil {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := do(ctx, flag.Args()[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func TestBenchmarks(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	t.Chdir(root)
	if err := settings.measure(ctx); err != nil {
		t.Fatal(err)
	}
}

// measure takes every measurement and writes the document.
func (b *bench) measure(ctx context.Context) (err error) {
	if b.work, err = os.MkdirTemp("", "lilo-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	r := &report{bench: *b, machine: machineFacts(ctx), busy: otherProcesses()}
	steps := []struct {
		part, name string // "" is a part of each run
		do         func(context.Context, *report) error
	}{
		{"", "files to play", b.makeFiles},
		{"", "the floor", b.makeFloor},
		{"peers", "LILO and its peers", b.measurePeers},
		{"processor", "processor, closely", b.measureProcessor},
		{"channels", "many channels", b.measureChannels},
		{"start", "first datagram", b.measureStart},
		{"serve", "calls of the API", b.measureServe},
		{"remote", "first datagram of a remote file", b.measureRemote},
		{"encoding", "encoding once", b.measureEncoding},
		{"growth", "growth", b.measureGrowth},
	}
	for _, step := range steps {
		if step.part != "" && b.parts != "" && !slices.Contains(strings.Split(b.parts, ","), step.part) {
			continue
		}
		fmt.Fprintln(os.Stderr, "bench:", step.name)
		began := time.Now()
		if err := step.do(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintln(os.Stderr, "bench: took", time.Since(began).Round(time.Second))
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return r.write(b.out)
}
