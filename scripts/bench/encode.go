//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The same settings for LILO, which encodes once, and for ffmpeg, which encodes all the time.
const (
	encodeOnce = "avc,rateControlMode=CBR,bitrate=4M"
	encodeLive = "ffmpeg -v error -nostdin -re -stream_loop -1 -i CLIP -c:v libx264 -b:v 4M -maxrate 4M -bufsize 4M -g 50 -bf 2 " +
		"-x264-params nal-hrd=cbr:b-adapt=0:b-pyramid=none:scenecut=0 -c:a aac -b:a 128k -f mpegts -muxrate 4600000 udp://127.0.0.1:PORT?pkt_size=1316"
)

// encodingShares are the shares of a core that being on air takes, by round.
type encodingShares struct{ looping, live []float64 }

// measureEncoding takes turns with LILO, which loops what it has encoded, and with
// ffmpeg, which encodes the same live.
func (b *bench) measureEncoding(ctx context.Context, r *report) error {
	if err := os.Setenv("LILO_CACHE", filepath.Join(b.work, "cache")); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, b.lilo, "probe", b.clip(), "--encode", encodeOnce).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	for range b.rounds {
		looping, err := b.processorShare(ctx, "LILO run CLIP --encode "+encodeOnce+" --to udp://127.0.0.1:PORT")
		if err != nil {
			return err
		}
		live, err := b.processorShare(ctx, encodeLive)
		if err != nil {
			return err
		}
		r.encoding.looping = append(r.encoding.looping, looping)
		r.encoding.live = append(r.encoding.live, live)
	}
	return nil
}

// text returns the ratio, and what a day on air amounts to.
func (e *encodingShares) text() string {
	loop, live := median(e.looping), median(e.live)
	const hours = 24
	return fmt.Sprintf("1280x720 at 25 fps, H.264 CBR at 4 Mb/s and AAC. A day on air takes %.2f core-hours of looping what was encoded once (%s of a core), "+
		"and %.1f of ffmpeg that encodes the same live (%s): 1 to %.0f.\n", hours*loop, percent(loop), hours*live, percent(live), live/loop)
}
