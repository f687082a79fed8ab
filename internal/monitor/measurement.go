package monitor

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/media"
)

// Report returns what was measured so far. It changes nothing, so that
// measuring can continue.
func (a *Analyzer) Report() Report {
	accuracy := a.clock.accuracy.snapshot()
	r := Report{
		Source:  a.opts.Source,
		Packets: a.packets,
		Seconds: rounded(float64(a.clock.elapsed) / second),
		Rate: RateReport{
			BitRate: a.clock.rate(), Constant: accuracy.constant(),
			Lowest: media.BitRate(a.clock.minRate), Highest: media.BitRate(a.clock.maxRate),
			NullShare: rounded(float64(a.nulls) / float64(a.packets)),
		},
		PCR:     a.clock.report(accuracy),
		Tables:  a.psi.report(),
		Streams: []StreamReport{},
		Checks:  a.checkReports(accuracy),
	}
	if a.net != nil {
		r.Network, r.RTP = a.net.report()
	}
	for _, s := range a.streams {
		r.Streams = append(r.Streams, s.summary())
	}
	r.PIDs = a.pidReports(r.Rate.BitRate)
	r.Verdict = verdict(r.Checks, a.packets)
	return r
}

func quantiles(h *histogram, scale float64) Quantiles {
	q := func(p float64) float64 { return rounded(float64(h.quantile(p)) * scale) }
	return Quantiles{q(.5), q(.99), q(.999), q(1)}
}

// rounded keeps six decimals, below which there is only noise. It returns 0 for
// what is no number.
func rounded(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return math.Round(v*1e6) / 1e6
}

func ms(ticks int64) float64 { return rounded(float64(ticks) / (second / 1000)) }

func (c *clock) report(acc *accuracy) PCRReport {
	r := PCRReport{
		PID: c.pid, Count: int64(c.intervals.count), IntervalMS: quantiles(&c.intervals, 1000.0/second),
		Over40MS: c.over40, Discontinuities: c.discontinuities,
	}
	if c.have {
		r.Count++
	}
	if acc.constant() {
		q := quantiles(&acc.off, 1)
		r.AccuracyNS = &q
	}
	if j := c.jitter.snapshot(); j.off.count > 0 {
		q := quantiles(&j.off, 1e-6)
		drift, _ := j.drift.line()
		r.JitterMS, r.JitterPeakMS, r.DriftPPM = &q, rounded((j.high-j.low)*1e-6), rounded(drift.slope*1e6)
	}
	return r
}

func (t *psi) report() TablesReport {
	r := TablesReport{PAT: t.pat.report(), SDT: t.sdt.report(), Programs: len(t.programs), Changes: t.changes}
	sum, intervals := int64(0), int64(0)
	for _, p := range t.pmts {
		r.PMT.Count += p.count
		r.PMT.MaxMS = max(r.PMT.MaxMS, ms(p.worst))
		sum, intervals = sum+p.sum, intervals+max(p.count-1, 0)
	}
	if intervals > 0 {
		r.PMT.MeanMS = ms(sum / intervals)
	}
	return r
}

// checkReports lists the checks. Some are counted only here because they need
// the whole stream: how far PCRs are off a constant rate, how many RTP packets
// never arrived, and which steps of decoding and presentation are not the usual one.
func (a *Analyzer) checkReports(acc *accuracy) []CheckReport {
	counts, places := a.errs.counts, a.errs.places
	if acc.constant() && acc.errors > 0 {
		counts[PCRAccuracy] = acc.errors
		places[PCRAccuracy] = []Place{{acc.worst, a.clock.pid, fmt.Sprintf("the worst: off by %d ns", acc.off.max)}}
	}
	if a.net != nil {
		counts[RTPLoss] = max(a.net.rtp.Lost, 0)
	}
	for _, s := range a.streams {
		n, at := s.irregularSteps()
		counts[VideoStep] += n
		places[VideoStep] = append(places[VideoStep], at...)
		s.misplaced(&counts, &places)
	}
	list := make([]CheckReport, checkCount)
	for c := range checkCount {
		info := c.info()
		list[c] = CheckReport{c, info.priority, info.clause, info.name, counts[c], slices.Clip(places[c])}
	}
	return list
}

// irregularSteps returns how many steps of the stream are errors, and the first few.
func (s *stream) irregularSteps() (int64, []Place) {
	n, _ := s.steps.irregular()
	if n == 0 || s.steps.variable() {
		return 0, nil
	}
	var at []Place
	for _, p := range s.steps.irregularAt {
		if off := p.step - s.steps.mode; !nearStep(off, 0) && len(at) < maxPlaces {
			at = append(at, Place{p.packet, s.pid, fmt.Sprintf("%+.3f ms", float64(off)/90)})
		}
	}
	return n, at
}

// misplaced adds the pictures that overlap or are missing. Where several pictures
// share a PES packet, not all have a PTS, and nothing is known.
func (s *stream) misplaced(counts *[checkCount]int64, places *[checkCount][]Place) {
	if s.sharedPES {
		return
	}
	overlaps, gaps, at := s.order.misplaced(&s.steps)
	counts[OverlappingPicture] += overlaps
	counts[MissingPicture] += gaps
	for _, p := range at {
		c := MissingPicture
		if p.step < s.steps.mode {
			c = OverlappingPicture
		}
		if len(places[c]) < maxPlaces {
			places[c] = append(slices.Clip(places[c]), Place{p.packet, s.pid, fmt.Sprintf("%.3f ms after the one before", float64(p.step)/90)})
		}
	}
}

// verdict summarizes the checks in a line.
func verdict(checks []CheckReport, packets int64) string {
	if packets == 0 {
		return "no transport stream was found"
	}
	var parts []string
	for _, priority := range []int{1, 2, 3, 0} {
		title := "beyond TR 101 290"
		if priority > 0 {
			title = fmt.Sprintf("priority %d", priority)
		}
		var found []string
		for _, k := range checks {
			if k.Priority == priority && k.Count > 0 {
				found = append(found, fmt.Sprintf("%s × %d", k.Name, k.Count))
			}
		}
		if len(found) > 0 {
			parts = append(parts, title+": "+strings.Join(found, ", "))
		}
	}
	return cmp.Or(strings.Join(parts, "; "), "no errors")
}

// pidReports lists the PIDs in order, with their shares of the rate.
func (a *Analyzer) pidReports(rate media.BitRate) []PIDReport {
	list := make([]PIDReport, 0, len(a.seen)+1)
	for _, pid := range a.seen {
		if s := a.pids[pid]; s.packets > 0 {
			list = append(list, PIDReport{
				PID: pid, Name: a.nameOf(s), Packets: s.packets, Scrambled: s.scrambled, Discontinuities: s.discontinuities,
			})
		}
	}
	if a.nulls > 0 {
		list = append(list, PIDReport{PID: pidNull, Name: "null packets", Packets: a.nulls})
	}
	for i := range list {
		p := &list[i]
		p.Share = rounded(float64(p.Packets) / float64(a.packets))
		p.BitRate = media.BitRate(media.MulDiv(int64(rate), p.Packets, a.packets))
	}
	slices.SortFunc(list, func(x, y PIDReport) int { return cmp.Compare(x.PID, y.PID) })
	return list
}

func (a *Analyzer) nameOf(s *pidState) string {
	if name, ok := map[PID]string{pidPAT: "PAT", pidCAT: "CAT", pidSDT: "SDT"}[s.pid]; ok {
		return name
	}
	switch {
	case s.pid < 0x20:
		return "SI"
	case s.pmt != nil:
		return "PMT"
	case s.stream != nil:
		return s.stream.coding.String()
	case s.pid == a.clock.pid:
		return "PCR"
	case s.referenced:
		return "data"
	}
	return "unreferenced"
}
