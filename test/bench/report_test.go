//go:build bench && linux

package bench

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/monitor"
)

// report is what was measured.
type report struct {
	bench      bench
	machine    []string
	busy       string   // what else was running
	absent     []string // peers that are not installed
	peers      []measuredPeer
	processor  []contender
	channels   []channelRun
	start      []float64    // from the start of the process to the first datagram, in ms
	startPeak  float64      // resident memory, in MB
	remote     [2][]float64 // the same of a remote file, in ms: index at the end, at the front
	remoteNote string       // why it was not measured
	serve      serveRun
	encoding   []contender // looping what was encoded once, and encoding live
	growth     []growthRun
}

// section is a part of the document.
type section struct{ title, body string }

// intro is what precedes the sections.
func (r *report) intro() string {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\nMeasured by `make bench`, which repeats all of it, or parts (`ARGS=\"-parts start,growth\"`).\n\n")
	for _, f := range r.machine {
		fmt.Fprintf(&b, "- %s\n", f)
	}
	b.WriteString(`
What is played, unless a section says otherwise: ten seconds of 1280x720 at 25 fps, H.264 and AAC, 4.4 Mb/s; to 127.0.0.1. Processor times are
those of all threads of a process, from two seconds after its start on; memory is the highest resident size.
`)
	if r.bench.note != "" {
		fmt.Fprintf(&b, "\n%s\n", r.bench.note)
	}
	return b.String()
}

// sections returns what was measured. Each says when, and what else was running.
func (r *report) sections() (all []section) {
	add := func(title, body string) {
		all = append(all, section{title, fmt.Sprintf("Measured on %s. %s\n\n%s", time.Now().UTC().Format(time.DateOnly), r.busy, body)})
	}
	if len(r.peers) > 0 {
		text := fmt.Sprintf("Streams are measured by `lilo monitor`'s own analyser with the kernel's arrival times, over %v.\n\n%s", r.bench.seconds, r.peersTable())
		if len(r.absent) > 0 {
			text += fmt.Sprintf("\nNot measured, since not installed or not sending: %s.\n", strings.Join(r.absent, ", "))
		}
		add("LILO and its peers", text)
	}
	if len(r.processor) > 0 {
		add("Processor, closely", "One channel, to a socket that nobody reads; the contenders took turns, the median counts. "+r.floorText()+
			"Wake-ups are context switches of all threads.\n\n"+r.processorTable())
	}
	if len(r.channels) > 0 {
		add("Many channels in one process", "Of 5 Mb/s each, as `lilo serve` plays them: all of one file.\n\n"+r.channelsTable())
	}
	if len(r.start) > 0 {
		add("Start", fmt.Sprintf("From the start of the process to its first datagram, two-hour file, in the page cache: median %.0f ms, "+
			"at most %.0f ms of %d starts. Memory while it plays: %.1f MB.\n", median(r.start), slices.Max(r.start), len(r.start), r.startPeak))
	}
	if r.remoteNote != "" || len(r.remote[0]) > 0 {
		add("Start of a remote file", r.remoteText()+"\n")
	}
	if len(r.serve.restart) > 0 {
		add("Calls of the API", r.serveText())
	}
	if len(r.encoding) > 0 {
		add("Encoding once", r.encodingText())
	}
	if len(r.growth) > 0 {
		add("Growth", r.growthText())
	}
	return all
}

// row is one line of the goals.
type row struct {
	what, goal, measured string
	met                  bool
}

// markdown formats a table; its first row is the header.
func markdown(rows [][]string) string {
	var b strings.Builder
	for i, cells := range rows {
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
		}
	}
	return b.String()
}

// goals returns the lines of the table of goals that were measured.
func (r *report) goals() (lines [][]string) {
	for _, row := range r.rows() {
		mark := "met"
		if !row.met {
			mark = "**missed**"
		}
		lines = append(lines, []string{row.what, row.goal, row.measured, mark})
	}
	return lines
}

func (r *report) rows() []row {
	rows := slices.Concat(r.peerRows(), r.processorRows(), r.channelRows(), r.serveRows(), r.remoteRows())
	if len(r.start) > 0 {
		start := median(r.start)
		rows = append(rows, row{"first datagram, two-hour file", "≤ 100 ms", fmt.Sprintf("%.0f ms", start), start <= 100})
	}
	return rows
}

func (r *report) peerRows() []row {
	if len(r.peers) == 0 {
		return nil
	}
	lilo, quick := r.peers[0], r.peers[1]
	video := lilo.step("video")
	errors := lilo.report.Errors()
	rows := []row{
		{"error of the video step at a lap", "≤ 0.011 ms", fmt.Sprintf("%.3f ms", video), math.Abs(video) <= 0.0112},
		{"errors of TR 101 290 and beyond, in all", "0", fmt.Sprint(errors), errors == 0},
		{"memory, one channel", "≤ 24 MB", fmt.Sprintf("%.1f MB", lilo.peak), lilo.peak <= 24},
	}
	if a := lilo.report.PCR.AccuracyNS; a != nil {
		rows = append(rows, row{"PCR accuracy", "≤ 37 ns", fmt.Sprintf("%.0f ns", a.Max), a.Max <= 37.5})
	}
	if j := quick.report.PCR.JitterMS; j != nil {
		rows = append(rows, row{"PCR arrival jitter, `--pacing 1ms`, p99.9", "< 1.5 ms", fmt.Sprintf("%.2f ms", j.P999), j.P999 < 1.5})
	}
	return rows
}

// ratio is the row of a goal for a share of a core against another one.
func ratio(what string, a, b, goal float64) row {
	return row{what, fmt.Sprintf("≤ %.2f ×", goal), fmt.Sprintf("%.2f × (%s of %s)", a/b, percent(a), percent(b)), a <= goal*b}
}

func (r *report) processorRows() []row {
	if len(r.processor) == 0 {
		return nil
	}
	of := func(name string) float64 {
		for _, c := range r.processor {
			if c.name == name {
				return c.median()
			}
		}
		return 0
	}
	ffmpeg := of("ffmpeg `-c copy`, RTP")
	rows := []row{
		ratio("processor against ffmpeg, default pacing", of("LILO 8ms"), ffmpeg, 0.6),
		ratio("processor against ffmpeg, `--pacing 40ms`", of("LILO 40ms"), ffmpeg, 0.2),
	}
	if r.bench.floor != "" {
		rows = append(rows,
			ratio("processor against the floor, 8 ms", of("LILO 8ms"), of("floor 8ms"), 1.3),
			ratio("processor against the floor, 40 ms", of("LILO 40ms"), of("floor 40ms"), 1.3))
	}
	return rows
}

func (r *report) channelRows() (rows []row) {
	if len(r.channels) == 0 {
		return nil
	}
	for i, goal := range []float64{0.0006, 0.001} {
		one, more := r.channels[2*i], r.channels[2*i+1]
		each := (more.share - one.share) / float64(more.channels-one.channels)
		rows = append(rows, row{
			"processor, each further channel, " + one.pacing, "≤ " + percent(goal), percent(each), each <= goal,
		})
	}
	many := r.channels[4:]
	late := "%.2f ms (median channel), %.2f ms (worst)"
	beside := ""
	if many[0].floor {
		floor := many[0]
		many = many[1:]
		rows = append(rows, ratio(fmt.Sprintf("processor of %d channels against as many sockets of the floor", floor.channels), many[0].share, floor.share, 1.3))
		beside = "; the floor beside them " + fmt.Sprintf(late, floor.MedianLate999, floor.Late999)
	}
	all, guest := many[0], many[1]
	return append(rows,
		row{
			"lateness of them, p99.9", "< 2 ms",
			fmt.Sprintf(late, all.MedianLate999, all.Late999) + beside, all.Late999 < 2,
		},
		row{
			"the same while another starts and stops each second", "unchanged",
			fmt.Sprintf("%.2f ms with, %.2f ms without it (median channel, median of %d periods each, in turns of %v)",
				median(guest.Visited), median(guest.Alone), len(guest.Visited), guest.period),
			len(guest.Visited) > 0 && median(guest.Visited) <= 1.1*median(guest.Alone),
		},
		row{"memory, each further channel of a file", "≤ 0.65 MB", fmt.Sprintf("%.2f MB", all.EachMB), all.EachMB <= 0.65})
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
	var cells [][]string
	for _, what := range []string{
		"", "video step, worst error", "audio step, worst error", "continuity errors", "PCR jumps", "errors in all",
		"RTP timestamps back", "constant rate", "PCR interval, longest", "PCR jitter, p99.9", "PCR jitter, peak to peak",
		"processor, of one core", "memory",
	} {
		cells = append(cells, []string{what})
	}
	ms := func(v float64) string { return fmt.Sprintf("%.2f ms", v) }
	for _, m := range r.peers {
		backwards, constant, jitter, pcr := "–", "no", "–", m.report.PCR
		if m.report.RTP != nil {
			backwards = fmt.Sprint(m.report.RTP.Backwards)
		}
		if m.report.Rate.Constant {
			constant = "yes"
		}
		if pcr.JitterMS != nil {
			jitter = ms(pcr.JitterMS.P999)
		}
		for i, text := range []string{
			m.name, fmt.Sprintf("%+.1f ms", m.step("video")), fmt.Sprintf("%+.1f ms", m.step("audio")),
			fmt.Sprint(m.report.Count(monitor.Continuity)), fmt.Sprint(m.report.Count(monitor.PCRJump)), fmt.Sprint(m.report.Errors()),
			backwards, constant, fmt.Sprintf("%.0f ms", pcr.IntervalMS.Max), jitter, ms(pcr.JitterPeakMS),
			percent(m.share), fmt.Sprintf("%.1f MB", m.peak),
		} {
			cells[i] = append(cells[i], text)
		}
	}
	return markdown(cells)
}

func (r *report) processorTable() string {
	cells := [][]string{{"", "of one core", "of the floor", "wake-ups a train", "rounds"}}
	floors := map[time.Duration]float64{}
	for _, c := range r.processor {
		if strings.HasPrefix(c.name, "floor") {
			floors[c.pacing] = c.median()
		}
	}
	for _, c := range r.processor {
		var rounds []string
		for _, share := range c.rounds {
			rounds = append(rounds, percent(share))
		}
		ratio, wakes := "–", "–"
		if floor := floors[c.pacing]; floor > 0 {
			ratio = fmt.Sprintf("%.2f ×", c.median()/floor)
		}
		if c.pacing > 0 {
			wakes = fmt.Sprintf("%.2f", median(c.wakes))
		}
		cells = append(cells, []string{c.name, percent(c.median()), ratio, wakes, strings.Join(rounds, ", ")})
	}
	return markdown(cells)
}

// label names the run in the table.
func (c *channelRun) label() string {
	if c.floor {
		return fmt.Sprintf("%d sockets of the floor", c.channels)
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
	cells := [][]string{{
		"channels", "pacing", "processor", "memory", "each further", "lateness p99.9, median channel", "worst channel", "dropped", "skipped", "read too late",
	}}
	for _, c := range r.channels {
		cells = append(cells, []string{
			c.label(), c.pacing, percent(c.share), fmt.Sprintf("%.0f MB", c.peak), fmt.Sprintf("%.2f MB", c.EachMB),
			fmt.Sprintf("%.2f ms", c.MedianLate999), fmt.Sprintf("%.2f ms", c.Late999), fmt.Sprint(c.Dropped), fmt.Sprint(c.Skipped), fmt.Sprint(c.Starved),
		})
	}
	return markdown(cells)
}

// floorText says what the floor is, or that there is none.
func (r *report) floorText() string {
	if r.bench.floor == "" {
		return "There is no floor, since no C compiler is installed. "
	}
	return "The *floor* is a program in C (`test/bench/testdata/floor.c`) that sends as many datagrams in the same trains: it sleeps until an absolute " +
		"instant and calls `sendmsg` with UDP_SEGMENT once a train. "
}

// otherProcesses says how busy the machine was before anything was measured, and with what.
func otherProcesses() string {
	own := map[int]bool{os.Getpid(): true, os.Getppid(): true}
	before := processTimes()
	const during = 2 * time.Second
	time.Sleep(during)
	var names []string
	sum := 0.0
	for pid, p := range processTimes() {
		if share := float64(p.time-before[pid].time) / float64(during); !own[pid] && share > 0 {
			sum += share
			if share >= 0.01 {
				names = append(names, fmt.Sprintf("%s %.0f %%", p.name, 100*share))
			}
		}
	}
	slices.Sort(names)
	text, _ := os.ReadFile("/proc/loadavg")
	load, _, _ := strings.Cut(string(text), " ")
	return fmt.Sprintf("Before the start, the load of the machine was %s and other processes took %.0f %% of a core: %s.",
		load, 100*sum, cmp.Or(strings.Join(names, ", "), "none of them 1 %"))
}

// machineFacts describes the machine without naming it.
func machineFacts(ctx context.Context) []string {
	facts := []string{fmt.Sprintf("%s, %d cores in use", processorModel(), runtime.NumCPU())}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		facts = append(facts, "Linux "+kernelVersion(unix.ByteSliceToString(name.Release[:])))
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		facts = append(facts, fmt.Sprintf("%.0f GB of memory", float64(info.Totalram)*float64(info.Unit)/1e9))
	}
	facts = append(facts, runtime.Version()+" "+runtime.GOARCH)
	for _, tool := range [][]string{
		{"ffmpeg", "-version"}, {"tsp", "--version"}, {"gst-launch-1.0", "--version"},
	} {
		// TSDuck writes its version to the error output.
		out, err := exec.CommandContext(ctx, tool[0], tool[1:]...).CombinedOutput()
		if first, _, _ := strings.Cut(string(out), "\n"); err == nil && first != "" {
			first, _, _ = strings.Cut(first, " Copyright")
			facts = append(facts, strings.TrimPrefix(strings.TrimSpace(first), tool[0]+": "))
		}
	}
	return facts
}

// kernelVersion returns the numbers of a kernel release, without a distributor's suffix.
func kernelVersion(release string) string {
	number, _, _ := strings.Cut(release, "-")
	return number
}

func processorModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
