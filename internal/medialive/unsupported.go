package medialive

import (
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// reportRest reports every member that differs from its default and that nobody
// has handled, so that nothing is dropped silently, not even what a later
// version of the SDK adds.
func (p place) reportRest(c *types.Channel) {
	p.differing(reflect.ValueOf(c), defaults(), func(at place) { at.unsupported("%s", reason(at.path)) })
}

// differing calls tell for the members below v that nobody has handled and that
// differ from their defaults. Of a part that has a reason of its own it is the
// part.
func (p place) differing(v reflect.Value, defaults map[string]string, tell func(at place)) {
	for m := range members(v) {
		at := p.at(m.name())
		switch {
		case p.done[at.path], unset(m.value):
		case isLeaf(m.value):
			if textOf(m.value) != defaults[m.key()] {
				tell(at)
			}
		case reasons()[last(at.path)] != "":
			different := false
			at.differing(m.value, defaults, func(place) { different = true })
			if different {
				tell(at)
			}
		default:
			at.differing(m.value, defaults, tell)
		}
	}
}

// reason returns a sentence that says why a member is not honoured.
func reason(path string) string {
	if text := reasons()[last(path)]; text != "" {
		return text
	}
	switch {
	case strings.Contains(path, "/m2tsSettings/"):
		return "the transport stream has nothing like it"
	case strings.Contains(path, "/codecSettings/"):
		return "the encoder decides that by itself"
	}
	return "LILO ignores it"
}

// reasons returns why parts of a document that LILO has nothing like are not
// honoured, by the member that holds them. Such a part is reported once.
func reasons() map[string]string {
	return map[string]string{
		"deblockFilter": "no filter is applied", "denoiseFilter": "no filter is applied", "inputFilter": "no filter is applied", "filterStrength": "no filter is applied",
		"anywhereSettings":               "the channel runs on this machine, not in a cluster",
		"audioNormalizationSettings":     "the loudness of the audio is not changed",
		"audioWatermarkingSettings":      "the audio gets no watermark",
		"automaticInputFailoverSettings": "a file does not fail over to another input",
		"availBlanking":                  "nothing is blanked: no SCTE-35 message comes out of a file",
		"availConfiguration":             "no SCTE-35 message is sent",
		"blackoutSlate":                  "no slate is shown: no SCTE-35 message comes out of a file",
		"captionDescriptionNames":        "no captions are made; those within the video stay unless it is encoded",
		"captionDescriptions":            "no captions are made; those within the video stay unless it is encoded",
		"captionSelectors":               "no captions are made; those within the video stay unless it is encoded",
		"cdiInputSpecification":          "an input is a file, not CDI",
		"channelSecurityGroups":          "the channel accepts no connections",
		"colorCorrectionSettings":        "colours are not corrected",
		"colorSpaceSettings":             "the colour space stays that of the source",
		"dvbNitSettings":                 "no NIT is sent",
		"dvbTdtSettings":                 "no TDT is sent",
		"filterSettings":                 "no filter is applied",
		"inferenceSettings":              "no inference is run",
		"inputLossBehavior":              "what is missing of a file is replaced by null packets",
		"linkedChannelSettings":          "channels are not linked: those of one source and one epoch are identical anyway",
		"motionGraphicsConfiguration":    "no graphics are drawn",
		"networkInputSettings":           "a file is read over TLS whose certificate is always verified",
		"nielsenConfiguration":           "the audio gets no Nielsen watermark",
		"remixSettings":                  "audio channels are not mixed",
		"timecodeBurninSettings":         "no timecode is shown in the picture",
		"videoSelector":                  "the first picture track of the file is played, in its own colours",
		"vpc":                            "the channel sends through this machine's network",
	}
}
