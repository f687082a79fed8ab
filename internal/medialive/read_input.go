package medialive

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// played is what an input attachment plays.
type played struct {
	url   string // as package source opens it; "" is the bundled clip
	login channel.Login
	once  bool
	slate bool // in place of an input that is not received
}

// source returns what the attachment with that index plays. Faults are of kind Usage.
func (r *reader) source(i int) (played, error) {
	if i >= len(r.channel.InputAttachments) {
		return played{}, fault.New(fault.Usage, "/inputAttachments: the channel has no input: attach one of type MP4_FILE")
	}
	path := fmt.Sprintf("/inputAttachments/%d/inputId", i)
	attached := r.channel.InputAttachments[i]
	in, ok := r.inputs[aws.ToString(attached.InputId)]
	switch {
	case !ok:
		return played{}, fault.New(fault.Usage, "%s: there is no input %q", path, aws.ToString(attached.InputId))
	case in.Type != types.InputTypeMp4File:
		return played{slate: true}, nil // The bundled clip.
	case len(in.Sources) == 0:
		return played{}, fault.New(fault.Usage, "%s: the input %s has no source", path, aws.ToString(in.Id))
	}
	location, err := SourceLocation(aws.ToString(in.Sources[0].Url))
	if err != nil {
		return played{}, fault.New(fault.Usage, "%s: %w", path, err)
	}
	once := attached.InputSettings == nil || attached.InputSettings.SourceEndBehavior != types.InputSourceEndBehaviorLoop
	login := channel.Login{User: aws.ToString(in.Sources[0].Username)}
	if login.User != "" {
		login.Parameter = aws.ToString(in.Sources[0].PasswordParam)
	}
	return played{url: location, login: login, once: once}, nil
}

// SourceLocation returns the location that package source opens for the URL of an
// input's source: s3ssl://, s3://, https:// and http:// URLs as they are, and the
// path of file:///path. Faults are of kind Usage.
func SourceLocation(location string) (string, error) {
	scheme, _, _ := strings.Cut(location, "://")
	switch scheme {
	case "s3ssl", "s3", "https", "http":
		return location, nil
	case "file":
		return channel.FilePath(location)
	}
	return "", fault.New(fault.Usage, "%q cannot be read: a source is s3ssl://, https:// or file:///", location)
}

// attachments reads the input attachments.
func (r *reader) attachments() {
	for i, a := range r.channel.InputAttachments {
		at := r.top.at("inputAttachments", i)
		at.handled("inputId", "inputAttachmentName", "logicalInterfaceNames")
		r.sources(at, a)
		if s := a.InputSettings; s != nil {
			readInputSettings(at.at("inputSettings"), s)
		}
	}
}

// sources reports an input whose pipelines would play different files, or whose
// source needs credentials of its own.
func (r *reader) sources(at place, a types.InputAttachment) {
	in, ok := r.inputs[aws.ToString(a.InputId)]
	if ok && in.Type != types.InputTypeMp4File {
		at.at("inputId").report("an input of type %s is not received here: the bundled clip is played as a slate; create an input of type MP4_FILE to play a file", in.Type)
		return
	}
	if !ok || len(in.Sources) == 0 {
		return
	}
	if len(in.Sources) > 1 && pipelinesOf(r.channel) == 2 && aws.ToString(in.Sources[1].Url) != aws.ToString(in.Sources[0].Url) {
		at.at("inputId").report("both pipelines play the first source")
	}
	user, url := aws.ToString(in.Sources[0].Username), aws.ToString(in.Sources[0].Url)
	if user != "" && !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		at.at("inputId").report("the source is read without its user name and password, which are for https://")
	}
}

func readInputSettings(at place, s *types.InputSettings) {
	at.handled("sourceEndBehavior")
	at.handledIf("inputFilter", s.InputFilter != types.InputFilterForced)
	filtered := s.InputFilter == types.InputFilterForced || s.DeblockFilter == types.InputDeblockFilterEnabled || s.DenoiseFilter == types.InputDenoiseFilterEnabled
	at.handledIf("filterStrength", !filtered)
	for i, a := range s.AudioSelectors {
		selector := at.at("audioSelectors", i)
		selector.handled("name")
		if !plainSelector(a, i) {
			selector.at("selectorSettings").unsupported("all audio tracks of the file are sent, in the file's order")
		}
		selector.handled("selectorSettings")
	}
}

// plainSelector reports whether the selector with index i takes track i+1, or is
// the first and says nothing.
func plainSelector(a types.AudioSelector, i int) bool {
	s := a.SelectorSettings
	if s == nil || *s == (types.AudioSelectorSettings{}) {
		return i == 0
	}
	t := s.AudioTrackSelection
	return t != nil && t.DolbyEDecode == nil && len(t.Tracks) == 1 && int(aws.ToInt32(t.Tracks[0].Track)) == i+1 &&
		s.AudioHlsRenditionSelection == nil && s.AudioLanguageSelection == nil && s.AudioPidSelection == nil
}
