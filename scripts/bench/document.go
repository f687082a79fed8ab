//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/monitor"
)

// document is what was measured.
type document struct {
	settings    settings
	machine     []string
	absent      []string // peers that are not installed
	peers       []measured
	costs       []cost
	several     []several
	first       []float64    // ms
	twoHourPeak float64      // MB
	remote      [2][]float64 // ms: index at the end, at the front
	remoteNote  string       // why it was not measured
	encoded     encoded
}

func (d *document) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nMeasured on %s by `make bench`, which repeats all of it.\n\n", time.Now().UTC().Format(time.DateOnly))
	for _, f := range d.machine {
		fmt.Fprintf(&b, "- %s\n", f)
	}
	b.WriteString(`
What is played: ten seconds of 1280x720 at 25 fps, H.264 and AAC, 4.4 Mb/s; to 127.0.0.1. Streams are
measured by ` + "`lilo monitor`" + `'s own analyser with the kernel's arrival times, over ` + d.settings.seconds.String() + `.
Processor times are those of all threads of a process, from two seconds after its start on; memory is
the highest resident size.
`)
	if d.settings.note != "" {
		fmt.Fprintf(&b, "\n%s\n", d.settings.note)
	}
	b.WriteString("\n## Goals\n\n| what | goal | measured | |\n|---|---|---|---|\n" + d.goals())
	b.WriteString("\n## LILO and its peers\n\n" + d.peersTable())
	if len(d.absent) > 0 {
		fmt.Fprintf(&b, "\nNot measured, since not installed or not sending: %s.\n", strings.Join(d.absent, ", "))
	}
	b.WriteString("\n## Processor, closely\n\nOne channel, to a socket that nobody reads; " +
		"the contenders took turns, the median counts. *Bare* is a UDP sender of empty datagrams in the same trains, with the same clock.\n\n" + d.costTable())
	b.WriteString("\n## Many channels in one process\n\nOf 5 Mb/s each, as `lilo serve` plays them: all of one file.\n" +
		"*Bare senders* send the same trains at the same instants, from memory that holds nothing: what no sender in one thread can do without here.\n\n" + d.severalTable())
	fmt.Fprintf(&b, "\n## Start\n\nFrom the start of the process to its first datagram, two-hour file, in the page cache: median %.0f ms, "+
		"at most %.0f ms of %d starts. Memory while it plays: %.1f MB.\n", median(d.first), highest(d.first), len(d.first), d.twoHourPeak)
	b.WriteString("\n" + d.remoteText() + "\n")
	b.WriteString("\n## Encoding once\n\n" + d.encoded.text())
	return b.String()
}

func highest(values []float64) float64 {
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	return top
}

// row is one line of the goals.
type row struct {
	what, goal, measured string
	met                  bool
}

func (d *document) goals() string {
	var b strings.Builder
	for _, r := range d.rows() {
		mark := "met"
		if !r.met {
			mark = "**missed**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.what, r.goal, r.measured, mark)
	}
	return b.String()
}

func (d *document) rows() []row {
	lilo, quick := d.peers[0], d.peers[1]
	video := lilo.step("video")
	errors := lilo.report.Errors()
	rows := []row{
		{"error of the video step at a lap", "≤ 0.011 ms", fmt.Sprintf("%.3f ms", video), abs(video) <= 0.0112},
		{"errors of TR 101 290 and beyond, in all", "0", fmt.Sprint(errors), errors == 0},
	}
	if a := lilo.report.PCR.AccuracyNS; a != nil {
		rows = append(rows, row{"PCR accuracy", "≤ 37 ns", fmt.Sprintf("%.0f ns", a.Max), a.Max <= 37.5})
	}
	if j := quick.report.PCR.JitterMS; j != nil {
		rows = append(rows, row{"PCR arrival jitter, `--pacing 1ms`, p99.9", "< 2 ms", fmt.Sprintf("%.2f ms", j.P999), j.P999 < 2})
	}
	rows = append(rows, d.processorRows()...)
	first := median(d.first)
	rows = append(rows, d.remoteRows()...)
	return append(rows,
		row{"memory, one channel", "≤ 32 MB", fmt.Sprintf("%.1f MB", lilo.peak), lilo.peak <= 32},
		row{"first datagram, two-hour file", "≤ 300 ms", fmt.Sprintf("%.0f ms", first), first <= 300})
}

func (d *document) processorRows() []row {
	of := func(name string) float64 {
		for _, c := range d.costs {
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
		one, more := d.several[2*i], d.several[2*i+1]
		each := (more.share - one.share) / float64(more.channels-one.channels)
		rows = append(rows, row{
			"processor, each further channel, " + one.pacing, "≤ " + percent(goal), percent(each), each <= goal,
		})
	}
	bare, all, guest := d.several[4], d.several[5], d.several[6]
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

// step is the worst error of a stream's steps, in ms.
func (m *measured) step(kind string) float64 {
	worst := 0.0
	for _, s := range m.report.Streams {
		if s.Kind == kind && abs(s.WorstStepMS) > abs(worst) {
			worst = s.WorstStepMS
		}
	}
	return worst
}

// count is how often a check found an error.
func (m *measured) count(check monitor.Check) int64 {
	for _, c := range m.report.Checks {
		if c.Check == check {
			return c.Count
		}
	}
	return 0
}

func abs(v float64) float64 { return max(v, -v) }

func percent(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }

func (d *document) peersTable() string {
	rows := []struct {
		what string
		of   func(*measured) string
	}{
		{"video step, worst error", func(m *measured) string { return fmt.Sprintf("%+.1f ms", m.step("video")) }},
		{"audio step, worst error", func(m *measured) string { return fmt.Sprintf("%+.1f ms", m.step("audio")) }},
		{"continuity errors", func(m *measured) string { return fmt.Sprint(m.count(monitor.Continuity)) }},
		{"PCR jumps", func(m *measured) string { return fmt.Sprint(m.count(monitor.PCRJump)) }},
		{"errors in all", func(m *measured) string { return fmt.Sprint(m.report.Errors()) }},
		{"RTP timestamps back", func(m *measured) string {
			if m.report.RTP == nil {
				return "–"
			}
			return fmt.Sprint(m.report.RTP.Backwards)
		}},
		{"constant rate", func(m *measured) string {
			if m.report.Rate.Constant {
				return "yes"
			}
			return "no"
		}},
		{"PCR interval, longest", func(m *measured) string { return fmt.Sprintf("%.0f ms", m.report.PCR.IntervalMS.Max) }},
		{"PCR jitter, p99.9", func(m *measured) string {
			if m.report.PCR.JitterMS == nil {
				return "–"
			}
			return fmt.Sprintf("%.2f ms", m.report.PCR.JitterMS.P999)
		}},
		{"PCR jitter, peak to peak", func(m *measured) string { return fmt.Sprintf("%.2f ms", m.report.PCR.JitterPeakMS) }},
		{"processor, of one core", func(m *measured) string { return percent(m.share) }},
		{"memory", func(m *measured) string { return fmt.Sprintf("%.1f MB", m.peak) }},
	}
	var b strings.Builder
	b.WriteString("| |")
	for _, m := range d.peers {
		b.WriteString(" " + m.name + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(d.peers)) + "\n")
	for _, r := range rows {
		b.WriteString("| " + r.what + " |")
		for i := range d.peers {
			b.WriteString(" " + r.of(&d.peers[i]) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (d *document) costTable() string {
	var b strings.Builder
	b.WriteString("| | of one core | rounds |\n|---|---|---|\n")
	for _, c := range d.costs {
		var rounds []string
		for _, r := range c.rounds {
			rounds = append(rounds, percent(r))
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", c.name, percent(c.median()), strings.Join(rounds, ", "))
	}
	return b.String()
}

func (c *several) named() string {
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

func (d *document) severalTable() string {
	var b strings.Builder
	b.WriteString("| channels | pacing | processor | memory | each further | lateness p99.9, median channel | worst channel | dropped | skipped | read too late |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range d.several {
		fmt.Fprintf(&b, "| %s | %s | %s | %.0f MB | %.2f MB | %.2f ms | %.2f ms | %d | %d | %d |\n", c.named(), c.pacing, percent(c.share),
			c.peak, c.EachMB, c.MedianLate999, c.Late999, c.Dropped, c.Skipped, c.Starved)
	}
	return b.String()
}
