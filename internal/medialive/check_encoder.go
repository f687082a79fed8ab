package medialive

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// descriptions checks that each has a name of its own, an output that refers to
// it, and settings that fit one another.
func (k *checker) descriptions(e *types.EncoderSettings) {
	var videos, audios, captions []string
	for _, g := range e.OutputGroups {
		for _, o := range g.Outputs {
			videos = append(videos, aws.ToString(o.VideoDescriptionName))
			audios = append(audios, o.AudioDescriptionNames...)
			captions = append(captions, o.CaptionDescriptionNames...)
		}
	}
	seen := make(map[string]bool)
	for i, d := range e.VideoDescriptions {
		path := fmt.Sprintf("/encoderSettings/videoDescriptions/%d", i)
		k.described(path, "Video description", aws.ToString(d.Name), videos, seen)
		k.video(path, d)
	}
	clear(seen)
	for i, d := range e.AudioDescriptions {
		path := fmt.Sprintf("/encoderSettings/audioDescriptions/%d", i)
		k.described(path, "Audio description", aws.ToString(d.Name), audios, seen)
		k.audio(path, d)
	}
	clear(seen)
	for i, d := range e.CaptionDescriptions {
		k.described(fmt.Sprintf("/encoderSettings/captionDescriptions/%d", i), "Caption description", aws.ToString(d.Name), captions, seen)
	}
}

func (k *checker) described(path, what, name string, used []string, seen map[string]bool) {
	k.unique(path+"/name", what, name, seen)
	if name != "" && !slices.Contains(used, name) {
		k.add(path, "%s %q is not referenced by any output", what, name)
	}
}

func (k *checker) video(path string, d types.VideoDescription) {
	if (d.Width == nil) != (d.Height == nil) {
		k.add(path, "width and height must be given together or left out")
	}
	k.even(path+"/width", d.Width)
	k.even(path+"/height", d.Height)
	if d.CodecSettings == nil {
		return // LILO copies.
	}
	here := path + "/codecSettings"
	switch kind := k.atMostOne(here, d.CodecSettings); kind {
	case "h264Settings":
		k.h264(here+"/"+kind, d.CodecSettings.H264Settings)
	case "h265Settings":
		h := d.CodecSettings.H265Settings
		k.rates(here+"/"+kind, string(h.RateControlMode), h.Bitrate, h.MaxBitrate)
		k.gop(here+"/"+kind, h.GopSize, string(h.GopSizeUnits))
	case "mpeg2Settings":
		k.gop(here+"/"+kind, d.CodecSettings.Mpeg2Settings.GopSize, string(d.CodecSettings.Mpeg2Settings.GopSizeUnits))
	}
}

func (k *checker) even(path string, n *int32) {
	if n != nil && (*n <= 0 || *n%2 != 0) {
		k.add(path, "%d: it must be an even number above 0", *n)
	}
}

func (k *checker) h264(path string, h *types.H264Settings) {
	if h.FramerateControl == types.H264FramerateControlSpecified {
		k.needed(path, "framerateNumerator", h.FramerateNumerator, "framerateControl SPECIFIED")
		k.needed(path, "framerateDenominator", h.FramerateDenominator, "framerateControl SPECIFIED")
	}
	if h.ParControl == types.H264ParControlSpecified {
		k.needed(path, "parNumerator", h.ParNumerator, "parControl SPECIFIED")
		k.needed(path, "parDenominator", h.ParDenominator, "parControl SPECIFIED")
	}
	k.rates(path, string(h.RateControlMode), h.Bitrate, h.MaxBitrate)
	k.gop(path, h.GopSize, string(h.GopSizeUnits))
}

func (k *checker) needed(path, member string, n *int32, because string) {
	if n == nil {
		k.add(path+"/"+member, "%s is required with %s", member, because)
	}
}

func (k *checker) rates(path, mode string, mean, most *int32) {
	if mode == "VBR" && mean != nil && most != nil && *most < *mean {
		k.add(path+"/maxBitrate", "%d: it must be at least bitrate, %d", *most, *mean)
	}
}

func (k *checker) gop(path string, size *float64, units string) {
	if size == nil {
		return
	}
	switch n := *size; {
	case !(n > 0):
		k.add(path+"/gopSize", "%g: it must be above 0", n)
	case units != "SECONDS" && n != float64(int64(n)):
		k.add(path+"/gopSize", "%g: it must be a whole number of FRAMES", n)
	}
}

func (k *checker) audio(path string, d types.AudioDescription) {
	if d.LanguageCodeControl == types.AudioDescriptionLanguageCodeControlUseConfigured && aws.ToString(d.LanguageCode) == "" {
		k.add(path+"/languageCode", "languageCode is required with languageCodeControl USE_CONFIGURED")
	}
	if d.CodecSettings == nil {
		return // LILO copies.
	}
	here := path + "/codecSettings"
	kind := k.atMostOne(here, d.CodecSettings)
	switch here += "/" + kind; kind {
	case "aacSettings":
		k.oneOf(here+"/sampleRate", d.CodecSettings.AacSettings.SampleRate, 8000, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000)
		if n := d.CodecSettings.AacSettings.Bitrate; n != nil && !(*n >= 8000 && *n <= 1_024_000) {
			k.add(here+"/bitrate", "%g: it must be from %g to %g", *n, 8000.0, 1_024_000.0)
		}
	case "ac3Settings":
		k.oneOf(here+"/bitrate", d.CodecSettings.Ac3Settings.Bitrate, channel.AudioBitrates(channel.CodecAC3)...)
	case "mp2Settings":
		k.oneOf(here+"/sampleRate", d.CodecSettings.Mp2Settings.SampleRate, 32000, 44100, 48000)
		k.oneOf(here+"/bitrate", d.CodecSettings.Mp2Settings.Bitrate, channel.AudioBitrates(channel.CodecMP2)...)
	}
}

func (k *checker) oneOf(path string, n *float64, all ...int64) {
	if n == nil || slices.Contains(all, int64(*n)) && *n == float64(int64(*n)) {
		return
	}
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = strconv.FormatInt(one, 10)
	}
	k.add(path, "%g is none of %s", *n, strings.Join(texts, ", "))
}
