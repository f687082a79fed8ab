package channel

import (
	"cmp"

	"github.com/lilo-live/lilo/internal/setting"
)

// InputSpecification says which sources MediaLive makes a channel for, and bills:
// the codec, the resolution and the highest bit rate. Members that are empty follow
// from the source.
type InputSpecification struct {
	Codec          string // CodecAVC, CodecHEVC or CodecMPEG2
	Resolution     string // ResolutionSD, ResolutionHD or ResolutionUHD
	MaximumBitrate string // one of InputBitrates
}

// Classes of resolution (MediaLive's API, InputResolution).
const (
	ResolutionSD  = "SD"  // less than 720 lines
	ResolutionHD  = "HD"  // 720 to 1080 lines
	ResolutionUHD = "UHD" // more than 1080 lines
)

// ResolutionOf returns the class of a picture of so many lines.
func ResolutionOf(lines int) string {
	switch {
	case lines < 720:
		return ResolutionSD
	case lines <= 1080:
		return ResolutionHD
	}
	return ResolutionUHD
}

// InputBitrate is a class of the bit rate of inputs.
type InputBitrate struct {
	Name string
	Most int64 // bit/s, inclusive
}

// InputBitrates returns the classes (MediaLive's API, InputMaximumBitrate), the
// lowest first. The last holds whatever is above, too.
func InputBitrates() []InputBitrate {
	return []InputBitrate{{"MAX_10_MBPS", 10_000_000}, {"MAX_20_MBPS", 20_000_000}, {"MAX_50_MBPS", 50_000_000}}
}

// InputBitrateOf returns the class of a bit rate in bit/s.
func InputBitrateOf(rate int64) string {
	all := InputBitrates()
	for _, b := range all {
		if rate <= b.Most {
			return b.Name
		}
	}
	return all[len(all)-1].Name
}

// Or returns the specification with the members of other where its own are empty.
func (s InputSpecification) Or(other InputSpecification) InputSpecification {
	return InputSpecification{
		cmp.Or(s.Codec, other.Codec), cmp.Or(s.Resolution, other.Resolution), cmp.Or(s.MaximumBitrate, other.MaximumBitrate),
	}
}

// DefaultInputSpecification is that of the original sample, for sources that nobody has looked at.
func DefaultInputSpecification() InputSpecification {
	return InputSpecification{CodecAVC, ResolutionHD, InputBitrateOf(0)}
}

func inputSpecificationGroup() setting.Group[InputSpecification] {
	type row = setting.Row
	var rates []string
	for _, b := range InputBitrates() {
		rates = append(rates, b.Name)
	}
	return setting.Group[InputSpecification]{Fields: []setting.Field[InputSpecification]{
		setting.Of(row{Key: "codec", Usage: "coding of the source's video", Default: "the source's", Example: CodecHEVC},
			setting.Word(CodecAVC, CodecHEVC, CodecMPEG2), func(s *InputSpecification) *string { return &s.Codec }),
		setting.Of(row{Key: "resolution", Usage: "SD below 720 lines, HD up to 1080, UHD above", Default: "the source's", Example: ResolutionUHD},
			setting.Word(ResolutionSD, ResolutionHD, ResolutionUHD), func(s *InputSpecification) *string { return &s.Resolution }),
		setting.Of(row{Key: "maximumBitrate", Usage: "class of the source's highest bit rate", Default: "the source's", Example: "MAX_20_MBPS"},
			setting.Word(rates...), func(s *InputSpecification) *string { return &s.MaximumBitrate }),
	}}
}
