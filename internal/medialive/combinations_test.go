package medialive

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/setting"
)

// combination is one of the settings that a channel can be encoded with.
type combination struct {
	preset, size, frameRate, rateControl string
}

func (c combination) String() string {
	words := []string{c.preset}
	for _, part := range []struct{ format, text string }{{"%s", c.size}, {"framerate=%s", c.frameRate}, {"%s", c.rateControl}} {
		if part.text != "" {
			words = append(words, fmt.Sprintf(part.format, part.text))
		}
	}
	return strings.Join(words, ",")
}

// combinations returns every preset with every size, frame rate and rate control.
func combinations() []combination {
	var all []combination
	for _, preset := range channel.Presets() {
		for _, size := range []string{
			"", "width=320,height=180", "width=720,height=576", "width=1280,height=720", "width=1920,height=1080", "width=3840,height=2160", "width=7680,height=4320",
		} {
			for _, rate := range []string{"", "1", "24000/1001", "25", "50", "60", "61", "120"} {
				for _, control := range []string{
					"", "rateControlMode=CBR", "rateControlMode=VBR", "rateControlMode=QVBR", "bitrate=3M", "maxBitrate=3M", "bitrate=3M,maxBitrate=4M", "qvbrQualityLevel=6",
				} {
					all = append(all, combination{preset, size, rate, control})
				}
			}
		}
	}
	return all
}

// refused returns a part of the answer to a combination, which must name the setting
// that was given; empty for one that MediaLive takes. Rates that LILO chooses must
// never be the reason.
func (c combination) refused() string {
	big := c.size != "" && !strings.Contains(c.size, "height=180") && !strings.Contains(c.size, "height=576")
	given := strings.Contains(c.rateControl, "itrate") || strings.Contains(c.rateControl, "CBR") || strings.Contains(c.rateControl, "=VBR")
	switch mpeg2 := c.preset == "mpeg2"; {
	case mpeg2 && (c.frameRate == "1" || c.frameRate == "61" || c.frameRate == "120"):
		return "a frame rate of"
	case (mpeg2 || c.preset == "hevc") && c.frameRate == "":
		return "at a frame rate that is given"
	case c.preset == "hevc" && (strings.Contains(c.rateControl, "=VBR") || strings.Contains(c.rateControl, ",max")):
		return "rateControlMode CBR or QVBR"
	case mpeg2 && given:
		return "chooses the bit rate of MPEG-2 itself"
	case mpeg2 && c.rateControl == "qvbrQualityLevel=6":
		return "no qvbrQualityLevel for MPEG2"
	case mpeg2 && big:
		return "MPEG-2 in SD alone"
	case strings.Contains(c.size, "4320"):
		return "2160 lines at most"
	case c.frameRate == "120" || c.frameRate == "61":
		return "60 pictures a second at most: give framerate=60"
	}
	return ""
}

// TestEveryCombination tries each preset, size, frame rate and rate control against
// the service's model.
func TestEveryCombination(t *testing.T) {
	t.Parallel()
	taken := 0
	for _, c := range combinations() {
		s := plain()
		err := s.Set("encode", c.String())
		var request *sdk.CreateChannelInput
		if err == nil {
			request, err = ChannelRequest(s, "1234567", "arn:aws:iam::123456789012:role/R")
		}
		want := c.refused()
		switch {
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", c, err, want)
		case want == "" && err != nil:
			t.Errorf("%s: %v", c, err)
		case err == nil:
			taken++
			checkChosen(t, c, request)
		}
	}
	if taken < 750 {
		t.Errorf("only %d combinations are taken", taken)
	}
}

// checkChosen checks that a request has the rates that its rate control needs, and
// no others, within the bounds of the codec.
func checkChosen(t *testing.T, c combination, request *sdk.CreateChannelInput) {
	t.Helper()
	video := request.EncoderSettings.VideoDescriptions[0].CodecSettings
	var mode string
	var mean, most *int32
	limit := int32(50_000_000)
	switch {
	case video.H264Settings != nil:
		mode, mean, most = string(video.H264Settings.RateControlMode), video.H264Settings.Bitrate, video.H264Settings.MaxBitrate
	case video.H265Settings != nil:
		limit = 40_000_000
		mode, mean, most = string(video.H265Settings.RateControlMode), video.H265Settings.Bitrate, video.H265Settings.MaxBitrate
	default:
		return // MediaLive chooses the rate of MPEG-2.
	}
	if (mean != nil) != (mode != "QVBR") || (most != nil) != (mode != "CBR") {
		t.Errorf("%s: %s has the rates %v, %v", c, mode, mean, most)
	}
	for _, rate := range []*int32{mean, most} {
		if rate != nil && (*rate < 500_000 || *rate > limit) {
			t.Errorf("%s: a rate of %d", c, *rate)
		}
	}
}

// TestTheRateOfUHD is the combination that was refused for a rate of LILO's own.
func TestTheRateOfUHD(t *testing.T) {
	s := encoded(t, "hevc,framerate=50,width=3840,height=2160")
	c, err := ChannelRequest(s, "1", "")
	if err != nil || *c.EncoderSettings.VideoDescriptions[0].CodecSettings.H265Settings.MaxBitrate != 40_000_000 {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestFit checks what an encoder takes from a source: rates that fit its size, and a
// frame rate in numbers that MediaLive takes.
func TestFit(t *testing.T) {
	hd := Pictures{1920, 1080, 25, 1}
	for _, c := range []struct {
		encode       string
		source       Pictures
		framerate    string
		bitrate, max int64
	}{
		{"avc", hd, "25/1", 0, 8_600_000},
		{"avc", Pictures{3840, 2160, 25, 1}, "25/1", 0, 34_500_000},
		{"avc", Pictures{3840, 2160, 50, 1}, "50/1", 0, 50_000_000},
		{"avc", Pictures{640, 360, 25, 1}, "25/1", 0, 1_000_000},
		{"avc,rateControlMode=CBR", Pictures{1280, 720, 50, 1}, "50/1", 7_600_000, 0},
		{"avc,rateControlMode=VBR", hd, "25/1", 4_300_000, 6_450_000},
		{"avc,width=1280,height=720", Pictures{3840, 2160, 25, 1}, "25/1", 0, 3_800_000},
		{"avc,framerate=25", Pictures{3840, 2160, 50, 1}, "25/1", 0, 34_500_000},
		{"avc,maxBitrate=3M", Pictures{3840, 2160, 50, 1}, "50/1", 0, 3_000_000},
		{"avc", Pictures{Width: 3840, Height: 2160}, "0/0", 0, 34_500_000},
		{"hevc", Pictures{3840, 2160, 50, 1}, "50/1", 0, 40_000_000},
		{"hevc", Pictures{1920, 1080, 30_000, 1001}, "30000/1001", 0, 6_200_000},
		{"hevc", Pictures{1920, 1080, 10_000_000, 333_667}, "30000/1001", 0, 6_200_000},
		{"hevc", Pictures{1920, 1080, 10_000_000, 400_001}, "25000/1000", 0, 5_100_000},
		{"mpeg2", Pictures{720, 576, 25, 1}, "25/1", 0, 0},
	} {
		s := encoded(t, c.encode)
		*s.Encode = Fit(*s.Encode, c.source)
		v := s.Encode.Video
		if got := fmt.Sprintf("%d/%d", v.FramerateNumerator, v.FramerateDenominator); got != c.framerate || v.Bitrate != c.bitrate || v.MaxBitrate != c.max {
			t.Errorf("%s of %+v: %s, %d, %d", c.encode, c.source, got, v.Bitrate, v.MaxBitrate)
		}
		if _, err := ChannelRequest(s, "1", ""); err != nil {
			t.Errorf("%s of %+v: %v", c.encode, c.source, err)
		}
	}
}

// TestEveryValueOfEverySetting sets each setting to each of its values, or to the
// ends of its range, and checks that the documents carry it or that it is refused by
// its name.
func TestEveryValueOfEverySetting(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, base := range []string{"avc", "hevc,framerate=25", "mpeg2,framerate=25", "lilo"} {
		before := documents(t, encoded(t, base))
		for _, f := range channel.EncodeFields() {
			for _, value := range values(t, f.Schema()) {
				s, key := plain(), strings.TrimPrefix(f.Key, "video.")
				if s.Set("encode", base+","+key+"="+value) != nil {
					continue // LILO does not encode so either.
				}
				tried++
				request, err := ChannelRequest(s, "1234567", "arn:aws:iam::123456789012:role/R")
				was := encoded(t, base)
				switch text := fmt.Sprintf("%s,%s=%s", base, key, value); {
				case err != nil && !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(named(key))):
					t.Errorf("%s: %v", text, err)
				case err == nil && f.Wire(s.Encode) != f.Wire(was.Encode) && document(t, request) == before:
					t.Errorf("%s: the document does not change", text)
				}
			}
		}
	}
	if tried < 300 {
		t.Errorf("only %d values were tried", tried)
	}
}

// named returns what the answer to a refused setting must contain.
func named(key string) string {
	switch key {
	case "codec", "audio.codec":
		return "MediaLive encodes"
	case "width":
		return "height"
	case "framerate", "framerateNumerator", "framerateDenominator":
		return "framerate"
	case "rateControlMode", "bitrate", "maxBitrate":
		return "rate"
	case "gopSizeUnits":
		return "gopSize"
	}
	return key
}

// TestEveryValueOfTheTransportStream does the same to the layout and the FEC.
func TestEveryValueOfTheTransportStream(t *testing.T) {
	try := func(group, key string, schema setting.Schema, words string) {
		for _, value := range values(t, schema) {
			s := plain()
			if s.Set(group, strings.TrimPrefix(words+","+key+"="+value, ",")) != nil {
				continue
			}
			if _, err := ChannelRequest(s, "1", ""); err != nil && !strings.Contains(err.Error(), key) {
				t.Errorf("%s %s=%s: %v", group, key, value, err)
			}
		}
	}
	for _, f := range m2ts.Fields() {
		try("m2ts", f.Key, f.Schema(), "")
	}
	for _, f := range channel.FECFields() {
		try("fec", f.Key, f.Schema(), "includeFec=COLUMN_AND_ROW")
	}
	for _, class := range channel.InputBitrates() {
		if !slices.Contains(types.InputMaximumBitrate("").Values(), types.InputMaximumBitrate(class.Name)) {
			t.Errorf("MediaLive has no %s", class.Name)
		}
	}
	for _, level := range channel.LogLevels() {
		if !slices.Contains(types.LogLevel("").Values(), types.LogLevel(level)) {
			t.Errorf("MediaLive has no log level %s", level)
		}
	}
}

// values returns the values that a schema lists, or the ends of its range.
func values(t *testing.T, s setting.Schema) []string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var of struct {
		Enum             []any
		Minimum, Maximum *float64
		ExclusiveMinimum *float64
		AnyOf            []struct{ Minimum, Maximum *float64 }
	}
	if err := json.Unmarshal(text, &of); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, v := range of.Enum {
		all = append(all, fmt.Sprint(v))
	}
	ends := []*float64{of.Minimum, of.Maximum}
	for _, part := range of.AnyOf {
		ends = append(ends, part.Minimum, part.Maximum)
	}
	if of.ExclusiveMinimum != nil {
		all = append(all, "1", "0.5", "20")
	}
	for _, end := range ends {
		if end != nil {
			all = append(all, fmt.Sprintf("%.0f", *end))
		}
	}
	return append(all, "25", "500k", "3M", "50M", "eng") // For those whose schema lists nothing.
}

// documents returns the channel of a spec on AWS as text.
func documents(t *testing.T, s channel.Spec) string {
	t.Helper()
	request, err := ChannelRequest(s, "1234567", "arn:aws:iam::123456789012:role/R")
	if err != nil {
		t.Fatal(err)
	}
	return document(t, request)
}

func document(t *testing.T, request *sdk.CreateChannelInput) string {
	t.Helper()
	text, err := Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
