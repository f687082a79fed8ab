//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// processorShares are the shares of a core that a contender took, by round.
type processorShares struct {
	name   string
	rounds []float64
}

func (c processorShares) median() float64 { return median(c.rounds) }

// measureProcessor takes turns with LILO, the bare sender and ffmpeg, all sending to a
// socket that nobody reads, so that a disturbance of the machine affects all of them.
func (b *bench) measureProcessor(ctx context.Context, r *report) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	probed, err := player.Probe(ctx, channel.Spec{Source: b.clip(), Name: "bench"}, player.LocalOptions())
	if err != nil {
		return err
	}
	contenders := []peer{{"ffmpeg `-c copy`, RTP", "", ffmpegCopy + "-f rtp_mpegts rtp://127.0.0.1:PORT"}}
	for _, pacing := range []string{"4ms", "8ms", "10ms", "40ms"} {
		contenders = append(contenders,
			peer{"LILO " + pacing, "", "LILO run CLIP --to rtp://127.0.0.1:PORT --pacing " + pacing},
			peer{"bare " + pacing, "", fmt.Sprintf("%s bare -rate %d -pacing %s -port PORT", self, probed.MuxRate, pacing)})
	}
	r.processor = make([]processorShares, len(contenders))
	for range b.rounds {
		for i, c := range contenders {
			share, err := b.processorShare(ctx, c.command)
			if err != nil {
				return err
			}
			r.processor[i].name = c.name
			r.processor[i].rounds = append(r.processor[i].rounds, share)
		}
	}
	return nil
}

// processorShare returns the share of a core that a command takes, from two seconds
// after its start on.
func (b *bench) processorShare(ctx context.Context, command string) (float64, error) {
	conn, port, err := sink()
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	child, err := spawn(ctx, b.arguments(command, port)...)
	if err != nil {
		return 0, err
	}
	defer child.stop()
	pause(ctx, 2*time.Second)
	child.mark()
	pause(ctx, b.seconds/3)
	return child.usage().share, nil
}
