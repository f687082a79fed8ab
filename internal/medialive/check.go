package medialive

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// checker collects what is wrong with a document.
type checker struct {
	found []types.ValidationError
	model map[string]demand
}

// Check returns what MediaLive would answer 422 for, inputs by their id. An
// empty result is nil. What LILO allows besides passes: descriptions without
// codec settings, and options behind the URL of a destination.
func Check(c *types.Channel, inputs map[string]types.Input) []types.ValidationError {
	k := &checker{model: demands()}
	k.members("", reflect.ValueOf(c))
	k.inputs(c, inputs)
	k.destinations(c)
	if c.EncoderSettings != nil {
		k.encoder(c)
	}
	return k.found
}

// CheckActions returns what MediaLive would answer 422 for among schedule actions.
func CheckActions(actions []types.ScheduleAction) []types.ValidationError {
	k := &checker{model: demands()}
	k.members("/scheduleActions", reflect.ValueOf(actions))
	for i, a := range actions {
		path := fmt.Sprintf("/scheduleActions/%d", i)
		k.one(path+"/scheduleActionSettings", a.ScheduleActionSettings, "something to do")
		k.one(path+"/scheduleActionStartSettings", a.ScheduleActionStartSettings, "a start")
	}
	return k.found
}

// add finds fault with what stands at a path.
func (k *checker) add(path, format string, args ...any) {
	e := types.ValidationError{ElementPath: new(path), ErrorMessage: new(fmt.Sprintf(format, args...))}
	if !slices.ContainsFunc(k.found, func(other types.ValidationError) bool {
		return *other.ElementPath == path && *other.ErrorMessage == *e.ErrorMessage
	}) {
		k.found = append(k.found, e)
	}
}

// members holds every member below v against the model: required, within
// bounds, one of the values of its enumeration.
func (k *checker) members(path string, v reflect.Value) {
	members(path, v, func(i int, path string, m reflect.Value) {
		d := k.demand(v, i)
		if unset(m) {
			if d.required {
				k.add(path, "%s is required", last(path))
			}
			return
		}
		k.value(path, m, d)
		k.members(path, m)
	})
}

// demand returns what the model demands of a member of a structure.
func (k *checker) demand(v reflect.Value, i int) demand {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return demand{}
	}
	return k.model[v.Type().Name()+" "+wireName(v.Type().Field(i).Name)]
}

// value holds a number, a text or an enumeration against its bounds.
func (k *checker) value(path string, v reflect.Value, d demand) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch {
	case v.CanInt():
		k.bounded(path, float64(v.Int()), d, fmt.Sprint(v.Int()))
	case v.CanFloat():
		k.bounded(path, v.Float(), d, fmt.Sprint(v.Float()))
	case v.Kind() == reflect.String:
		if all := values(v); len(all) > 0 && !slices.Contains(all, v.String()) {
			k.add(path, "%q is none of %s", v.String(), strings.Join(all, ", "))
		}
		k.bounded(path, float64(v.Len()), d, fmt.Sprintf("%d characters", v.Len()))
	}
}

func (k *checker) bounded(path string, n float64, d demand, shown string) {
	low, high := d.low != nil && n < float64(*d.low), d.high != nil && n > float64(*d.high)
	switch {
	case (low || high) && d.low != nil && d.high != nil:
		k.add(path, "%s: it must be from %d to %d", shown, *d.low, *d.high)
	case low:
		k.add(path, "%s: it must be at least %d", shown, *d.low)
	case high:
		k.add(path, "%s: it must be at most %d", shown, *d.high)
	}
}

// one demands that exactly one member of a structure is set, and returns it.
func (k *checker) one(path string, v any, what string) string {
	kind := k.atMostOne(path, v)
	if len(setMembers(v)) == 0 {
		k.add(path, "It needs %s", what)
	}
	return kind
}

// atMostOne demands that no two are, and returns the one.
func (k *checker) atMostOne(path string, v any) string {
	switch set := setMembers(v); len(set) {
	case 0:
		return ""
	case 1:
		return set[0]
	default:
		k.add(path, "Only one of %s can be set", strings.Join(set, ", "))
		return ""
	}
}

func setMembers(v any) []string {
	var set []string
	members("", reflect.ValueOf(v), func(_ int, path string, m reflect.Value) {
		if !unset(m) {
			set = append(set, last(path))
		}
	})
	return set
}

// inputs holds what is attached against the inputs there are.
func (k *checker) inputs(c *types.Channel, inputs map[string]types.Input) {
	if len(c.InputAttachments) == 0 {
		k.add("/inputAttachments", "At least one input attachment is required")
	}
	if len(c.InputAttachments) > 20 {
		k.add("/inputAttachments", "%d input attachments: at most 20 are allowed", len(c.InputAttachments))
	}
	names, ids := make(map[string]bool), make(map[string]bool)
	for i, a := range c.InputAttachments {
		path := fmt.Sprintf("/inputAttachments/%d", i)
		k.unique(path+"/inputAttachmentName", "Input attachment name", aws.ToString(a.InputAttachmentName), names)
		k.attached(path+"/inputId", c, a, inputs)
		k.unique(path+"/inputId", "Input", aws.ToString(a.InputId), ids)
		if len(c.InputAttachments) > 1 && aws.ToString(a.InputAttachmentName) == "" {
			k.add(path+"/inputAttachmentName", "A name is required where there are several input attachments")
		}
		if a.InputSettings != nil {
			k.selectors(path+"/inputSettings", a.InputSettings)
		}
	}
}

func (k *checker) attached(path string, c *types.Channel, a types.InputAttachment, inputs map[string]types.Input) {
	id := aws.ToString(a.InputId)
	in, ok := inputs[id]
	switch {
	case id == "":
		k.add(path, "inputId is required")
	case !ok:
		k.add(path, "Input %q does not exist", id)
	case pipelinesOf(c) == 2 && in.InputClass == types.InputClassSinglePipeline:
		k.add(path, "Input %q has the class SINGLE_PIPELINE: a channel of the class STANDARD needs inputs of the class STANDARD", id)
	case in.Type == types.InputTypeMp4File && len(in.Sources) < pipelinesOf(c):
		k.add(path, "Input %q has %d sources: a channel of the class STANDARD needs 2", id, len(in.Sources))
	}
}

// selectors wants names that are there once. That a description names one that
// is not there is tolerated, as MediaLive does.
func (k *checker) selectors(path string, s *types.InputSettings) {
	audio, captions := make(map[string]bool), make(map[string]bool)
	for i, a := range s.AudioSelectors {
		k.unique(fmt.Sprintf("%s/audioSelectors/%d/name", path, i), "Audio selector name", aws.ToString(a.Name), audio)
	}
	for i, a := range s.CaptionSelectors {
		k.unique(fmt.Sprintf("%s/captionSelectors/%d/name", path, i), "Caption selector name", aws.ToString(a.Name), captions)
	}
}

// unique finds fault with a name that was there before.
func (k *checker) unique(path, what, name string, seen map[string]bool) {
	if name != "" && seen[name] {
		k.add(path, "%s %q is used more than once", what, name)
	}
	seen[name] = true
}

// pipelinesOf returns how many pipelines a channel has: STANDARD is the default.
func pipelinesOf(c *types.Channel) int {
	if c.ChannelClass == types.ChannelClassSinglePipeline {
		return 1
	}
	return 2
}
