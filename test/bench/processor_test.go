//go:build bench && linux

package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// contender is a command that takes turns with others, and the shares of a core that
// it took, by round.
type contender struct {
	name, command string
	pacing        time.Duration // of its trains, 0 if it has none
	rounds        []float64
	wakes         []float64 // a train
}

func (c contender) median() float64 { return median(c.rounds) }

// takeTurns measures all contenders, again and again, so that a disturbance of the
// machine affects all of them.
func (b *bench) takeTurns(ctx context.Context, all []contender) error {
	for range b.rounds {
		for i := range all {
			used, err := b.processorUsage(ctx, all[i].command)
			if err != nil {
				return err
			}
			all[i].rounds = append(all[i].rounds, used.share)
			all[i].wakes = append(all[i].wakes, used.wakes*all[i].pacing.Seconds())
		}
	}
	return nil
}

// measureProcessor takes turns with LILO, the floor and ffmpeg, all sending to a socket
// that nobody reads.
func (b *bench) measureProcessor(ctx context.Context, r *report) error {
	probed, err := player.Probe(ctx, channel.Spec{Source: b.clip(), Name: "bench"}, player.LocalOptions())
	if err != nil {
		return err
	}
	r.processor = []contender{{name: "ffmpeg `-c copy`, RTP", command: ffmpegCopy + "-f rtp_mpegts rtp://127.0.0.1:PORT"}}
	for _, pacing := range []time.Duration{4 * time.Millisecond, 8 * time.Millisecond, 10 * time.Millisecond, 40 * time.Millisecond} {
		r.processor = append(r.processor, contender{
			name: "LILO " + pacing.String(), pacing: pacing, command: "LILO run CLIP --to rtp://127.0.0.1:PORT --pacing " + pacing.String(),
		})
		if b.floor != "" {
			r.processor = append(r.processor, contender{
				name: "floor " + pacing.String(), pacing: pacing, command: b.floorCommand(1, probed.MuxRate, pacing),
			})
		}
	}
	return b.takeTurns(ctx, r.processor)
}

// processorUsage returns what a command takes, from two seconds after its start on.
func (b *bench) processorUsage(ctx context.Context, command string) (usage, error) {
	conn, port, err := sink()
	if err != nil {
		return usage{}, err
	}
	defer conn.Close()
	child, err := spawn(ctx, b.arguments(command, port)...)
	if err != nil {
		return usage{}, err
	}
	defer child.stop()
	pause(ctx, 2*time.Second)
	child.mark()
	pause(ctx, b.seconds/3)
	return child.usage(), nil
}

// The same settings for LILO, which encodes once, and for ffmpeg, which encodes all the time.
const (
	encodeOnce = "avc,rateControlMode=CBR,bitrate=4M"
	encodeLive = "ffmpeg -v error -nostdin -re -stream_loop -1 -i CLIP -c:v libx264 -b:v 4M -maxrate 4M -bufsize 4M -g 50 -bf 2 " +
		"-x264-params nal-hrd=cbr:b-adapt=0:b-pyramid=none:scenecut=0 -c:a aac -b:a 128k -f mpegts -muxrate 4600000 udp://127.0.0.1:PORT?pkt_size=1316"
)

// measureEncoding takes turns with LILO, which loops what it has encoded, and with
// ffmpeg, which encodes the same live.
func (b *bench) measureEncoding(ctx context.Context, r *report) error {
	if err := os.Setenv("LILO_CACHE", filepath.Join(b.work, "cache")); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, b.lilo, "probe", b.clip(), "--encode", encodeOnce).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	r.encoding = []contender{
		{command: "LILO run CLIP --encode " + encodeOnce + " --to udp://127.0.0.1:PORT"},
		{command: encodeLive},
	}
	return b.takeTurns(ctx, r.encoding)
}

// encodingText returns the ratio, and the processor time of a day on air.
func (r *report) encodingText() string {
	loop, live := r.encoding[0].median(), r.encoding[1].median()
	const hours = 24
	return fmt.Sprintf("1280x720 at 25 fps, H.264 CBR at 4 Mb/s and AAC. A day on air takes %.2f core-hours of looping what was encoded once (%s of a core), "+
		"and %.1f of ffmpeg that encodes the same live (%s): 1 to %.0f.\n", hours*loop, percent(loop), hours*live, percent(live), live/loop)
}
