package medialive

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// checker collects the validation errors of a document.
type checker struct {
	found []types.ValidationError
	model map[string]constraint
}

// Check returns the validation errors that MediaLive would answer 422 with, nil
// for none; inputs are by their id. It accepts what LILO allows in addition:
// descriptions without codec settings, and options in the URL of a destination.
func Check(c *types.Channel, inputs map[string]types.Input) []types.ValidationError {
	k := &checker{model: constraints()}
	k.members("", reflect.ValueOf(c))
	k.inputs(c, inputs)
	k.destinations(c)
	if c.EncoderSettings != nil {
		k.encoder(c)
	}
	return k.found
}

// CheckActions returns the validation errors of schedule actions.
func CheckActions(actions []types.ScheduleAction) []types.ValidationError {
	k := &checker{model: constraints()}
	k.members("/scheduleActions", reflect.ValueOf(actions))
	for i, a := range actions {
		path := fmt.Sprintf("/scheduleActions/%d", i)
		k.one(path+"/scheduleActionSettings", a.ScheduleActionSettings, "something to do")
		k.one(path+"/scheduleActionStartSettings", a.ScheduleActionStartSettings, "a start")
	}
	return k.found
}

// add adds an error about the member at a path, once.
func (k *checker) add(path, format string, args ...any) {
	e := types.ValidationError{ElementPath: new(path), ErrorMessage: new(fmt.Sprintf(format, args...))}
	if !slices.ContainsFunc(k.found, func(other types.ValidationError) bool {
		return *other.ElementPath == path && *other.ErrorMessage == *e.ErrorMessage
	}) {
		k.found = append(k.found, e)
	}
}

// members checks every member below v against the model: that it is set if it is
// required, within bounds, and one of the values of its enumeration.
func (k *checker) members(path string, v reflect.Value) {
	members(path, v, func(i int, path string, m reflect.Value) {
		c := k.constraint(v, i)
		if unset(m) {
			if c.required {
				k.add(path, "%s is required", last(path))
			}
			return
		}
		k.value(path, m, c)
		k.members(path, m)
	})
}

// constraint returns the constraint of the member of a structure with that index.
func (k *checker) constraint(v reflect.Value, i int) constraint {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return constraint{}
	}
	return k.model[v.Type().Name()+" "+wireName(v.Type().Field(i).Name)]
}

// value checks a number, a text or an enumeration.
func (k *checker) value(path string, v reflect.Value, c constraint) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch {
	case v.CanInt():
		k.bounded(path, float64(v.Int()), c, fmt.Sprint(v.Int()))
	case v.CanFloat():
		k.bounded(path, v.Float(), c, fmt.Sprint(v.Float()))
	case v.Kind() == reflect.String:
		if all := enumValues(v); len(all) > 0 && !slices.Contains(all, v.String()) {
			k.add(path, "%q is none of %s", v.String(), strings.Join(all, ", "))
		}
		k.bounded(path, float64(v.Len()), c, fmt.Sprintf("%d characters", v.Len()))
	}
}

// enumValues returns the values of an enumeration, nil if the type is none.
func enumValues(v reflect.Value) []string {
	method := v.MethodByName("Values")
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
		return nil
	}
	var all []string
	list := method.Call(nil)[0]
	for i := range list.Len() {
		all = append(all, list.Index(i).String())
	}
	return all
}

func (k *checker) bounded(path string, n float64, c constraint, shown string) {
	low, high := c.low != nil && n < float64(*c.low), c.high != nil && n > float64(*c.high)
	switch {
	case (low || high) && c.low != nil && c.high != nil:
		k.add(path, "%s: it must be from %d to %d", shown, *c.low, *c.high)
	case low:
		k.add(path, "%s: it must be at least %d", shown, *c.low)
	case high:
		k.add(path, "%s: it must be at most %d", shown, *c.high)
	}
}

// one checks that exactly one member of a structure is set, and returns it.
func (k *checker) one(path string, v any, what string) string {
	kind := k.atMostOne(path, v)
	if len(setMembers(v)) == 0 {
		k.add(path, "It needs %s", what)
	}
	return kind
}

// atMostOne checks that no two members are set, and returns the one.
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

// inputs checks the attachments against the inputs.
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

// selectors checks that names are unique. A description may name a selector that
// does not exist, as with MediaLive.
func (k *checker) selectors(path string, s *types.InputSettings) {
	audio, captions := make(map[string]bool), make(map[string]bool)
	for i, a := range s.AudioSelectors {
		k.unique(fmt.Sprintf("%s/audioSelectors/%d/name", path, i), "Audio selector name", aws.ToString(a.Name), audio)
	}
	for i, a := range s.CaptionSelectors {
		k.unique(fmt.Sprintf("%s/captionSelectors/%d/name", path, i), "Caption selector name", aws.ToString(a.Name), captions)
	}
}

// unique checks that a name has not been seen.
func (k *checker) unique(path, what, name string, seen map[string]bool) {
	if name != "" && seen[name] {
		k.add(path, "%s %q is used more than once", what, name)
	}
	seen[name] = true
}

// pipelinesOf returns the number of pipelines: the default class is STANDARD.
func pipelinesOf(c *types.Channel) int {
	if c.ChannelClass == types.ChannelClassSinglePipeline {
		return 1
	}
	return 2
}
