//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The same settings, for LILO that encodes once and for ffmpeg that encodes all the time.
const (
	encodeOnce = "avc,rateControlMode=CBR,bitrate=4M"
	encodeLive = "ffmpeg -v error -nostdin -re -stream_loop -1 -i CLIP -c:v libx264 -b:v 4M -maxrate 4M -bufsize 4M -g 50 -bf 2 " +
		"-x264-params nal-hrd=cbr:b-adapt=0:b-pyramid=none:scenecut=0 -c:a aac -b:a 128k -f mpegts -muxrate 4600000 udp://127.0.0.1:PORT?pkt_size=1316"
)

// encoded is what being on air costs, of one core.
type encoded struct{ looping, live []float64 }

// encoding takes turns with LILO that loops what it has encoded, and with
// ffmpeg that encodes the same live.
func (s *settings) encoding(ctx context.Context, d *document) error {
	if err := os.Setenv("LILO_CACHE", filepath.Join(s.work, "cache")); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, s.lilo, "probe", s.clip(), "--encode", encodeOnce).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	looping := peer{"looping", "", command("LILO run CLIP --encode " + encodeOnce + " --to udp://127.0.0.1:PORT")}
	live := peer{"live", "", command(encodeLive)}
	for range s.rounds {
		a, err := s.cost(ctx, looping)
		if err != nil {
			return err
		}
		b, err := s.cost(ctx, live)
		if err != nil {
			return err
		}
		d.encoded.looping = append(d.encoded.looping, a.share)
		d.encoded.live = append(d.encoded.live, b.share)
	}
	return nil
}

// text tells the ratio, and what a day on air comes to.
func (e *encoded) text() string {
	loop, live := median(e.looping), median(e.live)
	const hours = 24
	return fmt.Sprintf("1280x720 at 25 fps, H.264 CBR at 4 Mb/s and AAC. A day on air takes %.2f core-hours of looping what was encoded once (%s of a core), "+
		"and %.1f of ffmpeg that encodes the same live (%s): 1 to %.0f.\n", hours*loop, percent(loop), hours*live, percent(live), live/loop)
}
