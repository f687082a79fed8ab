//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/engine"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/rtp"
	"github.com/lilo-live/lilo/internal/playout"
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
}

// many plays channels until ctx is done, then prints a crowd.
func many(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("many", flag.ExitOnError)
	count := flags.Int("channels", 1, "how many")
	pacing := flags.Duration("pacing", 10*time.Millisecond, "from train to train")
	rate := flags.Int64("rate", 5_000_000, "of each, in bit/s")
	port := flags.Int("port", 5000, "to send to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	clock, err := playout.NewClock()
	if err != nil {
		return err
	}
	scheduler := playout.New(clock, slog.New(slog.DiscardHandler))
	channels := make([]playout.Channel, *count)
	for i := range channels {
		spec := channel.Spec{Source: flags.Arg(0), Name: fmt.Sprint("channel ", i), MuxRate: *rate, Pacing: *pacing}
		if channels[i], err = open(ctx, spec, *port); err != nil {
			return err
		}
	}
	// What is measured is how they play, not how they start: they all begin
	// some time after the last of them was opened.
	epoch := time.Now().Add(3 * time.Second)
	all := make([]*playout.Playing, *count)
	for i, c := range channels {
		c.Epoch = epoch
		if all[i], err = scheduler.Add(c); err != nil {
			return err
		}
	}
	fmt.Println("playing") // The parent waits for this line.
	err = scheduler.Run(ctx)
	return errors.Join(err, json.NewEncoder(os.Stdout).Encode(summary(all)))
}

func open(ctx context.Context, spec channel.Spec, port int) (playout.Channel, error) {
	c, err := engine.Open(ctx, spec, engine.Usual())
	if err != nil {
		return playout.Channel{}, err
	}
	to := channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: port, Packets: channel.MaxPackets}
	stream := c.Stream()
	o, err := rtp.Open(ctx, to, c.SSRC(), stream)
	return playout.Channel{Name: spec.Name, Stream: stream, Pacing: spec.Pacing, Outputs: []output.Output{o}}, err
}

func summary(all []*playout.Playing) crowd {
	var c crowd
	var late []float64
	for _, p := range all {
		s := p.Snapshot()
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
	return c
}
