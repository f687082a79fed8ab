package aws

import (
	"strings"

	awsstacks "github.com/lilo-live/lilo/internal/aws/stacks"
	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/medialive"
)

// CheckEncoder checks that MediaLive encodes what the source holds as the spec says.
// It returns what may not be as meant.
func CheckEncoder(s channel.Spec, m Media) []Check {
	if s.Encode == nil {
		return nil
	}
	var checks []Check
	v := s.Encode.Video
	if v.Height == 0 {
		if err := medialive.CheckLines(v.Codec, m.Pictures.Height); err != nil {
			checks = append(checks, FailedCheck("settings", fault.New(fault.Usage, "the source's %w", err)))
		}
	}
	if v.Codec == channel.CodecMPEG2 {
		checks = append(checks, Check{
			Name: "settings", Result: Warning, Text: "AWS's guide lists MPEG-2 for outputs to Multiplex and MediaConnect, not for UDP and RTP",
			Remedy: "if MediaLive refuses the channel, encode to avc",
		})
	}
	return checks
}

// Fit returns a spec with what follows from its source filled in: the input
// specification, and what the encoder takes from the source.
func Fit(s channel.Spec, m Media) channel.Spec {
	s.AWS.InputSpecification = s.AWS.InputSpecification.Or(m.InputSpecification())
	if s.Encode != nil {
		e := medialive.Fit(*s.Encode, m.Pictures)
		s.Encode = &e
	}
	return s
}

// UsualMedia is what a source is taken for before it is read.
func UsualMedia() Media {
	return Media{Pictures: medialive.Pictures{Width: 1920, Height: 1080, FramerateNumerator: 25, FramerateDenominator: 1}}
}

// CheckSettings checks that a spec can be deployed: that MediaLive takes its channel and
// its input, and that they make templates. It returns what is wrong.
func CheckSettings(s channel.Spec) []Check {
	pretended := template.File{Path: "file", Hash: "hash"}
	files := awsstacks.Files{Functions: pretended}
	if !strings.Contains(s.Source, "://") {
		files.Source = &pretended
	}
	if _, err := awsstacks.New(s, files); err != nil {
		return []Check{FailedCheck("settings", err)}
	}
	return nil
}
