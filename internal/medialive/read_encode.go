package medialive

import (
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// encode returns how the source is encoded: as the descriptions say that the
// first output refers to. It returns nil if they have no codec settings, so that
// the file is copied.
func (r *reader) encode() (*channel.Encode, error) {
	at := r.top.at("encoderSettings")
	video, audios := r.described()
	e, _ := channel.Preset("avc")
	encoded := false
	if video >= 0 {
		encoded = readVideo(at.at("videoDescriptions", video), r.channel.EncoderSettings.VideoDescriptions[video], &e)
	}
	audioEncoded := r.audios(at, audios, &e)
	r.others(at, video, audios)
	switch {
	case !encoded && !audioEncoded:
		return nil, nil
	case video >= 0 && !encoded:
		at.at("videoDescriptions", video).report("video is encoded too, as H.264, because audio is")
	case len(audios) > 0 && !audioEncoded:
		at.at("audioDescriptions", audios[0]).report("audio is encoded too, as %s, because video is", e.Audio.Codec)
	}
	s := channel.Default()
	s.Encode = &e
	if err := s.Validate(); err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", at.path, err)
	}
	return &e, nil
}

// udpOutputs returns the outputs that are sent.
func (r *reader) udpOutputs() iter.Seq2[place, types.Output] {
	return func(yield func(place, types.Output) bool) {
		for g, group := range r.channel.EncoderSettings.OutputGroups {
			if group.OutputGroupSettings == nil || group.OutputGroupSettings.UdpGroupSettings == nil {
				continue
			}
			for o, output := range group.Outputs {
				if !yield(r.top.at("encoderSettings", "outputGroups", g, "outputs", o), output) {
					return
				}
			}
		}
	}
}

// described returns the indices of the descriptions that the first output refers
// to, -1 for no video, and reports outputs that refer to others.
func (r *reader) described() (video int, audios []int) {
	video = -1
	first := true
	for at, output := range r.udpOutputs() {
		at.handled("videoDescriptionName", "audioDescriptionNames")
		v, a := find(r.channel.EncoderSettings, output)
		if first {
			video, audios, first = v, a, false
		}
		switch {
		case v < 0:
			at.at("videoDescriptionName").report("the video of the file is sent all the same")
		case v != video:
			at.at("videoDescriptionName").report("video is encoded once: every output sends that of the first")
		}
		switch {
		case len(a) == 0:
			at.at("audioDescriptionNames").report("the audio of the file is sent all the same")
		case !slices.Equal(a, audios):
			at.at("audioDescriptionNames").report("every output sends the audio of the first")
		}
	}
	return video, audios
}

// find returns the indices of the descriptions that an output names, -1 for no video.
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

// audios reads the audio descriptions, the first of which applies to all tracks
// of the file, and reports whether audio is encoded.
func (r *reader) audios(top place, audios []int, e *channel.Encode) bool {
	preset := e.Audio
	encoded := false
	for n, i := range audios {
		at, d := top.at("audioDescriptions", i), r.channel.EncoderSettings.AudioDescriptions[i]
		a := preset
		done := readAudio(at, d, &a)
		readLanguage(at, d, &a, done && len(audios) == 1)
		if n == 0 {
			e.Audio, encoded = a, done
			continue
		}
		if done != encoded || a != e.Audio {
			at.report("all audio tracks have one coding: that of the first description")
		}
	}
	return encoded
}

// others reports the descriptions that no output refers to. The first output's
// have been read; with those of further outputs, the output has been reported.
func (r *reader) others(top place, video int, audios []int) {
	var usedVideo, usedAudio []int
	for _, output := range r.udpOutputs() {
		v, a := find(r.channel.EncoderSettings, output)
		usedVideo, usedAudio = append(usedVideo, v), append(usedAudio, a...)
	}
	other := func(at place, i int, read, used []int) {
		switch {
		case slices.Contains(read, i):
		case slices.Contains(used, i):
			at.done[at.path] = true
		default:
			at.unsupported("no output that is sent has it")
		}
	}
	for i := range r.channel.EncoderSettings.VideoDescriptions {
		other(top.at("videoDescriptions", i), i, []int{video}, usedVideo)
	}
	for i := range r.channel.EncoderSettings.AudioDescriptions {
		other(top.at("audioDescriptions", i), i, audios, usedAudio)
	}
}
