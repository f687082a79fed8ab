package monitor

import (
	"fmt"
	"math"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

// Report is what was measured so far. Times are in the units their names say.
type Report struct {
	// Source is what was measured.
	Source string `json:"source,omitempty"`
	// Packets counts transport packets, Seconds is what the PCRs say they lasted.
	Packets int64   `json:"packets"`
	Seconds float64 `json:"seconds"`
	// Verdict is one line: "no errors", or what was found, by priority.
	Verdict string `json:"verdict"`
	// Checks holds every check, those that found nothing included.
	Checks  []CheckReport  `json:"checks"`
	Rate    RateReport     `json:"rate"`
	PCR     PCRReport      `json:"pcr"`
	Tables  TablesReport   `json:"tables"`
	Network *NetworkReport `json:"network,omitempty"`
	RTP     *RTPReport     `json:"rtp,omitempty"`
	Streams []StreamReport `json:"streams"`
	PIDs    []PIDReport    `json:"pids"`
}

// CheckReport is how often a check found an error.
type CheckReport struct {
	Check Check `json:"-"`
	// Priority is that of TR 101 290, 1 to 3; 0 is beyond it.
	Priority int    `json:"priority"`
	Clause   string `json:"clause,omitempty"`
	Name     string `json:"name"`
	Count    int64  `json:"count"`
	// Places are the first few.
	Places []Place `json:"places,omitempty"`
}

// RateReport is the rate of the transport stream, from its PCRs.
type RateReport struct {
	BitRate media.BitRate `json:"bit_rate"`
	// Constant says that the bytes between PCRs always take the time that one rate gives them.
	Constant bool `json:"constant"`
	// Lowest and Highest are over one interval between PCRs.
	Lowest  media.BitRate `json:"lowest"`
	Highest media.BitRate `json:"highest"`
	// NullShare is the share of null packets, 0 to 1.
	NullShare float64 `json:"null_share"`
}

// Quantiles describe many values of one kind.
type Quantiles struct {
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// PCRReport is what the program clock references are like.
type PCRReport struct {
	PID   PID   `json:"pid"`
	Count int64 `json:"count"`
	// IntervalMS is from one PCR to the next, by their values; Over40MS counts
	// those longer than ETSI TS 101 154 has it.
	IntervalMS Quantiles `json:"interval_ms"`
	Over40MS   int64     `json:"over_40_ms"`
	// AccuracyNS is how far PCRs are from where a constant rate puts them (PCR_AC);
	// nil when the rate is not constant.
	AccuracyNS *Quantiles `json:"accuracy_ns,omitempty"`
	// JitterMS is how far their arrival is from where a steady clock puts it
	// (PCR_OJ), drift removed; JitterPeakMS from the earliest to the latest. nil without arrival times.
	JitterMS     *Quantiles `json:"jitter_ms,omitempty"`
	JitterPeakMS float64    `json:"jitter_peak_to_peak_ms,omitempty"`
	// DriftPPM is by how much the stream's clock is slower than the receiver's.
	DriftPPM float64 `json:"drift_ppm,omitempty"`
	// Discontinuities counts jumps that were announced, as they must be.
	Discontinuities int64 `json:"discontinuities"`
}

// TablesReport is how often the tables come.
type TablesReport struct {
	PAT TableReport `json:"pat"`
	PMT TableReport `json:"pmt"`
	SDT TableReport `json:"sdt"`
	// Programs counts the programs of the PAT, Changes new versions of a PAT or PMT.
	Programs int   `json:"programs"`
	Changes  int64 `json:"changes"`
}

// TableReport is how often one table comes.
type TableReport struct {
	Count  int64   `json:"count"`
	MeanMS float64 `json:"mean_ms"`
	MaxMS  float64 `json:"max_ms"`
}

// NetworkReport is about the datagrams.
type NetworkReport struct {
	Datagrams int64   `json:"datagrams"`
	Bytes     int64   `json:"bytes"`
	Seconds   float64 `json:"seconds"`
	// Sizes counts datagrams by their size in bytes.
	Sizes map[int]int64 `json:"sizes"`
	// GapMS is from the arrival of one to that of the next.
	GapMS Quantiles `json:"gap_ms"`
	// Overrun counts datagrams that came but found no room in this machine's
	// socket: losses that are not the stream's.
	Overrun int64 `json:"overrun,omitempty"`
}

// RTPReport is about RTP (RFC 3550).
type RTPReport struct {
	Packets int64 `json:"packets"`
	// Control counts RTCP packets, which are not looked into.
	Control      int64  `json:"rtcp"`
	PayloadTypes []int  `json:"payload_types"`
	SSRC         string `json:"ssrc"`
	SSRCs        int64  `json:"ssrcs"`
	Lost         int64  `json:"lost"`
	Reordered    int64  `json:"reordered"`
	Duplicate    int64  `json:"duplicate"`
	Restarts     int64  `json:"restarts"`
	// Backwards counts timestamps before the one before.
	Backwards int64 `json:"timestamp_backwards"`
	// JitterMS is the interarrival jitter of 6.4.1 now, MaxJitterMS the highest.
	JitterMS    float64 `json:"jitter_ms"`
	MaxJitterMS float64 `json:"max_jitter_ms"`
	// ClockSpreadMS is how far timestamps and PCRs move against each other.
	ClockSpreadMS float64 `json:"clock_spread_ms"`
}

// StreamReport is about one elementary stream.
type StreamReport struct {
	PID        PID    `json:"pid"`
	Program    uint16 `json:"program"`
	StreamType byte   `json:"stream_type"`
	Coding     string `json:"coding"`
	Kind       string `json:"kind"`
	// PES counts PES packets, Frames the audio frames in them.
	PES    int64 `json:"pes"`
	Frames int64 `json:"frames,omitempty"`
	// StepMS is the usual step of the DTS, 0 for audio that is judged by its frames.
	StepMS float64 `json:"step_ms,omitempty"`
	// Irregular counts steps that are wrong: for video by more than 1 ms from the usual
	// one, for audio by more than rounding from where the frames before end.
	Irregular   int64   `json:"irregular_steps"`
	WorstStepMS float64 `json:"worst_step_error_ms"`
	// Variable says that the frame rate is not constant, so that irregular steps are no errors.
	Variable     bool  `json:"variable_frame_rate,omitempty"`
	DTSBackwards int64 `json:"dts_backwards"`
	PTSBeforeDTS int64 `json:"pts_before_dts"`
	// Late counts PES packets whose last byte came after the DTS.
	Late int64 `json:"late"`
	// MinLeadMS and MaxLeadMS bound DTS less PCR at the first byte.
	MinLeadMS float64 `json:"min_lead_ms"`
	MaxLeadMS float64 `json:"max_lead_ms"`
	// RandomAccess counts random_access_indicators.
	RandomAccess       int64        `json:"random_access"`
	RandomAccessMeanMS float64      `json:"random_access_mean_ms"`
	RandomAccessMaxMS  float64      `json:"random_access_max_ms"`
	PTSMaxMS           float64      `json:"pts_interval_max_ms"`
	Model              *ModelReport `json:"t_std,omitempty"`
}

// ModelReport is what the stream did to the system target decoder's buffers.
type ModelReport struct {
	Buffer Buffer `json:"buffer"`
	// Units counts access units that were decoded.
	Units      int64 `json:"units"`
	Overflows  int64 `json:"overflows"`
	Underflows int64 `json:"underflows"`
	// MaxTB, MaxMB and MaxMain are the highest fills in bytes; Main is EB or B.
	MaxTB   int64 `json:"max_tb"`
	MaxMB   int64 `json:"max_mb,omitempty"`
	MaxMain int64 `json:"max_main"`
	// MaxStayMS is the longest that an access unit waited for its DTS, MaxLateMS
	// how long after its DTS the latest was complete.
	MaxStayMS float64 `json:"max_stay_ms"`
	MaxLateMS float64 `json:"max_late_ms"`
}

// PIDReport is the share of one PID.
type PIDReport struct {
	PID             PID           `json:"pid"`
	Name            string        `json:"name"`
	Packets         int64         `json:"packets"`
	Share           float64       `json:"share"`
	BitRate         media.BitRate `json:"bit_rate"`
	Scrambled       bool          `json:"scrambled,omitempty"`
	Discontinuities int64         `json:"discontinuities,omitempty"`
}

// Count returns how often a check found an error.
func (r *Report) Count(c Check) int64 {
	for _, k := range r.Checks {
		if k.Check == c {
			return k.Count
		}
	}
	return 0
}

// Errors returns how many errors were found in all.
func (r *Report) Errors() int64 {
	sum := int64(0)
	for _, k := range r.Checks {
		sum += k.Count
	}
	return sum
}

func quantiles(h *histogram, scale float64) Quantiles {
	q := func(p float64) float64 { return rounded(float64(h.quantile(p)) * scale) }
	return Quantiles{q(.5), q(.99), q(.999), q(1)}
}

// rounded keeps six decimals: below that is noise of the arithmetic.
func rounded(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return math.Round(v*1e6) / 1e6
}

func ms(ticks int64) float64 { return rounded(float64(ticks) / (second / 1000)) }

// Report says what was measured up to now. It changes nothing: measuring may go on.
func (a *Analyzer) Report() Report {
	accuracy := a.clock.accuracy.snapshot()
	r := Report{
		Source:  a.opts.Source,
		Packets: a.packets,
		Seconds: rounded(float64(a.clock.elapsed) / second),
		Rate:    a.rateReport(accuracy),
		PCR:     a.pcrReport(accuracy),
		Tables:  a.tablesReport(),
		Streams: []StreamReport{},
	}
	if a.net != nil {
		r.Network, r.RTP = a.net.report()
	}
	for _, s := range a.streams {
		r.Streams = append(r.Streams, s.report())
	}
	r.PIDs = a.pidReports(r.Rate.BitRate)
	r.Checks = a.checkReports(accuracy)
	r.Verdict = verdict(r.Checks, a.packets)
	return r
}

func (a *Analyzer) rateReport(acc *accuracy) RateReport {
	r := RateReport{
		BitRate:  a.clock.rate(),
		Constant: acc.constant(),
		Lowest:   media.BitRate(a.clock.minRate),
		Highest:  media.BitRate(a.clock.maxRate),
	}
	if a.packets > 0 {
		r.NullShare = rounded(float64(a.nulls) / float64(a.packets))
	}
	return r
}

func (a *Analyzer) pcrReport(acc *accuracy) PCRReport {
	c := &a.clock
	r := PCRReport{
		PID:             c.pid,
		Count:           int64(c.intervals.count),
		IntervalMS:      quantiles(&c.intervals, 1000.0/second),
		Over40MS:        c.over40,
		Discontinuities: c.discontinuities,
	}
	if c.have {
		r.Count++
	}
	if acc.constant() {
		q := quantiles(&acc.off, 1)
		r.AccuracyNS = &q
	}
	if in := c.arrival.snapshot(); in.off.count > 0 {
		q := quantiles(&in.off, 1e-6)
		r.JitterMS, r.JitterPeakMS = &q, rounded((in.high-in.low)*1e-6)
		r.DriftPPM = rounded(in.drift.slope() * 1e6)
	}
	return r
}

func (a *Analyzer) tablesReport() TablesReport {
	t := &a.psi
	pmt := watch{}
	for _, w := range t.pmts {
		pmt.count += w.count
		pmt.sum += w.sum
		pmt.worst = max(pmt.worst, w.worst)
	}
	r := TablesReport{PAT: t.pat.report(), PMT: pmt.report(), SDT: t.sdt.report(), Programs: len(t.pmtOf), Changes: t.changes}
	if n := int64(len(t.pmts)); n > 0 && pmt.count > n {
		r.PMT.MeanMS = ms(pmt.sum / (pmt.count - n))
	}
	return r
}

func (w *watch) report() TableReport {
	return TableReport{Count: w.count, MeanMS: ms(w.mean()), MaxMS: ms(w.worst)}
}

func (w *network) report() (*NetworkReport, *RTPReport) {
	n := &NetworkReport{
		Datagrams: w.datagrams, Bytes: w.bytes, Seconds: rounded(w.last.Sub(w.first).Seconds()),
		Sizes: map[int]int64{}, GapMS: quantiles(&w.gaps, float64(time.Nanosecond)/float64(time.Millisecond)),
	}
	for i := range w.kinds {
		n.Sizes[w.sizes[i]] = w.sizeCount[i]
	}
	if w.packets == 0 {
		return n, nil
	}
	r := &RTPReport{
		Packets: w.packets, Control: w.control, SSRC: fmt.Sprintf("%08x", w.head.ssrc), SSRCs: w.ssrcs, Lost: max(w.lost, 0), Reordered: w.late,
		Duplicate: w.repeated, Restarts: w.restarts, Backwards: w.backward,
		JitterMS: rounded(w.jitter / 90), MaxJitterMS: rounded(w.maxJitter / 90),
		ClockSpreadMS: rounded(float64(int64(w.high)-int64(w.low)) / 90),
	}
	for t, seen := range w.types {
		if seen {
			r.PayloadTypes = append(r.PayloadTypes, t)
		}
	}
	return n, r
}

func (s *stream) report() StreamReport {
	r := StreamReport{
		PID: s.pid, Program: s.program, StreamType: s.streamType, Coding: s.coding.String(), Kind: "audio",
		PES: s.pesCount, Frames: s.frames.count,
		DTSBackwards: s.dtsBack, PTSBeforeDTS: s.early, Late: s.late,
		MinLeadMS: ms(s.minLead), MaxLeadMS: ms(s.maxLead),
		RandomAccess: s.randomAccess.count, RandomAccessMeanMS: ms(s.randomAccess.mean()), RandomAccessMaxMS: ms(s.randomAccess.worst),
		PTSMaxMS:    ms(s.presentation.worst),
		Irregular:   s.audioIrregular,
		WorstStepMS: ms(s.audioWorst),
	}
	if s.coding.video() {
		r.Kind = "video"
	}
	if s.steps.count > 0 {
		count, worst := s.steps.irregular()
		r.StepMS, r.Irregular, r.WorstStepMS = ms(s.steps.mode()*300), count, ms(worst*300)
		r.Variable = s.steps.variable()
	}
	if s.model != nil {
		r.Model = s.model.summary()
	}
	return r
}

func (d *tstd) summary() *ModelReport {
	return &ModelReport{
		Buffer: d.limits, Units: d.decoded, Overflows: d.overflows, Underflows: d.underflows,
		MaxTB: d.tb.most(), MaxMB: d.mbMax, MaxMain: d.ebMax,
		MaxStayMS: ms(d.maxStay), MaxLateMS: ms(d.worstLate),
	}
}
