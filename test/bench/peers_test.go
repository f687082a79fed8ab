//go:build bench && linux

package bench

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/monitor"
)

// peer is a program that plays a file in a loop.
type peer struct {
	name    string
	tool    string // the executable that must be installed; "" for LILO
	command string // with LILO, CLIP, STREAM and PORT to be filled in
}

// measuredPeer is a peer and what was measured of it.
type measuredPeer struct {
	peer
	usage
	report monitor.Report
}

// arguments fills in a command that sends to a port.
func (b *bench) arguments(command string, port int) []string {
	fill := strings.NewReplacer("LILO", b.lilo, "CLIP", b.clip(), "STREAM", b.stream(), "PORT", fmt.Sprint(port))
	return strings.Fields(fill.Replace(command))
}

const ffmpegCopy = "ffmpeg -v quiet -re -stream_loop -1 -i CLIP -c copy "

func peers() []peer {
	return []peer{
		{"LILO", "", "LILO run CLIP --to rtp://127.0.0.1:PORT"},
		{"LILO `--pacing 1ms`", "", "LILO run CLIP --to rtp://127.0.0.1:PORT --pacing 1ms"},
		{"LILO `--pacing 40ms`", "", "LILO run CLIP --to rtp://127.0.0.1:PORT --pacing 40ms"},
		{"ffmpeg `-c copy`, RTP", "ffmpeg", ffmpegCopy + "-f rtp_mpegts rtp://127.0.0.1:PORT"},
		{"ffmpeg `-muxrate 6M`, UDP", "ffmpeg", ffmpegCopy +
			"-muxrate 6M -f mpegts udp://127.0.0.1:PORT?pkt_size=1316&bitrate=6000000"},
		{"TSDuck, regulated, UDP", "tsp", "tsp -I file --infinite STREAM -P pcradjust -P continuity --fix " +
			"-P regulate -O ip --packet-burst 7 127.0.0.1:PORT"},
		{"GStreamer multifilesrc, UDP", "gst-launch-1.0", "gst-launch-1.0 -q multifilesrc location=STREAM " +
			"loop=true ! tsparse alignment=7 set-timestamps=true ! udpsink host=127.0.0.1 port=PORT"},
		{"tsplay -loop, UDP", "tsplay", "tsplay -quiet -loop STREAM 127.0.0.1:PORT"},
	}
}

// measurePeers measures every peer that is installed, one after the other.
func (b *bench) measurePeers(ctx context.Context, r *report) error {
	for _, p := range peers() {
		if _, err := exec.LookPath(p.tool); p.tool != "" && err != nil {
			r.absent = append(r.absent, p.tool)
			continue
		}
		m, err := b.play(ctx, p)
		if err != nil && p.tool == "" {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err != nil {
			r.absent = append(r.absent, fmt.Sprintf("%s (%v)", p.tool, err))
			continue
		}
		r.peers = append(r.peers, m)
	}
	return nil
}

// play runs a peer while its stream is measured.
func (b *bench) play(ctx context.Context, p peer) (measuredPeer, error) {
	conn, port, err := sink()
	if err != nil {
		return measuredPeer{}, err
	}
	conn.Close() // The monitor receives on the port.
	m := measuredPeer{peer: p}
	var child *process
	started := make(chan error, 1)
	m.report, err = monitor.Measure(ctx, []string{fmt.Sprintf("udp://127.0.0.1:%d", port)}, monitor.ReceiveOptions{
		For: b.seconds,
		OnListen: func(net.Addr) {
			var err error
			child, err = spawn(ctx, b.arguments(p.command, port)...)
			started <- err
		},
		OnSecond: func(st monitor.Status) {
			// The start is measured separately.
			if child.base == 0 && st.Elapsed > 2*time.Second {
				child.mark()
			}
		},
	})
	if child == nil {
		return m, err
	}
	if err := <-started; err != nil {
		return m, err
	}
	m.usage = child.usage()
	child.stop()
	return m, err
}
