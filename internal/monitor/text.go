package monitor

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText writes the report for people, in columns: the errors with their
// first few places, the measurements, and the verdict.
func (r *Report) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, part := range []func(io.Writer){r.textErrors, r.textStream, r.textNetwork, r.textElementary, r.textModel, r.textPIDs} {
		part(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nVERDICT: %s\n", r.Verdict)
	return err
}

// String returns what WriteText writes.
func (r *Report) String() string {
	var b strings.Builder
	_ = r.WriteText(&b)
	return b.String()
}

func (r *Report) textErrors(w io.Writer) {
	fmt.Fprintf(w, "%s: %d packets, %.3f s\n\n", r.Source, r.Packets, r.Seconds)
	if r.Errors() == 0 {
		return
	}
	fmt.Fprintln(w, "ERROR\tPRIORITY\tCOUNT\tFIRST")
	for _, k := range r.Checks {
		if k.Count > 0 {
			priority := strings.ReplaceAll(fmt.Sprint(k.Priority), "0", "-")
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", strings.TrimSpace(k.Clause+" "+k.Name), priority, k.Count, placesText(k.Places))
		}
	}
	fmt.Fprintln(w)
}

func placesText(places []Place) string {
	var parts []string
	for _, p := range places[:min(len(places), 3)] {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("packet %d PID %d %s", p.Packet, p.PID, p.Detail)))
	}
	return strings.Join(parts, "; ")
}

func (r *Report) textStream(w io.Writer) {
	kind := fmt.Sprintf("variable (%v to %v)", r.Rate.Lowest, r.Rate.Highest)
	if r.Rate.Constant {
		kind = "constant"
	}
	fmt.Fprintf(w, "Rate\t%v\t%s\tnull packets %.2f %%\n", r.Rate.BitRate, kind, 100*r.Rate.NullShare)
	p := r.PCR
	fmt.Fprintf(w, "PCR interval\tp50 %.3f ms\tp99 %.3f\tmax %.3f\tover 40 ms: %d\n", p.IntervalMS.P50, p.IntervalMS.P99, p.IntervalMS.Max, p.Over40MS)
	if a := p.AccuracyNS; a != nil {
		fmt.Fprintf(w, "PCR accuracy\tp50 %.0f ns\tp99.9 %.0f\tmax %.0f\n", a.P50, a.P999, a.Max)
	}
	if j := p.JitterMS; j != nil {
		fmt.Fprintf(w, "PCR jitter\tp50 %.3f ms\tp99 %.3f\tp99.9 %.3f\tmax %.3f\tpeak to peak %.3f\n", j.P50, j.P99, j.P999, j.Max, p.JitterPeakMS)
		fmt.Fprintf(w, "Clock drift\t%.2f ppm\n", p.DriftPPM)
	}
	fmt.Fprintf(w, "PAT, PMT, SDT\tmean %.1f, %.1f, %.1f ms\tmax %.1f, %.1f, %.1f\n", r.Tables.PAT.MeanMS, r.Tables.PMT.MeanMS,
		r.Tables.SDT.MeanMS, r.Tables.PAT.MaxMS, r.Tables.PMT.MaxMS, r.Tables.SDT.MaxMS)
}

func (r *Report) textNetwork(w io.Writer) {
	if n := r.Network; n != nil {
		fmt.Fprintf(w, "Datagrams\t%d\tgap p50 %.3f ms\tp99 %.3f\tmax %.3f\n", n.Datagrams, n.GapMS.P50, n.GapMS.P99, n.GapMS.Max)
		if n.Overrun > 0 {
			fmt.Fprintf(w, "\t%d found no room in this machine's socket\n", n.Overrun)
		}
	}
	if p := r.RTP; p != nil {
		fmt.Fprintf(w, "RTP\tlost %d\tout of order %d\trepeated %d\tjitter %.3f ms\tSSRC %s\ttype %v\n",
			p.Lost, p.Reordered, p.Duplicate, p.JitterMS, p.SSRC, p.PayloadTypes)
	}
	fmt.Fprintln(w)
	r.textLegs(w)
}

func (r *Report) textLegs(w io.Writer) {
	if len(r.Legs) == 0 {
		return
	}
	fmt.Fprintln(w, "LEG\tDATAGRAMS\tLOST\tALONE\tSKEW p50\tmax\tSOURCE")
	for i, l := range r.Legs {
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%.3f ms\t%.3f ms\t%s\n", i+1, l.Datagrams, l.Lost, l.Alone, l.SkewMS.P50, l.SkewMS.Max, l.Source)
	}
	fmt.Fprintln(w)
}

func (r *Report) textElementary(w io.Writer) {
	if len(r.Streams) == 0 {
		return
	}
	fmt.Fprintln(w, "PID\tCODING\tPES\tSTEP\tWRONG STEPS\tWORST\tLATE\tDTS-PCR\tRANDOM ACCESS")
	for _, s := range r.Streams {
		step := "by frames"
		if s.StepMS != 0 {
			step = fmt.Sprintf("%.3f ms", s.StepMS)
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%d\t%+.3f ms\t%d\t%.1f to %.1f ms\t%d, every %.0f ms\n", s.PID, s.Coding, s.PES,
			step, s.Irregular, s.WorstStepMS, s.Late, s.MinLeadMS, s.MaxLeadMS, s.RandomAccess, s.RandomAccessMeanMS)
	}
	fmt.Fprintln(w)
}

func (r *Report) textModel(w io.Writer) {
	fmt.Fprintln(w, "PID\tT-STD\tRx\tTB\tMB\tEB or B\tOVERFLOWS\tUNDERFLOWS")
	for _, s := range r.Streams {
		m := s.Model
		if m == nil {
			fmt.Fprintf(w, "%d\tbuffers unknown\n", s.PID)
			continue
		}
		fmt.Fprintf(w, "%d\t%d units\t%v\t%d of %d\t%d of %d\t%d of %d\t%d\t%d\n", s.PID, m.Units, m.Buffer.Leak, m.MaxTB, tbSize,
			m.MaxMB, m.Buffer.Mux, m.MaxMain, m.Buffer.Size, m.Overflows, m.Underflows)
	}
	fmt.Fprintln(w)
}

func (r *Report) textPIDs(w io.Writer) {
	fmt.Fprintln(w, "PID\tWHAT\tPACKETS\tRATE")
	for _, p := range r.PIDs {
		fmt.Fprintf(w, "%d\t%s\t%d\t%v\n", p.PID, p.Name, p.Packets, p.BitRate)
	}
}
