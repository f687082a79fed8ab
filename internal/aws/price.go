package aws

import (
	"encoding/json"
	"fmt"
	"math"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// Price is what a running channel costs by the list, transfer and tax not
// included. It is an estimate: the list changes, and differs between regions.
type Price struct {
	Hour  float64 `json:"usd_an_hour"`
	Month float64 `json:"usd_a_month"` // of 730 hours
	// Output is how much leaves AWS in an hour, which is charged besides, in GB.
	Output float64     `json:"output_gb_an_hour"`
	Lines  []PriceLine `json:"lines"`
	// Source says where the prices are from, and of when they are.
	Source string `json:"source"`
}

// PriceLine is a part of a price.
type PriceLine struct {
	What string  `json:"what"`
	Hour float64 `json:"usd_an_hour"`
}

// PricePage is where the prices of today are.
const PricePage = "https://aws.amazon.com/medialive/pricing/"

const priceSource = "list of us-east-1 as AWS's own guides and price list quoted it in 2024-10 to 2026-09; other regions differ by some per cent"

const monthHours = 730

// Usage is what the price of a channel depends on.
type Usage struct {
	Standard bool
	Input    StreamUsage
	Outputs  []StreamUsage
}

// StreamUsage is an input or an output of a channel.
type StreamUsage struct {
	Codec   string // AVC, HEVC, MPEG2
	Height  int    // pixels
	BitRate int64  // bit/s, the highest
	Rate    float64
}

// tariff is the price of a stream of a STANDARD channel in USD an hour.
type tariff struct {
	input      bool
	resolution string
	below      int64 // bit/s, up to and with which it holds
	hour       float64
}

// tariffs are of AVC and MPEG-2 up to 30 pictures a second. The inputs and
// outputs of HD and SD are from the cost tables of the guides to AWS's "Live
// Streaming" solutions; the input below 10 Mb/s follows from its single
// pipeline, which the price list has at 0.1404.
func tariffs() []tariff {
	return []tariff{
		{input: true, resolution: "HD", below: 10_000_000, hour: 0.234},
		{input: true, resolution: "HD", below: 20_000_000, hour: 0.294},
		{resolution: "SD", below: 10_000_000, hour: 0.354},
		{resolution: "HD", below: 10_000_000, hour: 0.702},
	}
}

// singleShare is what one pipeline costs of the price of two: 0.1404 of 0.234.
const singleShare = 0.6

// PriceOf returns the list price of a running channel, or false where the
// table does not have it: HEVC, UHD, more than 30 pictures a second.
func PriceOf(b Usage) (Price, bool) {
	p := Price{Source: priceSource, Lines: []PriceLine{}}
	share := singleShare
	if b.Standard {
		share = 1
	}
	add := func(what string, input bool, s StreamUsage) bool {
		hour, ok := listed(input, s)
		if ok {
			p.Lines = append(p.Lines, PriceLine{fmt.Sprintf("%s %s %s up to %d Mb/s", what, resolution(s.Height), s.Codec, (s.BitRate+999_999)/1_000_000), hour * share})
			p.Hour += hour * share
		}
		return ok
	}
	if !add("input", true, b.Input) || len(b.Outputs) == 0 {
		return Price{}, false
	}
	for _, o := range b.Outputs {
		if !add("output", false, o) {
			return Price{}, false
		}
		p.Output += float64(o.BitRate) * 3600 / 8 / 1e9
	}
	if b.Standard {
		p.Output *= 2
	}
	p.Hour = math.Round(p.Hour*10000) / 10000
	p.Month = math.Round(p.Hour*monthHours*100) / 100
	return p, true
}

func listed(input bool, s StreamUsage) (float64, bool) {
	if (s.Codec != "AVC" && s.Codec != "MPEG2") || s.Rate > 30 {
		return 0, false
	}
	for _, t := range tariffs() {
		if t.input == input && t.resolution == resolution(s.Height) && s.BitRate <= t.below {
			return t.hour, true
		}
	}
	return 0, false
}

// resolution is MediaLive's class of a picture of that height.
func resolution(height int) string {
	switch {
	case height < 720:
		return "SD"
	case height <= 1080:
		return "HD"
	}
	return "UHD"
}

// heightOf is a picture's height in MediaLive's class.
func heightOf(class string) int {
	switch class {
	case "SD":
		return 576
	case "UHD":
		return 2160
	}
	return 1080
}

// highest is the rate of an input specification in bit/s.
func highest(class string) int64 {
	switch class {
	case "MAX_10_MBPS":
		return 10_000_000
	case "MAX_20_MBPS":
		return 20_000_000
	}
	return 50_000_000
}

// UsageOf reads what the price depends on from the properties of an
// AWS::MediaLive::Channel in a template.
func UsageOf(properties []byte) (Usage, error) {
	var c struct {
		ChannelClass       string
		InputSpecification struct{ Codec, Resolution, MaximumBitrate string }
		EncoderSettings    struct {
			VideoDescriptions []struct {
				Name          string
				Height        int
				CodecSettings struct{ H264Settings, H265Settings, Mpeg2Settings *coding }
			}
			OutputGroups []struct {
				Outputs []struct{ VideoDescriptionName string }
			}
		}
	}
	if err := json.Unmarshal(properties, &c); err != nil {
		return Usage{}, err
	}
	b := Usage{Standard: c.ChannelClass == "STANDARD", Input: StreamUsage{
		Codec: c.InputSpecification.Codec, Height: heightOf(c.InputSpecification.Resolution), BitRate: highest(c.InputSpecification.MaximumBitrate),
	}}
	videos := make(map[string]StreamUsage)
	for _, v := range c.EncoderSettings.VideoDescriptions {
		s := StreamUsage{Height: v.Height}
		for name, k := range map[string]*coding{"AVC": v.CodecSettings.H264Settings, "HEVC": v.CodecSettings.H265Settings, "MPEG2": v.CodecSettings.Mpeg2Settings} {
			if k != nil {
				s.Codec, s.BitRate, s.Rate = name, max(k.Bitrate, k.MaxBitrate), k.rate()
			}
		}
		videos[v.Name] = s
	}
	for _, g := range c.EncoderSettings.OutputGroups {
		for _, o := range g.Outputs {
			b.Outputs = append(b.Outputs, videos[o.VideoDescriptionName])
		}
	}
	return b, nil
}

// coding is what the settings of all video codecs have in common.
type coding struct {
	Bitrate, MaxBitrate                      int64
	FramerateNumerator, FramerateDenominator int
}

func (k coding) rate() float64 {
	return float64(k.FramerateNumerator) / float64(max(1, k.FramerateDenominator))
}

// billedOf is the same of a channel that is there.
func billedOf(out *medialive.DescribeChannelOutput) Usage {
	b := Usage{Standard: out.ChannelClass == types.ChannelClassStandard}
	if in := out.InputSpecification; in != nil {
		b.Input = StreamUsage{Codec: string(in.Codec), Height: heightOf(string(in.Resolution)), BitRate: highest(string(in.MaximumBitrate))}
	}
	if out.EncoderSettings == nil {
		return b
	}
	videos := make(map[string]StreamUsage)
	for _, v := range out.EncoderSettings.VideoDescriptions {
		videos[sdk.ToString(v.Name)] = billedVideo(v)
	}
	for _, g := range out.EncoderSettings.OutputGroups {
		for _, o := range g.Outputs {
			b.Outputs = append(b.Outputs, videos[sdk.ToString(o.VideoDescriptionName)])
		}
	}
	return b
}

func billedVideo(v types.VideoDescription) StreamUsage {
	s := StreamUsage{Height: int(sdk.ToInt32(v.Height))}
	if v.CodecSettings == nil {
		return s
	}
	switch k := v.CodecSettings; {
	case k.H264Settings != nil:
		h := k.H264Settings
		s.Codec, s.BitRate = "AVC", int64(max(sdk.ToInt32(h.Bitrate), sdk.ToInt32(h.MaxBitrate)))
		s.Rate = float64(sdk.ToInt32(h.FramerateNumerator)) / float64(max(1, sdk.ToInt32(h.FramerateDenominator)))
	case k.H265Settings != nil:
		s.Codec = "HEVC"
	case k.Mpeg2Settings != nil:
		m := k.Mpeg2Settings
		s.Codec, s.BitRate = "MPEG2", 0
		s.Rate = float64(sdk.ToInt32(m.FramerateNumerator)) / float64(max(1, sdk.ToInt32(m.FramerateDenominator)))
	}
	return s
}
