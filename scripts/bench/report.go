//go:build linux

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/monitor"
)

// report is what was measured.
type report struct {
	bench      bench
	machine    []string
	absent     []string // peers that are not installed
	peers      []measuredPeer
	processor  []processorShares
	channels   []channelRun
	start      []float64    // from the start of the process to the first datagram, in ms
	startPeak  float64      // resident memory, in MB
	remote     [2][]float64 // the same of a remote file, in ms: index at the end, at the front
	remoteNote string       // why it was not measured
	encoding   encodingShares
}

func (r *report) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nMeasured on %s by `make bench`, which repeats all of it.\n\n", time.Now().UTC().Format(time.DateOnly))
	for _, f := range r.machine {
		fmt.Fprintf(&b, "- %s\n", f)
	}
	b.WriteString(`
What is played: ten seconds of 1280x720 at 25 fps, H.264 and AAC, 4.4 Mb/s; to 127.0.0.1. Streams are
measured by ` + "`lilo monitor`" + `'s own analyser with the kernel's arrival times, over ` + r.bench.seconds.String() + `.
Processor times are those of all threads of a process, from two seconds after its start on; memory is
the highest resident size.
`)
	if r.bench.note != "" {
		fmt.Fprintf(&b, "\n%s\n", r.bench.note)
	}
	b.WriteString("\n## Goals\n\n| what | goal | measured | |\n|---|---|---|---|\n" + r.goals())
	b.WriteString("\n## LILO and its peers\n\n" + r.peersTable())
	if len(r.absent) > 0 {
		fmt.Fprintf(&b, "\nNot measured, since not installed or not sending: %s.\n", strings.Join(r.absent, ", "))
	}
	b.WriteString("\n## Processor, closely\n\nOne channel, to a socket that nobody reads; " +
		"the contenders took turns, the median counts. *Bare* is a UDP sender of empty datagrams in the same trains, with the same clock.\n\n" + r.processorTable())
	b.WriteString("\n## Many channels in one process\n\nOf 5 Mb/s each, as `lilo serve` plays them: all of one file.\n" +
		"*Bare senders* send the same trains at the same instants, from memory that holds nothing: what no sender in one thread can do without here.\n\n" + r.channelsTable())
	fmt.Fprintf(&b, "\n## Start\n\nFrom the start of the process to its first datagram, two-hour file, in the page cache: median %.0f ms, "+
		"at most %.0f ms of %d starts. Memory while it plays: %.1f MB.\n", median(r.start), slices.Max(r.start), len(r.start), r.startPeak)
	b.WriteString("\n" + r.remoteText() + "\n")
	b.WriteString("\n## Encoding once\n\n" + r.encoding.text())
	return b.String()
}

// row is one line of the goals.
type row struct {
	what, goal, measured string
	met                  bool
}

func (r *report) goals() string {
	var b strings.Builder
	for _, row := range r.rows() {
		mark := "met"
		if !row.met {
			mark = "**missed**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", row.what, row.goal, row.measured, mark)
	}
	return b.String()
}

func (r *report) rows() []row {
	lilo, quick := r.peers[0], r.peers[1]
	video := lilo.step("video")
	errors := lilo.report.Errors()
	rows := []row{
		{"error of the video step at a lap", "≤ 0.011 ms", fmt.Sprintf("%.3f ms", video), math.Abs(video) <= 0.0112},
		{"errors of TR 101 290 and beyond, in all", "0", fmt.Sprint(errors), errors == 0},
	}
	if a := lilo.report.PCR.AccuracyNS; a != nil {
		rows = append(rows, row{"PCR accuracy", "≤ 37 ns", fmt.Sprintf("%.0f ns", a.Max), a.Max <= 37.5})
	}
	if j := quick.report.PCR.JitterMS; j != nil {
		rows = append(rows, row{"PCR arrival jitter, `--pacing 1ms`, p99.9", "< 2 ms", fmt.Sprintf("%.2f ms", j.P999), j.P999 < 2})
	}
	rows = append(rows, r.processorRows()...)
	start := median(r.start)
	rows = append(rows, r.remoteRows()...)
	return append(rows,
		row{"memory, one channel", "≤ 32 MB", fmt.Sprintf("%.1f MB", lilo.peak), lilo.peak <= 32},
		row{"first datagram, two-hour file", "≤ 300 ms", fmt.Sprintf("%.0f ms", start), start <= 300})
}

func (r *report) processorRows() []row {
	of := func(name string) float64 {
		for _, c := range r.processor {
			if c.name == name {
				return c.median()
			}
		}
		return 0
	}
	ratio := func(what string, a, b, goal float64) row {
		return row{what, fmt.Sprintf("≤ %.2f ×", goal), fmt.Sprintf("%.2f × (%s of %s)", a/b, percent(a), percent(b)), a <= goal*b}
	}
	ffmpeg := of("ffmpeg `-c copy`, RTP")
	rows := []row{
		ratio("processor against ffmpeg, default pacing", of("LILO 8ms"), ffmpeg, 1),
		ratio("processor against ffmpeg, `--pacing 40ms`", of("LILO 40ms"), ffmpeg, 0.2),
		ratio("processor against the bare sender, 8 ms", of("LILO 8ms"), of("bare 8ms"), 1.25),
	}
	for i, goal := range []float64{0.0006, 0.001} {
		one, more := r.channels[2*i], r.channels[2*i+1]
		each := (more.share - one.share) / float64(more.channels-one.channels)
		rows = append(rows, row{
			"processor, each further channel, " + one.pacing, "≤ " + percent(goal), percent(each), each <= goal,
		})
	}
	bare, all, guest := r.channels[4], r.channels[5], r.channels[6]
	return append(rows,
		row{fmt.Sprintf("processor, %d channels, 10 ms", all.channels), "≤ 1 core", percent(all.share), all.share <= 1},
		row{
			"lateness of them, p99.9", "< 2 ms",
			fmt.Sprintf("%.2f ms (median channel), %.2f ms (worst); bare senders beside them %.2f ms, %.2f ms",
				all.MedianLate999, all.Late999, bare.MedianLate999, bare.Late999),
			all.Late999 < 2,
		},
		row{
			"the same while another starts and stops each second", "unchanged",
			fmt.Sprintf("%.2f ms with, %.2f ms without it (median channel, median of %d periods each, in turns of %v)",
				median(guest.Visited), median(guest.Alone), len(guest.Visited), guest.period),
			len(guest.Visited) > 0 && median(guest.Visited) <= 1.1*median(guest.Alone),
		},
		row{"memory, each further channel of a file", "< 1 MB", fmt.Sprintf("%.2f MB", all.EachMB), all.EachMB < 1})
}

// step returns the worst error of a stream's steps, in ms.
func (m *measuredPeer) step(kind string) float64 {
	worst := 0.0
	for _, s := range m.report.Streams {
		if s.Kind == kind && math.Abs(s.WorstStepMS) > math.Abs(worst) {
			worst = s.WorstStepMS
		}
	}
	return worst
}

// percent formats a share with three digits.
func percent(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }

func (r *report) peersTable() string {
	rows := []struct {
		what string
		of   func(*measuredPeer) string
	}{
		{"video step, worst error", func(m *measuredPeer) string { return fmt.Sprintf("%+.1f ms", m.step("video")) }},
		{"audio step, worst error", func(m *measuredPeer) string { return fmt.Sprintf("%+.1f ms", m.step("audio")) }},
		{"continuity errors", func(m *measuredPeer) string { return fmt.Sprint(m.report.Count(monitor.Continuity)) }},
		{"PCR jumps", func(m *measuredPeer) string { return fmt.Sprint(m.report.Count(monitor.PCRJump)) }},
		{"errors in all", func(m *measuredPeer) string { return fmt.Sprint(m.report.Errors()) }},
		{"RTP timestamps back", func(m *measuredPeer) string {
			if m.report.RTP == nil {
				return "–"
			}
			return fmt.Sprint(m.report.RTP.Backwards)
		}},
		{"constant rate", func(m *measuredPeer) string {
			if m.report.Rate.Constant {
				return "yes"
			}
			return "no"
		}},
		{"PCR interval, longest", func(m *measuredPeer) string { return fmt.Sprintf("%.0f ms", m.report.PCR.IntervalMS.Max) }},
		{"PCR jitter, p99.9", func(m *measuredPeer) string {
			if m.report.PCR.JitterMS == nil {
				return "–"
			}
			return fmt.Sprintf("%.2f ms", m.report.PCR.JitterMS.P999)
		}},
		{"PCR jitter, peak to peak", func(m *measuredPeer) string { return fmt.Sprintf("%.2f ms", m.report.PCR.JitterPeakMS) }},
		{"processor, of one core", func(m *measuredPeer) string { return percent(m.share) }},
		{"memory", func(m *measuredPeer) string { return fmt.Sprintf("%.1f MB", m.peak) }},
	}
	var b strings.Builder
	b.WriteString("| |")
	for _, m := range r.peers {
		b.WriteString(" " + m.name + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(r.peers)) + "\n")
	for _, row := range rows {
		b.WriteString("| " + row.what + " |")
		for i := range r.peers {
			b.WriteString(" " + row.of(&r.peers[i]) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (r *report) processorTable() string {
	var b strings.Builder
	b.WriteString("| | of one core | rounds |\n|---|---|---|\n")
	for _, c := range r.processor {
		var rounds []string
		for _, r := range c.rounds {
			rounds = append(rounds, percent(r))
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", c.name, percent(c.median()), strings.Join(rounds, ", "))
	}
	return b.String()
}

// label names the run in the table.
func (c *channelRun) label() string {
	if c.bare {
		return fmt.Sprintf("%d bare senders", c.channels)
	}
	if c.guests == 0 {
		return fmt.Sprint(c.channels)
	}
	if c.guests == 1 {
		return fmt.Sprintf("%d, and one that comes and goes each second, every other %v", c.channels, c.period)
	}
	return fmt.Sprintf("%d, and %d that come and go, 100 times a second", c.channels, c.guests)
}

func (r *report) channelsTable() string {
	var b strings.Builder
	b.WriteString("| channels | pacing | processor | memory | each further | lateness p99.9, median channel | worst channel | dropped | skipped | read too late |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range r.channels {
		fmt.Fprintf(&b, "| %s | %s | %s | %.0f MB | %.2f MB | %.2f ms | %.2f ms | %d | %d | %d |\n", c.label(), c.pacing, percent(c.share),
			c.peak, c.EachMB, c.MedianLate999, c.Late999, c.Dropped, c.Skipped, c.Starved)
	}
	return b.String()
}
