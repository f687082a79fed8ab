package medialive

import (
	"cmp"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// Complete fills in every default that MediaLive shows when a channel is described.
// Members that are set stay; completing twice changes nothing.
func Complete(c *types.Channel) { complete(c, describedDefaults()) }

func complete(c *types.Channel, defaults map[string]string) {
	if c.EncoderSettings == nil {
		c.EncoderSettings = &types.EncoderSettings{}
	}
	if c.InputSpecification == nil {
		c.InputSpecification = &types.InputSpecification{}
	}
	if c.Maintenance == nil {
		c.Maintenance = &types.MaintenanceStatus{}
	}
	completeMembers(reflect.ValueOf(c), defaults)
	for i := range c.EncoderSettings.VideoDescriptions {
		if codec := c.EncoderSettings.VideoDescriptions[i].CodecSettings; codec != nil {
			completeRates(codec)
		}
	}
}

// completeMembers sets what is not set below v, if it has a default.
func completeMembers(v reflect.Value, defaults map[string]string) {
	for m := range members(v) {
		if text := defaults[m.key()]; text != "" && unset(m.value) {
			setText(m.value, text)
		}
		completeMembers(m.value, defaults)
	}
}

// defaultBitrate is the video bit rate of a document without one, in bit/s.
const defaultBitrate = 5_000_000

// completeRates fills in the defaults that depend on the rate control mode, and
// on whether frame rate and pixel shape are given.
func completeRates(codec *types.VideoCodecSettings) {
	if h := codec.H264Settings; h != nil {
		h.FramerateControl = cmp.Or(h.FramerateControl, types.H264FramerateControl(control(h.FramerateNumerator)))
		h.ParControl = cmp.Or(h.ParControl, types.H264ParControl(control(h.ParNumerator)))
		if h.Bitrate == nil && h.RateControlMode != channel.RateQVBR {
			h.Bitrate = new(int32(defaultBitrate))
		}
		if h.RateControlMode == channel.RateQVBR {
			h.QualityLevel = cmp.Or(h.QualityLevel, types.H264QualityLevelStandardQuality)
		}
	}
	if h := codec.H265Settings; h != nil && h.Bitrate == nil && h.RateControlMode != channel.RateQVBR {
		h.Bitrate = new(int32(defaultBitrate))
	}
}

// control returns where a ratio comes from: the document if it has the numerator.
func control(numerator *int32) string {
	if numerator != nil {
		return "SPECIFIED"
	}
	return "INITIALIZE_FROM_SOURCE"
}
