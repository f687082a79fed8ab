package medialive

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/packet"
)

// checkSettings checks the members of one structure against one another.
func checkSettings(at place, settings any) {
	switch s := settings.(type) {
	case *types.InputSettings:
		checkSelectors(at, s)
	case *types.VideoCodecSettings, *types.AudioCodecSettings: // With none of them, LILO copies.
		checkAtMostOne(at, s)
	case *types.OutputGroupSettings:
		checkExactlyOne(at, s)
	case *types.OutputSettings:
		checkExactlyOne(at, s)
	case *types.ScheduleActionSettings:
		checkExactlyOne(at, s)
	case *types.ScheduleActionStartSettings:
		checkExactlyOne(at, s)
	case *types.FecOutputSettings: // SMPTE 2022-1
		if s.IncludeFec == types.FecOutputIncludeFecColumnAndRow && s.RowLength != nil && *s.RowLength < 4 {
			at.at("rowLength").report("%d: it must be from 4 to 20 with COLUMN_AND_ROW", *s.RowLength)
		}
	case *types.UdpContainerSettings:
		if s.M2tsSettings == nil {
			at.at("m2tsSettings").report("m2tsSettings is required")
		}
	case *types.M2tsSettings:
		checkM2ts(at, s)
	default:
		checkEncoding(at, settings)
	}
}

// checkEncoding checks the settings of an encoder.
func checkEncoding(at place, settings any) {
	switch s := settings.(type) {
	case types.VideoDescription:
		if (s.Width == nil) != (s.Height == nil) {
			at.report("width and height must be given together or left out")
		}
		checkEven(at.at("width"), s.Width)
		checkEven(at.at("height"), s.Height)
	case types.AudioDescription:
		if s.LanguageCodeControl == types.AudioDescriptionLanguageCodeControlUseConfigured && aws.ToString(s.LanguageCode) == "" {
			at.at("languageCode").report("languageCode is required with languageCodeControl USE_CONFIGURED")
		}
	case *types.H264Settings:
		checkRatio(at, "framerate", string(s.FramerateControl), s.FramerateNumerator, s.FramerateDenominator)
		checkRatio(at, "par", string(s.ParControl), s.ParNumerator, s.ParDenominator)
		checkRates(at, string(s.RateControlMode), s.Bitrate, s.MaxBitrate)
		checkGop(at.at("gopSize"), s.GopSize, string(s.GopSizeUnits))
	case *types.H265Settings:
		checkRates(at, string(s.RateControlMode), s.Bitrate, s.MaxBitrate)
		checkGop(at.at("gopSize"), s.GopSize, string(s.GopSizeUnits))
	case *types.Mpeg2Settings:
		checkGop(at.at("gopSize"), s.GopSize, string(s.GopSizeUnits))
	case *types.AacSettings:
		checkOneOf(at.at("sampleRate"), s.SampleRate, 8000, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000)
		if n := s.Bitrate; n != nil && !(*n >= 8000 && *n <= 1_024_000) {
			at.at("bitrate").report("%g: it must be from %g to %g", *n, 8000.0, 1_024_000.0)
		}
	case *types.Ac3Settings:
		checkOneOf(at.at("bitrate"), s.Bitrate, channel.AudioBitrates(channel.CodecAC3)...)
	case *types.Mp2Settings:
		checkOneOf(at.at("sampleRate"), s.SampleRate, 32000, 44100, 48000)
		checkOneOf(at.at("bitrate"), s.Bitrate, channel.AudioBitrates(channel.CodecMP2)...)
	}
}

// checkExactlyOne checks that one member of a structure is set, in MediaLive's words.
func checkExactlyOne(at place, v any) {
	if len(setMembers(v)) == 1 {
		return
	}
	t := reflect.Indirect(reflect.ValueOf(v))
	var names []string
	for m := range members(t) {
		names = append(names, m.name())
	}
	at.report("%s must contain exactly one property: %s", t.Type().Name(), strings.Join(names, ", "))
}

// checkAtMostOne checks that no two members of a structure are set.
func checkAtMostOne(at place, v any) {
	if set := setMembers(v); len(set) > 1 {
		at.report("Only one of %s can be set", strings.Join(set, ", "))
	}
}

// checkSelectors checks that names are unique. A description may name a selector
// that does not exist, as with MediaLive.
func checkSelectors(at place, s *types.InputSettings) {
	audio, captions := make(map[string]bool), make(map[string]bool)
	for i, a := range s.AudioSelectors {
		checkUnique(at.at("audioSelectors", i, "name"), "Audio selector name", a.Name, audio)
	}
	for i, a := range s.CaptionSelectors {
		checkUnique(at.at("captionSelectors", i, "name"), "Caption selector name", a.Name, captions)
	}
}

func checkEven(at place, n *int32) {
	if n != nil && (*n <= 0 || *n%2 != 0) {
		at.report("%d: it must be an even number above 0", *n)
	}
}

// checkRatio checks that a ratio is given where its control says SPECIFIED.
func checkRatio(at place, ratio, control string, numerator, denominator *int32) {
	given := func(member string, n *int32) {
		if control == "SPECIFIED" && n == nil {
			at.at(member).report("%s is required with %sControl SPECIFIED", member, ratio)
		}
	}
	given(ratio+"Numerator", numerator)
	given(ratio+"Denominator", denominator)
}

func checkRates(at place, mode string, mean, most *int32) {
	if mode == "VBR" && mean != nil && most != nil && *most < *mean {
		at.at("maxBitrate").report("%d: it must be at least bitrate, %d", *most, *mean)
	}
}

func checkGop(at place, size *float64, units string) {
	if size == nil {
		return
	}
	switch n := *size; {
	case !(n > 0):
		at.report("%g: it must be above 0", n)
	case units != "SECONDS" && n != float64(int64(n)):
		at.report("%g: it must be a whole number of FRAMES", n)
	}
}

func checkOneOf(at place, n *float64, all ...int64) {
	if n != nil && !slices.ContainsFunc(all, func(one int64) bool { return float64(one) == *n }) {
		at.report("%g is none of %s", *n, strings.Join(strings.Fields(strings.Trim(fmt.Sprint(all), "[]")), ", "))
	}
}

// checkM2ts checks that PIDs are valid, and that no two streams share one.
func checkM2ts(at place, s *types.M2tsSettings) {
	m := new(types.M2tsSettings)
	Merge(m, s)
	completeMembers(reflect.ValueOf(m), defaults())
	if n := int64(aws.ToInt32(m.Bitrate)); n > 0 && (n < channel.MinMuxRate || n > channel.MaxMuxRate) {
		at.at("bitrate").report("%d: it must be 0 or from %d to %d", n, channel.MinMuxRate, channel.MaxMuxRate)
	}
	taken := make(map[packet.PID]string)
	for _, stream := range []struct {
		member string
		pids   *string
		sent   bool
	}{
		{"pmtPid", m.PmtPid, true},
		{"videoPid", m.VideoPid, true},
		{"audioPids", m.AudioPids, true},
		{"scte35Pid", m.Scte35Pid, m.Scte35Control == types.M2tsScte35ControlPassthrough},
		{"timedMetadataPid", m.TimedMetadataPid, m.TimedMetadataBehavior == types.M2tsTimedMetadataBehaviorPassthrough},
		{"klvDataPids", m.KlvDataPids, m.Klv == types.M2tsKlvPassthrough},
		{"pcrPid", m.PcrPid, m.PcrPid != nil},
	} {
		if stream.sent {
			checkPIDs(at.at(stream.member), *stream.pids, taken)
		}
	}
}

// checkPIDs reports the first PID that is taken. That of the PCR may be any but
// that of the PMT.
func checkPIDs(at place, text string, taken map[packet.PID]string) {
	all, err := m2ts.ParsePIDs(text)
	if err != nil {
		at.report("%q: PIDs must be from %d (0x20) to %d (0x1ff6)", text, m2ts.MinPID, m2ts.MaxPID)
	}
	member := last(at.path)
	for _, pid := range all {
		if other := taken[pid]; other != "" && (member != "pcrPid" || other == "pmtPid") {
			at.report("PID %d is used by %s", pid, other)
			return
		}
		taken[pid] = member
	}
}
