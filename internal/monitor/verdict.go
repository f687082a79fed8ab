package monitor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/media"
)

// checkReports lists the checks. Those that need the whole of the stream are
// counted only here: how far PCRs are off a constant rate, once it is known to
// be one, how many RTP packets never came, and which steps are not the usual.
func (a *Analyzer) checkReports(acc *accuracy) []CheckReport {
	counts, places := a.tally.counts, a.tally.places
	if acc.constant() && acc.errors > 0 {
		counts[PCRAccuracy] = acc.errors
		places[PCRAccuracy] = []Place{{acc.worst, a.clock.pid, fmt.Sprintf("the worst: off by %d ns", acc.off.max)}}
	}
	if a.net != nil {
		counts[RTPLoss] = max(a.net.lost, 0)
	}
	for _, s := range a.streams {
		n, at := s.irregularSteps()
		counts[VideoStep] += n
		places[VideoStep] = append(places[VideoStep], at...)
	}
	list := make([]CheckReport, checkCount)
	for c := range checkCount {
		d := c.describe()
		list[c] = CheckReport{c, d.priority, d.clause, d.name, counts[c], slices.Clip(places[c])}
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
	for _, p := range s.steps.irregAt {
		if off := p.step - s.steps.mode(); !near90(off, 0) && len(at) < placesKept {
			at = append(at, Place{p.packet, s.pid, fmt.Sprintf("%+.3f ms", float64(off)/90)})
		}
	}
	return n, at
}

// verdict is the report in a line.
func verdict(checks []CheckReport, packets int64) string {
	if packets == 0 {
		return "no transport stream was found"
	}
	var parts []string
	for _, priority := range []int{1, 2, 3, 0} {
		if found := errorsOf(checks, priority); len(found) > 0 {
			parts = append(parts, title(priority)+": "+strings.Join(found, ", "))
		}
	}
	if len(parts) == 0 {
		return "no errors"
	}
	return strings.Join(parts, "; ")
}

func errorsOf(checks []CheckReport, priority int) []string {
	var found []string
	for _, k := range checks {
		if k.Priority == priority && k.Count > 0 {
			found = append(found, fmt.Sprintf("%s × %d", k.Name, k.Count))
		}
	}
	return found
}

func title(priority int) string {
	if priority == 0 {
		return "beyond TR 101 290"
	}
	return fmt.Sprintf("priority %d", priority)
}

// pidReports lists the PIDs in order, with their share of the rate.
func (a *Analyzer) pidReports(rate media.BitRate) []PIDReport {
	list := make([]PIDReport, 0, len(a.seen)+1)
	for _, pid := range a.seen {
		if s := a.pids[pid]; s.packets > 0 {
			list = append(list, PIDReport{
				PID: pid, Name: a.nameOf(s), Packets: s.packets,
				Scrambled: s.scrambled, Discontinuities: s.discontinuities,
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
	slices.SortFunc(list, func(x, y PIDReport) int { return int(x.PID) - int(y.PID) })
	return list
}

func (a *Analyzer) nameOf(s *pidState) string {
	switch {
	case s.pid == pidPAT:
		return "PAT"
	case s.pid == pidCAT:
		return "CAT"
	case s.pid == pidSDT:
		return "SDT"
	case s.pid < 0x20:
		return "SI"
	case s.table != nil:
		return "PMT"
	case s.stream != nil:
		return s.stream.coding.String()
	case s.pid == a.clock.pid:
		return "PCR"
	case s.referenced:
		return "data"
	default:
		return "unreferenced"
	}
}
