package medialive

import (
	"fmt"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// encode returns how the source is encoded: as the descriptions say that the
// first output refers to. It is nil where they have no codec settings, and the
// file is copied.
func (r *reader) encode(top place) (*channel.Encode, error) {
	video, audios := r.described(top)
	e, _ := channel.Preset("avc")
	encoded := false
	if video >= 0 {
		encoded = r.video(top.at("videoDescriptions", video), r.channel.EncoderSettings.VideoDescriptions[video], &e)
	}
	sounds := r.sounds(top, audios, &e)
	r.others(top, video, audios)
	switch {
	case !encoded && !sounds:
		return nil, nil
	case video >= 0 && !encoded:
		top.at("videoDescriptions", video).report("pictures are encoded as well where the sound is: as H.264")
	case len(audios) > 0 && !sounds:
		top.at("audioDescriptions", audios[0]).report("sound is encoded as well where pictures are: as %s", e.Audio.Codec)
	}
	s := channel.Default()
	s.Encode = &e
	if err := s.Validate(); err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", top.path, err)
	}
	return &e, nil
}

// udpOutputs goes through the outputs that are sent.
func (r *reader) udpOutputs(top place) iter.Seq2[place, types.Output] {
	return func(yield func(place, types.Output) bool) {
		for g, group := range r.channel.EncoderSettings.OutputGroups {
			if group.OutputGroupSettings == nil || group.OutputGroupSettings.UdpGroupSettings == nil {
				continue
			}
			for o, output := range group.Outputs {
				if !yield(top.at("outputGroups", g, "outputs", o), output) {
					return
				}
			}
		}
	}
}

// described returns the descriptions that the first output refers to: the
// position of that of the pictures, -1 for none, and those of the sound.
func (r *reader) described(top place) (video int, audios []int) {
	video = -1
	first := true
	for at, output := range r.udpOutputs(top) {
		at.handled("videoDescriptionName", "audioDescriptionNames")
		v, a := find(r.channel.EncoderSettings, output)
		if first {
			video, audios, first = v, a, false
		}
		switch {
		case v < 0:
			at.at("videoDescriptionName").report("the pictures of the file are sent all the same")
		case v != video:
			at.at("videoDescriptionName").report("pictures are encoded once: every output sends those of the first")
		}
		switch {
		case len(a) == 0:
			at.at("audioDescriptionNames").report("the sound of the file is sent all the same")
		case !slices.Equal(a, audios):
			at.at("audioDescriptionNames").report("every output sends the sound of the first")
		}
	}
	return video, audios
}

// find returns the positions of the descriptions that an output names.
func find(s *types.EncoderSettings, output types.Output) (video int, audios []int) {
	video = slices.IndexFunc(s.VideoDescriptions, func(d types.VideoDescription) bool {
		return output.VideoDescriptionName != nil && aws.ToString(d.Name) == *output.VideoDescriptionName
	})
	for _, name := range output.AudioDescriptionNames {
		if i := slices.IndexFunc(s.AudioDescriptions, func(d types.AudioDescription) bool { return aws.ToString(d.Name) == name }); i >= 0 {
			audios = append(audios, i)
		}
	}
	return video, audios
}

// sounds reads the descriptions of sound, the first of which is that of all
// tracks of the file, and says whether sound is encoded.
func (r *reader) sounds(top place, audios []int, e *channel.Encode) bool {
	usual := e.Audio
	encoded := false
	for n, i := range audios {
		at, d := top.at("audioDescriptions", i), r.channel.EncoderSettings.AudioDescriptions[i]
		a := usual
		done := r.audio(at, d, &a)
		r.language(at, d, &a, done && len(audios) == 1)
		if n == 0 {
			e.Audio, encoded = a, done
			continue
		}
		if done != encoded || a != e.Audio {
			at.report("every sound track is sent in one coding: that of the first description")
		}
	}
	return encoded
}

// others notes the descriptions that nothing refers to that is sent.
func (r *reader) others(top place, video int, audios []int) {
	used := make(map[string]bool)
	for at, output := range r.udpOutputs(top) {
		_ = at
		v, a := find(r.channel.EncoderSettings, output)
		used[fmt.Sprint("v", v)] = true
		for _, i := range a {
			used[fmt.Sprint("a", i)] = true
		}
	}
	for i := range r.channel.EncoderSettings.VideoDescriptions {
		r.other(top.at("videoDescriptions", i), i == video, used[fmt.Sprint("v", i)])
	}
	for i := range r.channel.EncoderSettings.AudioDescriptions {
		r.other(top.at("audioDescriptions", i), slices.Contains(audios, i), used[fmt.Sprint("a", i)])
	}
}

// other settles a description that the first output does not have.
func (r *reader) other(at place, read, used bool) {
	switch {
	case read:
	case used:
		r.notes.done[at.path] = true // Its output told of it.
	default:
		at.unsupported("no output that is sent has it")
	}
}
