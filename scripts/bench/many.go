//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/source"
)

// crowd is how many channels fared together.
type crowd struct {
	Datagrams int64
	Dropped   int64
	Starved   int64
	Skipped   int64
	// Late999 is the highest p99.9 of lateness of a channel, Max the latest train, in ms.
	Late999, Max float64
	// MedianLate999 is the median over channels of their p99.9, in ms.
	MedianLate999 float64
	// EachMB is the resident memory of each channel beyond the first, when all have begun.
	EachMB float64
	// Started is how long it took to start them, one after another, in s.
	Started float64
	// Guests counts further channels that were started and stopped meanwhile,
	// GuestStart is the median of how long a start took, in ms.
	Guests     int
	GuestStart float64
	// Alone and Visited are MedianLate999 period by period, in turns: without
	// guests and with them.
	Alone, Visited []float64
}

// many plays channels as lilo serve does until ctx is done, then prints a crowd.
func many(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("many", flag.ExitOnError)
	count := flags.Int("channels", 1, "how many")
	pacing := flags.Duration("pacing", 10*time.Millisecond, "from train to train")
	rate := flags.Int64("rate", 5_000_000, "of each, in bit/s")
	port := flags.Int("port", 5000, "to send to")
	guests := flags.Int("guests", 0, "how many further channels start and stop, again and again")
	period := flags.Duration("period", 0, "they do so in every other of these, if not 0")
	if err := flags.Parse(args); err != nil {
		return err
	}
	air, err := player.New(player.Options{Source: source.Options{AllowFiles: true}})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- air.Run(ctx) }()
	spec := channel.Spec{
		Source: flags.Arg(0), MuxRate: *rate, Pacing: *pacing,
		To: []channel.Destination{{Scheme: "rtp", Host: "127.0.0.1", Port: *port, Packets: channel.MaxPackets}},
		// What is measured is how they play, not how they start: they all begin
		// some time after the last of them was started.
		Epoch: time.Now().Add(4*time.Second + time.Duration(*count)*5*time.Millisecond),
	}
	all, c, err := startAll(ctx, air, spec, *count)
	if err != nil {
		return err
	}
	pause(ctx, time.Until(spec.Epoch))
	fmt.Println("playing") // The parent waits for this line.
	var took []float64
	guest := func(ctx context.Context) { took = append(took, comeAndGo(ctx, air, spec, *guests)...) }
	switch {
	case *guests > 0 && *period > 0:
		c.takeTurns(ctx, all, *period, guest)
	case *guests > 0:
		guest(ctx)
	}
	c.Guests, c.GuestStart = len(took), median(took)
	err = <-ended
	c.add(all)
	return errors.Join(err, json.NewEncoder(os.Stdout).Encode(c))
}

// startAll starts so many channels and notes what they cost.
func startAll(ctx context.Context, air *player.Player, spec channel.Spec, count int) (all []*player.Channel, c crowd, err error) {
	began, first := time.Now(), 0.0
	for i := range count {
		spec.Name = fmt.Sprint("channel ", i)
		b, err := air.Start(ctx, player.Config{Key: spec.Name, Spec: spec})
		if err != nil {
			return nil, c, err
		}
		all = append(all, b)
		if i == 0 {
			first = resident()
		}
	}
	c.Started = time.Since(began).Seconds()
	if count > 1 {
		c.EachMB = (resident() - first) / float64(count-1)
	}
	return all, c, nil
}

// resident is the resident memory of this process in MB, without what only
// waits to be given back.
func resident() float64 {
	debug.FreeOSMemory()
	text, _ := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize()) / 1e6
}

// takeTurns has guests visit in every other period, until ctx is done.
func (c *crowd) takeTurns(ctx context.Context, all []*player.Channel, period time.Duration, visit func(context.Context)) {
	stay := func(ctx context.Context) { <-ctx.Done() }
	for {
		alone := during(ctx, all, period, stay)
		visited := during(ctx, all, period, visit)
		if ctx.Err() != nil {
			return // The last one was cut short.
		}
		c.Alone, c.Visited = append(c.Alone, alone), append(c.Visited, visited)
	}
}

// during returns the median over channels of their p99.9 of lateness in a
// period, in ms, in which something is done.
func during(ctx context.Context, all []*player.Channel, period time.Duration, do func(context.Context)) float64 {
	before := make([]*playout.LatenessHistogram, len(all))
	for i, b := range all {
		before[i] = b.Lateness()
	}
	ctx, cancel := context.WithTimeout(ctx, period)
	defer cancel()
	do(ctx)
	var late []float64
	for i, b := range all {
		late = append(late, b.Lateness().Since(before[i]).P999.Seconds()*1e3)
	}
	return median(late)
}

// comeAndGo starts further channels and stops them, again and again: one in a
// second, or several a hundred times a second. It returns how long each start
// took, in ms.
func comeAndGo(ctx context.Context, air *player.Player, spec channel.Spec, count int) (took []float64) {
	gap := 10 * time.Millisecond
	if count == 1 {
		gap = 500 * time.Millisecond
	}
	for ctx.Err() == nil {
		took = append(took, visit(ctx, air, spec, count, gap)...)
	}
	return took
}

// visit has that many guests come and go once, and returns how long each start took.
func visit(ctx context.Context, air *player.Player, spec channel.Spec, count int, gap time.Duration) (took []float64) {
	var all []*player.Channel
	for i := range count {
		spec.Name = fmt.Sprint("guest ", i)
		began := time.Now()
		b, err := air.Start(ctx, player.Config{Key: spec.Name, Spec: spec})
		if err != nil {
			break
		}
		took = append(took, time.Since(began).Seconds()*1e3)
		all = append(all, b)
		pause(ctx, gap)
	}
	for _, b := range all {
		b.Stop()
		pause(ctx, gap)
	}
	return took
}

// add notes how channels fared.
func (c *crowd) add(all []*player.Channel) {
	var late []float64
	for _, b := range all {
		s := b.Snapshot()
		c.Datagrams += s.Datagrams
		c.Starved += s.Starved
		for _, o := range s.Outputs {
			c.Dropped += o.Dropped
			c.Skipped += o.Skipped
		}
		late = append(late, s.Late.P999.Seconds()*1e3)
		c.Max = max(c.Max, s.Late.Max.Seconds()*1e3)
	}
	c.MedianLate999 = median(late)
	for _, l := range late {
		c.Late999 = max(c.Late999, l)
	}
}
