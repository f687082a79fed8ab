//go:build bench && linux

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
)

// channelStats is what a process with many channels, or the floor, prints.
type channelStats struct {
	Datagrams int64
	Dropped   int64
	Starved   int64
	Skipped   int64
	// Late999 is the highest p99.9 of lateness of a channel, MedianLate999 the median
	// over channels, in ms.
	Late999, MedianLate999 float64
	// StartMS is how long it took to start all channels.
	StartMS float64
	// EachMB is the resident memory of each channel beyond the first, when all have begun.
	EachMB float64
	// Alone and Visited are MedianLate999 of alternate periods: without guests
	// and with them.
	Alone, Visited []float64
}

// load is what a process with many channels sends.
type load struct {
	channels, port, guests, destinations int
	rate                                 int64
	pacing, period                       time.Duration
	file                                 string
}

func parseLoad(args []string) (l load) {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.IntVar(&l.channels, "channels", 1, "how many")
	flags.DurationVar(&l.pacing, "pacing", 8*time.Millisecond, "from train to train")
	flags.Int64Var(&l.rate, "rate", 5_000_000, "of each, in bit/s")
	flags.IntVar(&l.port, "port", 5000, "to send to")
	flags.IntVar(&l.guests, "guests", 0, "how many further channels start and stop, again and again")
	flags.DurationVar(&l.period, "period", 0, "if not 0, they do so in every other of these")
	flags.IntVar(&l.destinations, "destinations", 1, "of each channel, all the same")
	_ = flags.Parse(args) // It exits on an error.
	l.file = flags.Arg(0)
	return l
}

// playChannels is the process "bench play". It plays channels as lilo serve does until
// ctx is done and prints a channelStats.
func playChannels(ctx context.Context, args []string) error {
	load := parseLoad(args)
	p, err := player.New(player.LocalOptions())
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	b := &playBench{player: p, guests: load.guests, spec: channel.Spec{
		Source: load.file, MuxRate: load.rate, Pacing: load.pacing,
		To: destinations(load.port, load.destinations),
		// Playing is measured, not starting: all channels begin some time after the
		// last of them was started.
		Epoch: time.Now().Add(4*time.Second + time.Duration(load.channels)*5*time.Millisecond),
	}}
	if err := b.startAll(ctx, load.channels); err != nil {
		return err
	}
	pause(ctx, time.Until(b.spec.Epoch))
	fmt.Println("playing") // The parent waits for this line.
	switch {
	case load.guests > 0 && load.period > 0:
		b.takeTurns(ctx, load.period)
	case load.guests > 0:
		b.visit(ctx)
	}
	err = <-ended
	return errors.Join(err, json.NewEncoder(os.Stdout).Encode(b.summarize()))
}

// destinations returns so many on one port, from a source address each.
func destinations(port, n int) (all []channel.Destination) {
	for i := range n {
		d := channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: port, Packets: channel.MaxPackets}
		if i > 0 {
			d.LocalAddr = fmt.Sprintf("127.0.0.%d", i+1)
		}
		all = append(all, d)
	}
	return all
}

// playBench plays channels and starts and stops guests beside them.
type playBench struct {
	player   *player.Player
	spec     channel.Spec
	channels []*player.Channel
	guests   int
	stats    channelStats
}

func (b *playBench) start(ctx context.Context, name string) (*player.Channel, error) {
	s := b.spec
	s.Name = name
	if info, err := os.Stat(s.Source); err == nil && info.IsDir() {
		s.Source = filepath.Join(s.Source, fmt.Sprintf("%d.mp4", len(b.channels)))
	}
	return b.player.Start(ctx, player.Config{Key: name, Spec: s})
}

// startAll starts count channels and records the memory that each takes.
func (b *playBench) startAll(ctx context.Context, count int) error {
	first, began, measuring := 0.0, time.Now(), time.Duration(0)
	for i := range count {
		ch, err := b.start(ctx, fmt.Sprint("channel ", i))
		if err != nil {
			return err
		}
		b.channels = append(b.channels, ch)
		if i == 0 {
			since := time.Now()
			first = resident()
			measuring = time.Since(since)
		}
	}
	b.stats.StartMS = milliseconds(time.Since(began) - measuring)
	if count > 1 {
		b.stats.EachMB = (resident() - first) / float64(count-1)
	}
	return nil
}

// resident returns the resident memory of this process in MB, without memory that
// the runtime keeps in reserve.
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

// takeTurns lets guests visit in every other period, until ctx is done.
func (b *playBench) takeTurns(ctx context.Context, period time.Duration) {
	for {
		alone := b.during(ctx, period, func(ctx context.Context) { <-ctx.Done() })
		visited := b.during(ctx, period, b.visit)
		if ctx.Err() != nil {
			return // The last period was cut short.
		}
		b.stats.Alone, b.stats.Visited = append(b.stats.Alone, alone), append(b.stats.Visited, visited)
	}
}

// during returns the median over channels of their p99.9 of lateness in a period in
// which do runs, in ms.
func (b *playBench) during(ctx context.Context, period time.Duration, do func(context.Context)) float64 {
	before := make([]*playout.LatenessHistogram, len(b.channels))
	for i, ch := range b.channels {
		before[i] = ch.Lateness()
	}
	ctx, cancel := context.WithTimeout(ctx, period)
	defer cancel()
	do(ctx)
	var late []float64
	for i, ch := range b.channels {
		late = append(late, milliseconds(ch.Lateness().Since(before[i]).P999))
	}
	return median(late)
}

// visit starts the guests and stops them again until ctx is done: a single one once a
// second, several a hundred times a second.
func (b *playBench) visit(ctx context.Context) {
	gap := 10 * time.Millisecond
	if b.guests == 1 {
		gap = 500 * time.Millisecond
	}
	for ctx.Err() == nil {
		var all []*player.Channel
		for i := range b.guests {
			ch, err := b.start(ctx, fmt.Sprint("guest ", i))
			if err != nil {
				break
			}
			all = append(all, ch)
			pause(ctx, gap)
		}
		for _, ch := range all {
			ch.Stop()
			pause(ctx, gap)
		}
	}
}

// summarize returns how the channels fared.
func (b *playBench) summarize() channelStats {
	c := b.stats
	var late []float64
	for _, ch := range b.channels {
		s := ch.Snapshot()
		c.Datagrams += s.Datagrams
		c.Starved += s.Starved
		for _, o := range s.Outputs {
			c.Dropped += o.Dropped
			c.Skipped += o.Skipped
		}
		late = append(late, milliseconds(s.Late.P999))
	}
	c.MedianLate999, c.Late999 = median(late), slices.Max(late)
	return c
}
