package medialive

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// Complete fills in every default that MediaLive echoes when a channel is
// described. What is set stays; to complete twice changes nothing.
func Complete(c *types.Channel) {
	if c.EncoderSettings == nil {
		c.EncoderSettings = &types.EncoderSettings{}
	}
	if c.InputSpecification == nil {
		c.InputSpecification = &types.InputSpecification{}
	}
	if c.Maintenance == nil {
		c.Maintenance = &types.MaintenanceStatus{}
	}
	for i := range c.InputAttachments {
		if c.InputAttachments[i].InputSettings == nil {
			c.InputAttachments[i].InputSettings = &types.InputSettings{}
		}
	}
	completeValue(reflect.ValueOf(c).Elem(), defaults())
	for i := range c.EncoderSettings.VideoDescriptions {
		if codec := c.EncoderSettings.VideoDescriptions[i].CodecSettings; codec != nil {
			completeRates(codec)
		}
	}
}

// completeValue fills the zero fields of every structure below v from the
// default of its type.
func completeValue(v reflect.Value, usual map[reflect.Type]reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			completeValue(v.Elem(), usual)
		}
	case reflect.Slice:
		for i := range v.Len() {
			completeValue(v.Index(i), usual)
		}
	case reflect.Struct:
		completeStruct(v, usual)
	default: // A leaf: its structure has filled it.
	}
}

func completeStruct(v reflect.Value, usual map[reflect.Type]reflect.Value) {
	template, known := usual[v.Type()]
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		if known && v.Field(i).IsZero() && !template.Field(i).IsZero() {
			v.Field(i).Set(fresh(template.Field(i)))
		}
		completeValue(v.Field(i), usual)
	}
}

// fresh returns a copy, so that documents share no default that someone changes.
func fresh(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		p.Elem().Set(v.Elem())
		return p
	case reflect.Slice:
		return reflect.MakeSlice(v.Type(), 0, 0)
	default:
		return v
	}
}

// usualBitrate is that of pictures that say nothing of theirs, in bit/s.
const usualBitrate = 5_000_000

// completeRates fills in what depends on the mode of rate control, and on what
// is known of frame rate and shape.
func completeRates(codec *types.VideoCodecSettings) {
	if h := codec.H264Settings; h != nil {
		h.FramerateControl = given(h.FramerateControl, h.FramerateNumerator != nil, types.H264FramerateControlSpecified, types.H264FramerateControlInitializeFromSource)
		h.ParControl = given(h.ParControl, h.ParNumerator != nil, types.H264ParControlSpecified, types.H264ParControlInitializeFromSource)
		if h.Bitrate == nil && h.RateControlMode != channel.RateQVBR {
			h.Bitrate = new(int32(usualBitrate))
		}
		if h.RateControlMode == channel.RateQVBR && h.QualityLevel == "" {
			h.QualityLevel = types.H264QualityLevelStandardQuality
		}
	}
	if h := codec.H265Settings; h != nil && h.Bitrate == nil && h.RateControlMode != channel.RateQVBR {
		h.Bitrate = new(int32(usualBitrate))
	}
}

// given returns what is set, or the one or the other.
func given[T ~string](set T, yes bool, one, other T) T {
	switch {
	case set != "":
		return set
	case yes:
		return one
	}
	return other
}
