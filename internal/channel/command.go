package channel

import (
	"strconv"
	"strings"
	"time"
)

// DeployCommand returns the command line that deploys the channel on AWS: what
// differs from the defaults, quoted for a POSIX shell.
func (s Spec) DeployCommand() string {
	words := []string{"lilo", "deploy"}
	if s.Source != "" {
		words = append(words, Quote(s.Source))
	}
	for _, d := range s.To {
		words = append(words, "--to", Quote(d.String()))
	}
	for _, f := range s.deployFlags() {
		if f.text != "" {
			words = append(words, "--"+f.key, Quote(f.text))
		}
	}
	for _, f := range []struct {
		flag string
		set  bool
	}{{"--auto-start=false", !s.AWS.AutoStart}, {"--standard", s.AWS.Standard}} {
		if f.set {
			words = append(words, f.flag)
		}
	}
	return strings.Join(words, " ")
}

// pair is a setting and what it says, nothing for its default.
type pair struct{ key, text string }

func (s Spec) deployFlags() []pair {
	usual, a := DefaultAWS(), s.AWS.Filled()
	unless := func(text, usual string) string {
		if text == usual {
			return ""
		}
		return text
	}
	flags := []pair{
		{"name", unless(s.Name, nameOf(s.Source))},
		{"muxrate", unless(FormatRate(s.MuxRate), "auto")},
		{"encode", ""},
		{"m2ts", s.M2TS.unusual().String()},
		{"region", unless(a.Region, usual.Region)},
		{"stack", unless(a.Stack, usual.Stack)},
		{"customer", unless(a.Customer, usual.Customer)},
		{"project", unless(a.Project, usual.Project)},
		{"ttl", ""},
		{"log-level", unless(a.LogLevel, usual.LogLevel)},
		{"fec", a.FEC.String()},
		{"permissions-boundary", a.Boundary},
	}
	if s.Encode != nil {
		flags[2].text = s.Encode.String()
	}
	if a.TTL != 0 {
		flags[8].text = hours(a.TTL)
	}
	return flags
}

// String returns the settings as the flag takes them: a preset, and what differs from it.
func (e Encode) String() string {
	for _, name := range Presets() {
		if preset, _ := Preset(name); preset == e {
			return name
		}
	}
	name := map[string]string{CodecHEVC: "hevc", CodecMPEG2: "mpeg2"}[e.Video.Codec]
	if name == "" {
		name = "avc"
	}
	base, _ := Preset(name)
	usual := base.pairs()
	words := []string{name}
	for i, p := range e.pairs() {
		// Without these, others would say what they are.
		follows := p.key == "gopSizeUnits" && e.Video.GopSize != base.Video.GopSize ||
			p.key == "rateControlMode" && e.Video.Bitrate+e.Video.MaxBitrate != 0
		if (p != usual[i] || follows) && p.text != "" {
			words = append(words, p.key+"="+p.text)
		}
	}
	return strings.Join(words, ",")
}

// pairs returns all settings in the order of EncodeKeys.
func (e Encode) pairs() []pair {
	v, a := e.Video, e.Audio
	return []pair{
		{"width", digits(v.Width)},
		{"height", digits(v.Height)},
		{"framerateNumerator", digits(v.FramerateNumerator)},
		{"framerateDenominator", digits(v.FramerateDenominator)},
		{"rateControlMode", v.RateControlMode},
		{"bitrate", rateText(v.Bitrate)},
		{"maxBitrate", rateText(v.MaxBitrate)},
		{"qvbrQualityLevel", digits(v.QvbrQualityLevel)},
		{"gopSize", decimalText(v.GopSize)},
		{"gopSizeUnits", v.GopSizeUnits},
		{"gopNumBFrames", strconv.Itoa(v.GopNumBFrames)},
		{"gopBReference", v.GopBReference},
		{"numRefFrames", digits(v.NumRefFrames)},
		{"profile", v.Profile},
		{"level", v.Level},
		{"entropyEncoding", v.EntropyEncoding},
		{"sceneChangeDetect", v.SceneChangeDetect},
		{"scanType", v.ScanType},
		{"audio.codec", a.Codec},
		{"audio.bitrate", rateText(a.Bitrate)},
		{"audio.sampleRate", digits(a.SampleRate)},
		{"audio.codingMode", a.CodingMode},
		{"audio.languageCode", a.LanguageCode},
	}
}

// String returns the settings as the flag takes them, nothing where all are defaults.
func (m M2TS) String() string {
	var pids []string
	for _, pid := range m.AudioPIDs {
		pids = append(pids, strconv.Itoa(pid))
	}
	return joined([]pair{
		{"programNum", digits(m.ProgramNum)},
		{"transportStreamId", digits(m.TransportStreamID)},
		{"pmtPid", digits(m.PMTPID)},
		{"videoPid", digits(m.VideoPID)},
		{"pcrPid", digits(m.PCRPID)},
		{"audioPids", strings.Join(pids, ",")},
		{"pcrPeriod", millis(m.PCRPeriod)},
		{"patInterval", millis(m.PATInterval)},
		{"pmtInterval", millis(m.PMTInterval)},
		{"sdtInterval", millis(m.SDTInterval)},
		{"audioFramesPerPes", digits(m.AudioFramesPerPES)},
		{"serviceProviderName", m.ServiceProvider},
	})
}

// unusual returns the settings less those that MediaLive has anyway: what was
// read from a document of it says them all.
func (m M2TS) unusual() M2TS {
	unsay := func(field *int, usual int) {
		if *field == usual {
			*field = 0
		}
	}
	unsay(&m.ProgramNum, 1)
	unsay(&m.PMTPID, DefaultPMTPID)
	unsay(&m.VideoPID, DefaultVideoPID)
	unsay(&m.AudioFramesPerPES, 2)
	for _, interval := range []struct {
		field *time.Duration
		usual time.Duration
	}{
		{&m.PATInterval, 100 * time.Millisecond}, {&m.PMTInterval, 100 * time.Millisecond}, {&m.SDTInterval, 500 * time.Millisecond},
	} {
		if *interval.field == interval.usual {
			*interval.field = 0
		}
	}
	return m
}

// String returns the matrix as the flag takes it, nothing for none.
func (f *FEC) String() string {
	if f == nil {
		return ""
	}
	return joined([]pair{
		{"includeFec", f.IncludeFec},
		{"columnDepth", digits(f.ColumnDepth)},
		{"rowLength", digits(f.RowLength)},
	})
}

// joined writes key=value,key=value of what has a value.
func joined(pairs []pair) string {
	var words []string
	for _, p := range pairs {
		if p.text != "" {
			words = append(words, p.key+"="+p.text)
		}
	}
	return strings.Join(words, ",")
}

// digits returns the number, nothing for 0.
func digits(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func decimalText(f float64) string {
	if f == 0 {
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func rateText(rate int64) string {
	if rate == 0 {
		return ""
	}
	return FormatRate(rate)
}

func millis(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// hours writes 8h and not 8h0m0s.
func hours(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Quote returns the text as one word of a POSIX shell.
func Quote(text string) string {
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func special(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune("@%_+=:,./-", r)
}
