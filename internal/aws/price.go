package aws

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/channel"
)

// Price is the list price of a running channel without transfer and tax. It is
// an estimate: prices change, and differ between regions.
type Price struct {
	Hour  float64 `json:"usd_an_hour"`
	Month float64 `json:"usd_a_month"` // of 730 hours
	// Output is how much leaves AWS in an hour, in GB. AWS charges it separately.
	Output float64     `json:"output_gb_an_hour"`
	Lines  []PriceLine `json:"lines"`
	// Source is where the prices come from, with their date.
	Source string `json:"source"`
}

// PriceLine is one item of a price.
type PriceLine struct {
	What string  `json:"what"`
	Hour float64 `json:"usd_an_hour"`
}

// PricePage is the page with the current prices.
const PricePage = "https://aws.amazon.com/medialive/pricing/"

const priceSource = "list of us-east-1 as AWS's own guides and price list quoted it in 2024-10 to 2026-09; other regions differ by some per cent"

const monthHours = 730

// Usage is what AWS bills of a channel.
type Usage struct {
	Standard bool
	Input    StreamUsage
	Outputs  []StreamUsage
	// Constant says that an output has a constant bit rate.
	Constant bool
}

// qvbrRate is the maximum bit rate that AWS's guide recommends for QVBR in HD on big
// screens, in bit/s.
const qvbrRate = 6_000_000

// SavedByQVBR returns how much less leaves AWS in an hour, in GB, if HD outputs of
// constant rate are encoded by QVBR.
func (u Usage) SavedByQVBR() float64 {
	saved := 0.
	for _, s := range u.Outputs {
		if u.Constant && s.Resolution == channel.ResolutionHD && s.BitRate > qvbrRate {
			saved += float64(s.BitRate-qvbrRate) * 3600 / 8 / 1e9
		}
	}
	if u.Standard {
		saved *= 2
	}
	return saved
}

// StreamUsage is what AWS bills of an input or an output.
type StreamUsage struct {
	Codec      string  // AVC, HEVC, MPEG2
	Resolution string  // SD, HD, UHD
	BitRate    int64   // the maximum, in bit/s
	Rate       float64 // frames a second, 0 if unknown
}

// tariff is the price of an input or output of a STANDARD channel.
type tariff struct {
	input      bool
	resolution string
	maxBitRate int64   // bit/s, inclusive
	hour       float64 // USD
}

// tariffs returns the prices of AVC and MPEG-2 up to 30 frames a second. They
// are from the cost tables of AWS's guides to its "Live Streaming" solutions; the
// input up to 10 Mb/s follows from that of a single pipeline, listed at 0.1404.
func tariffs() []tariff {
	return []tariff{
		{input: true, resolution: "HD", maxBitRate: 10_000_000, hour: 0.234},
		{input: true, resolution: "HD", maxBitRate: 20_000_000, hour: 0.294},
		{resolution: "SD", maxBitRate: 10_000_000, hour: 0.354},
		{resolution: "HD", maxBitRate: 10_000_000, hour: 0.702},
	}
}

// singleShare is the price of one pipeline relative to two: 0.1404 of 0.234.
const singleShare = 0.6

// PriceOf returns the list price of a running channel. ok is false for what the
// table does not have: HEVC, UHD and more than 30 frames a second.
func PriceOf(u Usage) (price Price, ok bool) {
	p := Price{Source: priceSource, Lines: []PriceLine{}}
	share := singleShare
	if u.Standard {
		share = 1
	}
	for i, s := range append([]StreamUsage{u.Input}, u.Outputs...) {
		kind := "output"
		if i == 0 {
			kind = "input"
		} else {
			p.Output += float64(s.BitRate) * 3600 / 8 / 1e9
		}
		hour, ok := hourly(i == 0, s)
		if !ok || len(u.Outputs) == 0 {
			return Price{}, false
		}
		what := fmt.Sprintf("%s %s %s up to %d Mb/s", kind, s.Resolution, s.Codec, (s.BitRate+999_999)/1_000_000)
		p.Lines = append(p.Lines, PriceLine{what, hour * share})
		p.Hour += hour * share
	}
	if u.Standard {
		p.Output *= 2
	}
	p.Hour = math.Round(p.Hour*10000) / 10000
	p.Month = math.Round(p.Hour*monthHours*100) / 100
	return p, true
}

// hourly returns the price of a stream of a STANDARD channel in USD an hour.
func hourly(input bool, s StreamUsage) (float64, bool) {
	if (s.Codec != "AVC" && s.Codec != "MPEG2") || s.Rate > 30 {
		return 0, false
	}
	for _, t := range tariffs() {
		if t.input == input && t.resolution == s.Resolution && s.BitRate <= t.maxBitRate {
			return t.hour, true
		}
	}
	return 0, false
}

// maxBitRate returns the bit rate of an input specification in bit/s.
func maxBitRate(class string) int64 {
	all := channel.InputBitrates()
	i := slices.IndexFunc(all, func(b channel.InputBitrate) bool { return b.Name == class })
	if i < 0 {
		i = len(all) - 1
	}
	return all[i].Most
}

// UsageOf returns what AWS bills of a channel by the properties of an
// AWS::MediaLive::Channel in a template, and the frame rate of the source, 0 if it
// is unknown.
func UsageOf(properties []byte, sourceRate float64) (Usage, error) {
	type codec struct {
		Bitrate, MaxBitrate                      int64
		RateControlMode                          string
		FramerateNumerator, FramerateDenominator int
	}
	var c struct {
		ChannelClass       string
		InputSpecification struct{ Codec, Resolution, MaximumBitrate string }
		EncoderSettings    struct {
			VideoDescriptions []struct {
				Name          string
				Height        int
				CodecSettings struct{ H264Settings, H265Settings, Mpeg2Settings *codec }
			}
			OutputGroups []struct {
				Outputs []struct{ VideoDescriptionName string }
			}
		}
	}
	if err := json.Unmarshal(properties, &c); err != nil {
		return Usage{}, err
	}
	u := Usage{Standard: c.ChannelClass == "STANDARD", Input: StreamUsage{
		Codec: c.InputSpecification.Codec, Resolution: c.InputSpecification.Resolution, BitRate: maxBitRate(c.InputSpecification.MaximumBitrate),
	}}
	videos := make(map[string]StreamUsage)
	for _, v := range c.EncoderSettings.VideoDescriptions {
		s := StreamUsage{Resolution: u.Input.Resolution}
		if v.Height != 0 { // Otherwise the source's.
			s.Resolution = channel.ResolutionOf(v.Height)
		}
		for name, k := range map[string]*codec{"AVC": v.CodecSettings.H264Settings, "HEVC": v.CodecSettings.H265Settings, "MPEG2": v.CodecSettings.Mpeg2Settings} {
			if k != nil {
				u.Constant = u.Constant || k.RateControlMode == channel.RateCBR
				s.Codec, s.BitRate = name, max(k.Bitrate, k.MaxBitrate)
				if s.Rate = sourceRate; k.FramerateNumerator != 0 {
					s.Rate = float64(k.FramerateNumerator) / float64(max(1, k.FramerateDenominator))
				}
			}
		}
		videos[v.Name] = s
	}
	for _, g := range c.EncoderSettings.OutputGroups {
		for _, o := range g.Outputs {
			u.Outputs = append(u.Outputs, videos[o.VideoDescriptionName])
		}
	}
	return u, nil
}

// priceOfChannel returns the list price of an existing channel. The SDK names
// its fields as a template does.
func priceOfChannel(out *medialive.DescribeChannelOutput) (Price, bool) {
	text, err := json.Marshal(out)
	if err != nil {
		return Price{}, false
	}
	u, err := UsageOf(text, 0)
	if err != nil {
		return Price{}, false
	}
	return PriceOf(u)
}
