package monitor

import "github.com/lilo-live/lilo/internal/media"

// Report is what was measured so far. Names of fields give the units.
type Report struct {
	// Source names the stream.
	Source string `json:"source,omitempty"`
	// Packets counts transport packets; Seconds is their duration by the PCRs.
	Packets int64   `json:"packets"`
	Seconds float64 `json:"seconds"`
	// Verdict is one line: "no errors", or the errors by priority.
	Verdict string `json:"verdict"`
	// Checks holds every check, including those without errors.
	Checks  []CheckReport  `json:"checks"`
	Rate    RateReport     `json:"rate"`
	PCR     PCRReport      `json:"pcr"`
	Tables  TablesReport   `json:"tables"`
	Network *NetworkReport `json:"network,omitempty"`
	RTP     *RTPReport     `json:"rtp,omitempty"`
	// Legs are the paths that the stream was reconstructed from, if there are several.
	Legs    []LegReport    `json:"legs,omitempty"`
	Streams []StreamReport `json:"streams"`
	PIDs    []PIDReport    `json:"pids"`
}

// CheckReport counts the errors of a check.
type CheckReport struct {
	Check Check `json:"-"`
	// Priority is that of TR 101 290, 1 to 3, or 0 beyond it.
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
	// Constant reports that one rate explains the intervals between PCRs.
	Constant bool `json:"constant"`
	// Lowest and Highest are those of one interval between PCRs.
	Lowest  media.BitRate `json:"lowest"`
	Highest media.BitRate `json:"highest"`
	// NullShare is the fraction of null packets, 0 to 1.
	NullShare float64 `json:"null_share"`
}

// Quantiles summarizes a distribution.
type Quantiles struct {
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// PCRReport is about the program clock references.
type PCRReport struct {
	PID   PID   `json:"pid"`
	Count int64 `json:"count"`
	// IntervalMS is the time between PCRs by their values; Over40MS counts the
	// intervals beyond the limit of ETSI TS 101 154.
	IntervalMS Quantiles `json:"interval_ms"`
	Over40MS   int64     `json:"over_40_ms"`
	// AccuracyNS is how far PCRs are off a constant rate (PCR_AC), nil if the
	// rate is not constant.
	AccuracyNS *Quantiles `json:"accuracy_ns,omitempty"`
	// JitterMS is how far their arrival is off a steady clock (PCR_OJ) without
	// drift, nil without arrival times; JitterPeakMS is from earliest to latest.
	JitterMS     *Quantiles `json:"jitter_ms,omitempty"`
	JitterPeakMS float64    `json:"jitter_peak_to_peak_ms,omitempty"`
	// DriftPPM is how much slower the stream's clock is than the receiver's.
	DriftPPM float64 `json:"drift_ppm,omitempty"`
	// Discontinuities counts the announced jumps, which are no errors.
	Discontinuities int64 `json:"discontinuities"`
}

// TablesReport is about the repetition of tables.
type TablesReport struct {
	PAT TableReport `json:"pat"`
	PMT TableReport `json:"pmt"`
	SDT TableReport `json:"sdt"`
	// Programs counts the programs of the PAT, Changes the new versions of PAT and PMTs.
	Programs int   `json:"programs"`
	Changes  int64 `json:"changes"`
}

// TableReport is about the repetition of one table.
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
	// Sizes counts datagrams by size in bytes.
	Sizes map[int]int64 `json:"sizes"`
	// GapMS is the time between arrivals.
	GapMS Quantiles `json:"gap_ms"`
	// Overrun counts datagrams that this machine's socket had no room for. They
	// are not losses of the stream.
	Overrun int64 `json:"overrun,omitempty"`
}

// LegReport is about one path of a stream that is sent on several (SMPTE 2022-7).
type LegReport struct {
	Source string `json:"source"`
	// Datagrams counts those that arrived, Lost those that did not after the leg's first; Alone counts
	// those that no other leg brought.
	Datagrams int64 `json:"datagrams"`
	Lost      int64 `json:"lost"`
	Alone     int64 `json:"alone"`
	// Late counts those that came more than 500 ms after the first leg's, which are lost
	// too; Duplicate those that came twice; Foreign those of another SSRC.
	Late      int64 `json:"late"`
	Duplicate int64 `json:"duplicate"`
	Foreign   int64 `json:"foreign"`
	// SkewMS is how long after the first leg that brings a datagram this one does.
	SkewMS Quantiles `json:"skew_ms"`
	// Overrun counts datagrams that this machine's socket had no room for.
	Overrun int64 `json:"overrun,omitempty"`
}

// RTPReport is about RTP (RFC 3550).
type RTPReport struct {
	Packets int64 `json:"packets"`
	// Control counts RTCP packets, which are ignored.
	Control      int64  `json:"rtcp"`
	PayloadTypes []int  `json:"payload_types"`
	SSRC         string `json:"ssrc"`
	SSRCs        int64  `json:"ssrcs"`
	Lost         int64  `json:"lost"`
	Reordered    int64  `json:"reordered"`
	Duplicate    int64  `json:"duplicate"`
	Restarts     int64  `json:"restarts"`
	// Backwards counts timestamps before the preceding one.
	Backwards int64 `json:"timestamp_backwards"`
	// JitterMS is the current interarrival jitter (6.4.1), MaxJitterMS the highest.
	JitterMS    float64 `json:"jitter_ms"`
	MaxJitterMS float64 `json:"max_jitter_ms"`
	// ClockSpreadMS is the range of the difference between timestamps and PCRs.
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
	// StepMS is the usual step of the DTS, 0 for audio that is measured by its frames.
	StepMS float64 `json:"step_ms,omitempty"`
	// Irregular counts wrong steps: more than 1 ms off the usual one for video, more
	// than rounding off the end of the frames before for audio.
	Irregular   int64   `json:"irregular_steps"`
	WorstStepMS float64 `json:"worst_step_error_ms"`
	// Variable reports a variable frame rate: irregular steps are then no errors.
	Variable     bool  `json:"variable_frame_rate,omitempty"`
	DTSBackwards int64 `json:"dts_backwards"`
	PTSBeforeDTS int64 `json:"pts_before_dts"`
	// Late counts PES packets whose last byte arrived after the DTS.
	Late int64 `json:"late"`
	// MinLeadMS and MaxLeadMS are the extremes of DTS minus PCR at the first byte.
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
	// Units counts decoded access units.
	Units      int64 `json:"units"`
	Overflows  int64 `json:"overflows"`
	Underflows int64 `json:"underflows"`
	// MaxTB, MaxMB and MaxMain are the highest fills in bytes; Main stands for EB or B.
	MaxTB   int64 `json:"max_tb"`
	MaxMB   int64 `json:"max_mb,omitempty"`
	MaxMain int64 `json:"max_main"`
	// MaxStayMS is the longest that an access unit waited for its DTS, MaxLateMS
	// the longest that one was incomplete after its DTS.
	MaxStayMS float64 `json:"max_stay_ms"`
	MaxLateMS float64 `json:"max_late_ms"`
}

// PIDReport is about the packets of one PID.
type PIDReport struct {
	PID             PID           `json:"pid"`
	Name            string        `json:"name"`
	Packets         int64         `json:"packets"`
	Share           float64       `json:"share"`
	BitRate         media.BitRate `json:"bit_rate"`
	Scrambled       bool          `json:"scrambled,omitempty"`
	Discontinuities int64         `json:"discontinuities,omitempty"`
}

// Count returns the number of errors of a check.
func (r *Report) Count(c Check) int64 {
	for _, k := range r.Checks {
		if k.Check == c {
			return k.Count
		}
	}
	return 0
}

// Errors returns the number of all errors.
func (r *Report) Errors() int64 {
	sum := int64(0)
	for _, k := range r.Checks {
		sum += k.Count
	}
	return sum
}
