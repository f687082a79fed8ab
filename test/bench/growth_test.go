//go:build bench && linux

package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// growthRun is one point of a line: what a process takes with so much of something.
type growthRun struct {
	of    string // what grows
	value string // how much of it there is
	count int    // what the processor time is divided by, for the plot
	channelRun
	start float64 // until the first datagram, or until all channels are started, in ms
}

// measureGrowth measures what grows with channels, files, bit rate, destinations and length.
func (b *bench) measureGrowth(ctx context.Context, r *report) error {
	for _, measure := range []func(context.Context, *report) error{
		b.growChannels, b.growFiles, b.growRate, b.growDestinations, b.growLength,
	} {
		began := time.Now()
		if err := measure(ctx, r); err != nil {
			return err
		}
		last := r.growth[len(r.growth)-1]
		fmt.Fprintf(os.Stderr, "bench: growth with %s took %v\n", last.of, time.Since(began).Round(time.Second))
	}
	return nil
}

// grow measures a point with a process that plays channels.
func (b *bench) grow(ctx context.Context, r *report, g growthRun) error {
	g.pacing = "10ms"
	if err := b.run(ctx, &g.channelRun); err != nil {
		return fmt.Errorf("growth, %s %s: %w", g.of, g.value, err)
	}
	g.start = g.StartMS
	r.growth = append(r.growth, g)
	return nil
}

func (b *bench) growChannels(ctx context.Context, r *report) error {
	for _, n := range []int{1, 10, 100, b.many, 2 * b.many} {
		if err := b.grow(ctx, r, growthRun{of: "channels of one file", value: fmt.Sprint(n), count: n, channelRun: channelRun{channels: n}}); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) growFiles(ctx context.Context, r *report) error {
	folder := filepath.Join(b.work, "files")
	small := filepath.Join(b.work, "small.mp4")
	if err := ffmpeg(ctx, encode("testsrc2=size=320x180:rate=25:duration=10", 10, "600k", small)...); err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for _, n := range []int{1, 10, 100, b.many} {
		if err := copies(small, folder, n); err != nil {
			return err
		}
		g := growthRun{of: "files, a channel each", value: fmt.Sprint(n), count: n, channelRun: channelRun{channels: n, file: folder}}
		if err := b.grow(ctx, r, g); err != nil {
			return err
		}
	}
	return nil
}

// copies makes the folder hold so many copies of a file, 0.mp4 and so on.
func copies(file, folder string, n int) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for i := range n {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.mp4", i)), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) growRate(ctx context.Context, r *report) error {
	for _, m := range []int64{1, 5, 20, 80} {
		file := filepath.Join(b.work, fmt.Sprintf("rate-%d.mp4", m))
		const noisy = "testsrc2=size=1280x720:rate=25:duration=10,noise=alls=60:allf=t"
		if err := ffmpeg(ctx, encode(noisy, 10, fmt.Sprintf("%dk", m*1000*3/5), file)...); err != nil {
			return err
		}
		run := channelRun{channels: 1, file: file, rate: m * 1_000_000}
		if err := b.grow(ctx, r, growthRun{of: "bit rate", value: fmt.Sprintf("%d Mb/s", m), count: int(m), channelRun: run}); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) growDestinations(ctx context.Context, r *report) error {
	for _, n := range []int{1, 10, 100} {
		run := channelRun{channels: 1, destinations: n}
		if err := b.grow(ctx, r, growthRun{of: "destinations of one channel", value: fmt.Sprint(n), count: n, channelRun: run}); err != nil {
			return err
		}
	}
	return nil
}

// growLength measures the first datagram and the memory of lilo run. The processor time of
// a channel does not depend on the length.
func (b *bench) growLength(ctx context.Context, r *report) error {
	day := filepath.Join(b.work, "day.mp4")
	if err := ffmpeg(ctx, "-stream_loop", "11", "-i", b.twoHours(), "-c", "copy", day); err != nil {
		return err
	}
	defer os.Remove(day)
	for _, l := range []struct{ value, file string }{{"10 s", b.clip()}, {"2 h", b.twoHours()}, {"24 h", day}} {
		g := growthRun{of: "length of the file", value: l.value, count: 1}
		var starts []float64
		for range 2*b.rounds + 1 {
			if err := b.startOnce(ctx, l.file, &g, &starts); err != nil {
				return err
			}
		}
		g.start = median(starts)
		r.growth = append(r.growth, g)
	}
	return nil
}

// startOnce starts LILO on a file, and measures the first datagram and a second of playing.
func (b *bench) startOnce(ctx context.Context, file string, g *growthRun, starts *[]float64) error {
	conn, port, err := sink()
	if err != nil {
		return err
	}
	defer conn.Close()
	took, child, err := firstDatagram(ctx, conn, b.lilo, "run", file, "--to", fmt.Sprintf("rtp://127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	defer child.stop()
	*starts = append(*starts, took)
	pause(ctx, 2*time.Second)
	child.mark()
	pause(ctx, 3*time.Second)
	g.usage = child.usage()
	return nil
}

// growthText returns the table, and a plot for each line that has several counts.
func (r *report) growthText() string {
	cells := [][]string{{"what grows", "", "processor", "for each", "memory", "lateness p99.9, worst channel", "start"}}
	for _, g := range r.growth {
		late := fmt.Sprintf("%.2f ms", g.Late999)
		if g.Datagrams == 0 {
			late = "–" // It was not measured.
		}
		cells = append(cells, []string{
			g.of, g.value, percent(g.share), percent(g.share / float64(g.count)), fmt.Sprintf("%.1f MB", g.peak), late, fmt.Sprintf("%.0f ms", g.start),
		})
	}
	var b strings.Builder
	b.WriteString("Channels of 5 Mb/s, but for the bit rate, at `--pacing 10ms`. *For each* is the processor time by channel, file, Mb/s or destination: where it rises, " +
		"the line bends upwards. *Start* is until all channels are started, or for a length until the first datagram.\n\n" + markdown(cells))
	plot(&b, r.growth)
	return b.String()
}

// plot writes the processor time for each, of one line after the other.
func plot(b io.Writer, all []growthRun) {
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].of == all[0].of {
			n++
		}
		var values, shares []string
		for _, g := range all[:n] {
			values = append(values, fmt.Sprintf("%q", g.value))
			shares = append(shares, fmt.Sprintf("%.4f", 100*g.share/float64(g.count)))
		}
		fmt.Fprintf(b, "\n```mermaid\nxychart-beta\n    title \"Processor for each: %s\"\n    x-axis [%s]\n    y-axis \"%% of a core\"\n    line [%s]\n```\n",
			all[0].of, strings.Join(values, ", "), strings.Join(shares, ", "))
		all = all[n:]
	}
}
