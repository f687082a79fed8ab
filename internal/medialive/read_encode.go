package medialive

import (
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
	outputs := r.sentOutputs()
	video, audios := sentDescriptions(outputs)
	e, _ := channel.Preset("avc")
	encoded := false
	if video >= 0 {
		encoded = readVideo(at.at("videoDescriptions", video), r.channel.EncoderSettings.VideoDescriptions[video], &e)
	}
	audioEncoded := r.audios(at, audios, &e)
	r.others(at, outputs)
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

// sentOutput is an output that is sent, with the indices of the descriptions that
// it names, -1 for no video.
type sentOutput struct {
	at     place
	video  int
	audios []int
}

// sentOutputs returns the outputs of UDP groups.
func (r *reader) sentOutputs() []sentOutput {
	var all []sentOutput
	for g, group := range r.channel.EncoderSettings.OutputGroups {
		if group.OutputGroupSettings == nil || group.OutputGroupSettings.UdpGroupSettings == nil {
			continue
		}
		for o, output := range group.Outputs {
			video, audios := find(r.channel.EncoderSettings, output)
			all = append(all, sentOutput{r.top.at("encoderSettings", "outputGroups", g, "outputs", o), video, audios})
		}
	}
	return all
}

// sentDescriptions returns the descriptions of the first output, and reports outputs
// that refer to others.
func sentDescriptions(outputs []sentOutput) (video int, audios []int) {
	if len(outputs) == 0 {
		return -1, nil
	}
	first := outputs[0]
	for _, o := range outputs {
		o.at.handled("videoDescriptionName", "audioDescriptionNames")
		switch at := o.at.at("videoDescriptionName"); {
		case o.video < 0:
			at.report("the video of the file is sent all the same")
		case o.video != first.video:
			at.report("video is encoded once: every output sends that of the first")
		}
		switch at := o.at.at("audioDescriptionNames"); {
		case len(o.audios) == 0:
			at.report("the audio of the file is sent all the same")
		case !slices.Equal(o.audios, first.audios):
			at.report("every output sends the audio of the first")
		}
	}
	return first.video, first.audios
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
func (r *reader) others(at place, outputs []sentOutput) {
	for i := range r.channel.EncoderSettings.VideoDescriptions {
		uses := func(o sentOutput) bool { return o.video == i }
		reportOther(at.at("videoDescriptions", i), slices.IndexFunc(outputs, uses))
	}
	for i := range r.channel.EncoderSettings.AudioDescriptions {
		uses := func(o sentOutput) bool { return slices.Contains(o.audios, i) }
		reportOther(at.at("audioDescriptions", i), slices.IndexFunc(outputs, uses))
	}
}

// reportOther reports a description by the index of the first output that refers to it.
func reportOther(at place, output int) {
	switch {
	case output < 0:
		at.unsupported("no output that is sent has it")
	case output > 0:
		at.done[at.path] = true
	}
}
