package medialive

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	smithytime "github.com/aws/smithy-go/time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// timed is an action with the instant at which it takes effect.
type timed struct {
	types.ScheduleAction
	at    time.Time
	place place
}

// schedules returns the schedule of each pipeline.
func (r *reader) schedules(actions []types.ScheduleAction, pipelines int) []channel.Schedule {
	all := make([]channel.Schedule, pipelines)
	for _, a := range inOrder(r.top.at("scheduleActions"), actions) {
		at := a.place.at("scheduleActionSettings")
		settings := a.ScheduleActionSettings
		switch {
		case settings == nil:
			at.report("it has nothing to do")
		case settings.InputSwitchSettings != nil:
			if s, ok := r.inputSwitch(at.at("inputSwitchSettings"), settings.InputSwitchSettings, a.at); ok {
				for i := range all {
					all[i].Entries = appendEntry(all[i].Entries, s)
				}
			}
		case settings.PauseStateSettings != nil:
			pause(all, settings.PauseStateSettings, a.at)
		case settings.InputPrepareSettings != nil: // Every source is opened before its time.
		default:
			kind := append([]string{"nothing"}, setMembers(settings)...)
			at.report("%s is not supported: only inputSwitch, inputPrepare and pauseState are", strings.TrimSuffix(kind[len(kind)-1], "Settings"))
		}
	}
	return all
}

// appendEntry adds an entry. Of two at one instant the later action counts.
func appendEntry(all []channel.Entry, e channel.Entry) []channel.Entry {
	if n := len(all); n > 0 && all[n-1].At.Equal(e.At) {
		all = all[:n-1]
	}
	return append(all, e)
}

// inOrder returns the actions that have a start, the earliest first.
func inOrder(at place, actions []types.ScheduleAction) []timed {
	var all []timed
	s := findStarts(actions)
	for i, start := range s.found {
		here := at.at(i)
		if start.Err != nil && s.isPending(i) {
			continue // Its time is known once the channel is on air.
		}
		if start.Err != nil {
			here.at("scheduleActionStartSettings").report("it never takes effect: %v", start.Err)
			continue
		}
		all = append(all, timed{actions[i], start.At, here})
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	return all
}

// Start is when an action takes effect, or why it never does.
type Start struct {
	// At is the zero time for an immediate action.
	At  time.Time
	Err error
}

// Starts returns when each of the actions takes effect: if it follows the start of
// another, when that does. One that follows the end of another needs a fixed time too:
// only who opens the source knows when it ends.
func Starts(actions []types.ScheduleAction) []Start { return findStarts(actions).found }

func findStarts(actions []types.ScheduleAction) *starts {
	s := &starts{actions, map[string]int{}, make([]Start, len(actions)), make([]bool, len(actions))}
	for i, a := range slices.Backward(actions) {
		s.named[aws.ToString(a.ActionName)] = i
	}
	for i := range actions {
		s.find(i)
	}
	return s
}

// starts finds when actions take effect.
type starts struct {
	actions []types.ScheduleAction
	named   map[string]int // positions
	found   []Start
	asked   []bool
}

// find finds when the action at a position takes effect, and the actions that it follows.
func (s *starts) find(i int) {
	var chain []int // each follows the next
	for !s.asked[i] {
		s.asked[i] = true
		if s.found[i] = startAlone(s.actions[i]); s.found[i].Err == nil {
			break
		}
		chain = append(chain, i)
		follow, ok := s.followed(i)
		if !ok {
			break
		}
		i = follow
	}
	for _, one := range slices.Backward(chain) {
		if follow, ok := s.followed(one); ok {
			s.found[one] = s.found[follow]
		}
	}
}

// isPending reports whether the action at a position follows, by way of others, one that
// begins with the channel.
func (s *starts) isPending(i int) bool {
	for range s.actions {
		start := s.actions[i].ScheduleActionStartSettings
		if start == nil || start.FollowModeScheduleActionStartSettings == nil {
			return start != nil && start.ImmediateModeScheduleActionStartSettings != nil
		}
		next, ok := s.named[aws.ToString(start.FollowModeScheduleActionStartSettings.ReferenceActionName)]
		if !ok {
			return false
		}
		i = next
	}
	return false
}

// followed returns the position of the action whose start that at a position follows.
func (s *starts) followed(i int) (int, bool) {
	start := s.actions[i].ScheduleActionStartSettings
	if start == nil || start.FixedModeScheduleActionStartSettings != nil || start.FollowModeScheduleActionStartSettings == nil ||
		start.FollowModeScheduleActionStartSettings.FollowPoint == types.FollowPointEnd {
		return 0, false
	}
	follow, ok := s.named[aws.ToString(start.FollowModeScheduleActionStartSettings.ReferenceActionName)]
	return follow, ok
}

// startAlone returns when an action takes effect as far as it says so itself.
func startAlone(a types.ScheduleAction) Start {
	s := a.ScheduleActionStartSettings
	switch {
	case s == nil:
		return Start{Err: errors.New("it has no start")}
	case s.FixedModeScheduleActionStartSettings != nil:
		text := aws.ToString(s.FixedModeScheduleActionStartSettings.Time)
		t, err := smithytime.ParseDateTime(text)
		if err != nil {
			return Start{Err: fmt.Errorf("%q is not a time of ISO 8601", text)}
		}
		return Start{At: t.UTC()}
	case s.FollowModeScheduleActionStartSettings == nil:
		return Start{}
	}
	follow := s.FollowModeScheduleActionStartSettings
	name := aws.ToString(follow.ReferenceActionName)
	if follow.FollowPoint == types.FollowPointEnd {
		return Start{Err: fmt.Errorf("it is not known when the action %q ends", name)}
	}
	return Start{Err: fmt.Errorf("it follows the action %q, which does not exist or follows it in turn", name)}
}

// inputSwitch reads a switch to another attachment.
func (r *reader) inputSwitch(at place, s *types.InputSwitchScheduleActionSettings, from time.Time) (channel.Entry, bool) {
	name := aws.ToString(s.InputAttachmentNameReference)
	i := slices.IndexFunc(r.channel.InputAttachments, func(a types.InputAttachment) bool { return aws.ToString(a.InputAttachmentName) == name })
	if i < 0 {
		at.at("inputAttachmentNameReference").report("the channel has no input attachment %q: nothing is switched", name)
		return channel.Entry{}, false
	}
	next, err := r.source(i)
	if err != nil {
		at.at("inputAttachmentNameReference").report("nothing is switched: %v", err)
		return channel.Entry{}, false
	}
	next.url = WithPath(next.url, s.UrlPath)
	e := channel.Entry{At: from, Source: next.url, Login: next.login, Once: next.once}
	if loopsInputs(r.channel) && len(r.channel.InputAttachments) > 1 && (len(s.UrlPath) > 0 || s.InputClippingSettings != nil) {
		at.report("nothing follows its end by itself: have another action follow its END")
	}
	if s.InputClippingSettings == nil {
		return e, true
	}
	here := at.at("inputClippingSettings")
	if next.slate {
		here.report("nothing is clipped of an input that is not received")
		return e, true
	}
	e.Clipping = clipping(s.InputClippingSettings)
	if err := e.Clipping.Check(); err != nil {
		here.report("nothing is switched: %v", err)
		return e, false
	}
	return e, true
}

// clipping reads which part of a file is played. Without the timecodes of a start and of a
// stop that is all of it.
func clipping(s *types.InputClippingSettings) (c channel.Clipping) {
	if s.StartTimecode != nil {
		c.Start = aws.ToString(s.StartTimecode.Timecode)
	}
	if s.StopTimecode != nil {
		c.Stop = aws.ToString(s.StopTimecode.Timecode)
	}
	if c.Start == "" && c.Stop == "" {
		return channel.Clipping{}
	}
	c.IncludeLast = c.Stop != "" && s.StopTimecode.LastFrameClippingBehavior == types.LastFrameClippingBehaviorIncludeLastFrame
	c.Embedded = s.InputTimecodeSource == types.InputTimecodeSourceEmbedded
	return c
}

// checkClipping reports a timecode that is none, or a clip without a picture.
func checkClipping(at place, s *types.ScheduleActionSettings) {
	switch {
	case s == nil:
	case s.InputSwitchSettings != nil && s.InputSwitchSettings.InputClippingSettings != nil:
		at, c := at.at("inputSwitchSettings", "inputClippingSettings"), s.InputSwitchSettings.InputClippingSettings
		if err := clipping(c).Check(); err != nil {
			at.report("%v", err)
		}
	case s.InputPrepareSettings != nil && s.InputPrepareSettings.InputClippingSettings != nil:
		at, c := at.at("inputPrepareSettings", "inputClippingSettings"), s.InputPrepareSettings.InputClippingSettings
		if err := clipping(c).Check(); err != nil {
			at.report("%v", err)
		}
	}
}

// UrlPathVariable stands in the URL of a dynamic input for what each switch gives.
const UrlPathVariable = "$urlPath$"

// WithPath returns the URL of a dynamic input with what a switch gives.
func WithPath(url string, path []string) string {
	if len(path) == 0 {
		return url
	}
	return strings.ReplaceAll(url, UrlPathVariable, path[0])
}

// EntryOf returns what an action switches to, at the zero Time. Faults are of kind Usage.
func EntryOf(c *types.Channel, inputs map[string]types.Input, s *types.InputSwitchScheduleActionSettings) (channel.Entry, error) {
	r := &reader{c, inputs, top()}
	e, ok := r.inputSwitch(r.top, s, time.Time{})
	if !ok {
		return e, fault.New(fault.Usage, "%s", r.top.found[0].Text)
	}
	return e, nil
}

// pause stops the pipelines that an action names from an instant on, and has
// all others go on.
func pause(all []channel.Schedule, s *types.PauseStateScheduleActionSettings, at time.Time) {
	for i := range all {
		id := types.PipelineId(fmt.Sprintf("PIPELINE_%d", i))
		paused := slices.ContainsFunc(s.Pipelines, func(p types.PipelinePauseStateSettings) bool { return p.PipelineId == id })
		pauses := all[i].Pauses
		open := len(pauses) > 0 && pauses[len(pauses)-1].To.IsZero()
		switch {
		case paused && !open:
			pauses = append(pauses, channel.Pause{From: at})
		case !paused && open:
			pauses[len(pauses)-1].To = at
		}
		all[i].Pauses = slices.DeleteFunc(pauses, func(p channel.Pause) bool { return !p.To.IsZero() && !p.To.After(p.From) })
	}
}
