//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/monitor"
)

// peer is something that plays a file in a loop.
type peer struct {
	name string
	tool string // that it takes
	args func(s *settings, port int) []string
}

// measured is what a peer did.
type measured struct {
	peer
	usage
	report monitor.Report
}

func command(format string) func(*settings, int) []string {
	return func(s *settings, port int) []string {
		fill := strings.NewReplacer("LILO", s.lilo, "CLIP", s.clip(), "STREAM", s.stream(), "PORT", fmt.Sprint(port))
		return strings.Fields(fill.Replace(format))
	}
}

func lilos() []peer {
	return []peer{
		{"LILO", "", command("LILO run CLIP --to rtp://127.0.0.1:PORT")},
		{"LILO `--pacing 1ms`", "", command("LILO run CLIP --to rtp://127.0.0.1:PORT --pacing 1ms")},
		{"LILO `--pacing 40ms`", "", command("LILO run CLIP --to rtp://127.0.0.1:PORT --pacing 40ms")},
	}
}

const ffmpegCopy = "ffmpeg -v quiet -re -stream_loop -1 -i CLIP -c copy "

func others() []peer {
	return []peer{
		{"ffmpeg `-c copy`, RTP", "ffmpeg", command(ffmpegCopy + "-f rtp_mpegts rtp://127.0.0.1:PORT")},
		{"ffmpeg `-muxrate 6M`, UDP", "ffmpeg", command(ffmpegCopy +
			"-muxrate 6M -f mpegts udp://127.0.0.1:PORT?pkt_size=1316&bitrate=6000000")},
		{"TSDuck, regulated, UDP", "tsp", command("tsp -I file --infinite STREAM -P pcradjust -P continuity --fix " +
			"-P regulate -O ip --packet-burst 7 127.0.0.1:PORT")},
		{"GStreamer multifilesrc, UDP", "gst-launch-1.0", command("gst-launch-1.0 -q multifilesrc location=STREAM " +
			"loop=true ! tsparse alignment=7 set-timestamps=true ! udpsink host=127.0.0.1 port=PORT")},
		{"tsplay -loop, UDP", "tsplay", command("tsplay -quiet -loop STREAM 127.0.0.1:PORT")},
	}
}

// peers measures everything that is installed, one after the other.
func (s *settings) peers(ctx context.Context, d *document) error {
	for _, p := range append(lilos(), others()...) {
		if _, err := exec.LookPath(p.tool); p.tool != "" && err != nil {
			d.absent = append(d.absent, p.tool)
			continue
		}
		m, err := s.play(ctx, p)
		if err != nil && p.tool == "" {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err != nil {
			d.absent = append(d.absent, fmt.Sprintf("%s (%v)", p.tool, err))
			continue
		}
		d.peers = append(d.peers, m)
	}
	return nil
}

// play runs a peer while its stream is measured.
func (s *settings) play(ctx context.Context, p peer) (measured, error) {
	port, err := freePort()
	if err != nil {
		return measured{}, err
	}
	m := measured{peer: p}
	var child *process
	started := make(chan error, 1)
	m.report, err = monitor.Receive(ctx, fmt.Sprintf("udp://127.0.0.1:%d", port), monitor.ReceiveOptions{
		For: s.seconds,
		OnListen: func(net.Addr) {
			var err error
			child, err = spawn(ctx, p.args(s, port)...)
			started <- err
		},
		OnSecond: func(st monitor.Status) {
			// The start has its own measurement.
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

func freePort() (int, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).Port, nil
}
