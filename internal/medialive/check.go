package medialive

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// Check returns the validation errors that MediaLive would answer 422 with, nil
// for none; inputs are by their id. It accepts what LILO allows in addition:
// descriptions without codec settings, and options in the URL of a destination.
func Check(c *types.Channel, inputs map[string]types.Input) []types.ValidationError {
	at := top()
	checkMembers(at, reflect.ValueOf(c), constraints())
	checkInputs(at.at("inputAttachments"), c, inputs)
	checkDestinationIDs(at.at("destinations"), c.Destinations)
	if c.EncoderSettings != nil {
		checkDescriptions(at.at("encoderSettings"), c.EncoderSettings)
		checkOutputs(at, c)
	}
	return at.validationErrors()
}

// CheckActions returns the validation errors of schedule actions.
func CheckActions(actions []types.ScheduleAction) []types.ValidationError {
	at := top()
	checkMembers(at.at("scheduleActions"), reflect.ValueOf(actions), constraints())
	for i, a := range actions {
		checkClipping(at.at("scheduleActions", i, "scheduleActionSettings"), a.ScheduleActionSettings)
	}
	return at.validationErrors()
}

// validationErrors returns what has been reported, each error once.
func (n *notes) validationErrors() []types.ValidationError {
	var all []types.ValidationError
	told := make(map[Unsupported]bool)
	for _, e := range n.found {
		if !told[e] {
			told[e] = true
			all = append(all, types.ValidationError{ElementPath: &e.Path, ErrorMessage: &e.Text})
		}
	}
	return all
}

// checkUnique reports a name that has been seen.
func checkUnique(at place, what string, name *string, seen map[string]bool) {
	text := aws.ToString(name)
	if text != "" && seen[text] {
		at.report("%s %q is used more than once", what, text)
	}
	seen[text] = true
}

// checkInputs checks the attachments against the inputs.
func checkInputs(at place, c *types.Channel, inputs map[string]types.Input) {
	switch n := len(c.InputAttachments); {
	case n == 0:
		at.report("At least one input attachment is required")
	case n > 20:
		at.report("%d input attachments: at most 20 are allowed", n)
	}
	names, ids := make(map[string]bool), make(map[string]bool)
	for i, a := range c.InputAttachments {
		here := at.at(i)
		checkUnique(here.at("inputAttachmentName"), "Input attachment name", a.InputAttachmentName, names)
		checkInput(here.at("inputId"), c, aws.ToString(a.InputId), inputs)
		checkUnique(here.at("inputId"), "Input", a.InputId, ids)
		if i == 0 && isDynamic(inputs[aws.ToString(a.InputId)]) {
			here.at("inputId").report("The first input attachment cannot be a dynamic input, whose URL has %s: attach another input before it", UrlPathVariable)
		}
		if len(c.InputAttachments) > 1 && aws.ToString(a.InputAttachmentName) == "" {
			here.at("inputAttachmentName").report("A name is required where there are several input attachments")
		}
	}
}

// isDynamic reports whether the URL of an input is completed by each switch to it.
func isDynamic(in types.Input) bool {
	return slices.ContainsFunc(in.Sources, func(s types.InputSource) bool { return strings.Contains(aws.ToString(s.Url), UrlPathVariable) })
}

func checkInput(at place, c *types.Channel, id string, inputs map[string]types.Input) {
	in, ok := inputs[id]
	switch {
	case id == "":
		at.report("inputId is required")
	case !ok:
		at.report("Input %q does not exist", id)
	case pipelinesOf(c) == 2 && in.InputClass == types.InputClassSinglePipeline:
		at.report("Input %q has the class SINGLE_PIPELINE: a channel of the class STANDARD needs inputs of the class STANDARD", id)
	case in.Type == types.InputTypeMp4File && len(in.Sources) < pipelinesOf(c):
		at.report("Input %q has %d sources: a channel of the class STANDARD needs 2", id, len(in.Sources))
	}
}

func checkDestinationIDs(at place, all []types.OutputDestination) {
	seen := make(map[string]bool)
	for i, d := range all {
		if aws.ToString(d.Id) == "" {
			at.at(i, "id").report("id is required")
		}
		checkUnique(at.at(i, "id"), "Destination id", d.Id, seen)
	}
}

// descriptions are those of one kind: of video, audio or captions.
type descriptions struct {
	what, list string
	names      []string
	exists     map[string]bool // by name
	// used has the names in an output, below member.
	used   func(types.Output) []string
	member string
}

func descriptionsOf(e *types.EncoderSettings) []descriptions {
	video := func(o types.Output) []string {
		return slices.DeleteFunc([]string{aws.ToString(o.VideoDescriptionName)}, func(name string) bool { return name == "" })
	}
	audio := func(o types.Output) []string { return o.AudioDescriptionNames }
	captions := func(o types.Output) []string { return o.CaptionDescriptionNames }
	return []descriptions{
		describing("Video description", "videoDescriptions", namesOf(e.VideoDescriptions), video, "videoDescriptionName"),
		describing("Audio description", "audioDescriptions", namesOf(e.AudioDescriptions), audio, "audioDescriptionNames"),
		describing("Caption description", "captionDescriptions", namesOf(e.CaptionDescriptions), captions, "captionDescriptionNames"),
	}
}

func describing(what, list string, names []string, used func(types.Output) []string, member string) descriptions {
	exists := make(map[string]bool)
	for _, name := range names {
		exists[name] = true
	}
	return descriptions{what, list, names, exists, used, member}
}

// namesOf returns the names of descriptions, "" for one without.
func namesOf[T any](all []T) []string {
	var names []string
	for _, d := range all {
		names = append(names, textAt(reflect.ValueOf(d), "name"))
	}
	return names
}

// checkDescriptions checks that each description has a name of its own and an
// output that refers to it, and that those to which outputs refer exist.
func checkDescriptions(at place, e *types.EncoderSettings) {
	all, used := descriptionsOf(e), make(map[string]bool)
	for g, group := range e.OutputGroups {
		for o, output := range group.Outputs {
			here, names := at.at("outputGroups", g, "outputs", o), 0
			for _, d := range all {
				names += len(d.used(output))
				d.checkReferences(here.at(d.member), d.used(output), used)
			}
			if names == 0 {
				here.report("An output needs a video, an audio or a caption description")
			}
		}
	}
	for _, d := range all {
		seen := make(map[string]bool)
		for i, name := range d.names {
			checkUnique(at.at(d.list, i, "name"), d.what, &name, seen)
			if name != "" && !used[d.what+name] {
				at.at(d.list, i).report("%s %q is not referenced by any output", d.what, name)
			}
		}
	}
}

// checkReferences reports names of descriptions that do not exist, and collects them all.
func (d descriptions) checkReferences(at place, names []string, used map[string]bool) {
	for i, name := range names {
		used[d.what+name] = true
		here := at
		if strings.HasSuffix(d.member, "s") { // A list of names.
			here = at.at(i)
		}
		if !d.exists[name] {
			here.report("%s %q does not exist", d.what, name)
		}
	}
}

// pipelinesOf returns the number of pipelines: the default class is STANDARD.
func pipelinesOf(c *types.Channel) int {
	if c.ChannelClass == types.ChannelClassSinglePipeline {
		return 1
	}
	return 2
}
