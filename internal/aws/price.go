package aws

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// Price is the list price of a running channel without transfer and tax.
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
	Rate       float64 // frames a second of an output, 0 if unknown
}

// name says what is billed, as in a list of prices.
func (s StreamUsage) name(input bool) string {
	text := fmt.Sprintf("%s %s up to %d Mb/s", s.Resolution, s.Codec, (s.BitRate+999_999)/1_000_000)
	switch {
	case input:
		return "input " + text
	case s.Rate == 0:
		return "output " + text + ", at the source's frame rate"
	}
	return fmt.Sprintf("output %s, %.5g fps", text, s.Rate)
}

// Of returns the price of a running channel. The error says which part of it the
// tariffs do not have.
func (t Tariffs) Of(u Usage) (Price, error) {
	p := Price{Source: t.Source, Lines: []PriceLine{}}
	for i, s := range append([]StreamUsage{u.Input}, u.Outputs...) {
		hour, ok := t.hourly(u.Standard, i == 0, s)
		if !ok {
			return Price{}, fault.New(fault.Usage, "%s has no price for %s", t.Source, s.name(i == 0))
		}
		if i > 0 {
			p.Output += float64(s.BitRate) * 3600 / 8 / 1e9
		}
		p.Lines = append(p.Lines, PriceLine{s.name(i == 0), hour})
		p.Hour += hour
	}
	if u.Standard {
		p.Output *= 2
	}
	p.Hour = math.Round(p.Hour*10000) / 10000
	p.Month = math.Round(p.Hour*monthHours*100) / 100
	return p, nil
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
// AWS::MediaLive::Channel in a template.
func UsageOf(properties []byte) (Usage, error) {
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
		for name, k := range map[string]*codec{channel.CodecAVC: v.CodecSettings.H264Settings, channel.CodecHEVC: v.CodecSettings.H265Settings, channel.CodecMPEG2: v.CodecSettings.Mpeg2Settings} {
			if k != nil {
				u.Constant = u.Constant || k.RateControlMode == channel.RateCBR
				s.Codec, s.BitRate = name, max(k.Bitrate, k.MaxBitrate)
				s.Rate = float64(k.FramerateNumerator) / float64(max(1, k.FramerateDenominator))
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

// usageOfChannel returns what AWS bills of an existing channel. The SDK names its fields
// as a template does.
func usageOfChannel(out *medialive.DescribeChannelOutput) (Usage, error) {
	text, err := json.Marshal(out)
	if err != nil {
		return Usage{}, err
	}
	return UsageOf(text)
}
