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
					all[i].Entries = append(all[i].Entries, s)
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

// inOrder returns the actions that have a start, the earliest first.
func inOrder(at place, actions []types.ScheduleAction) []timed {
	var all []timed
	for i, a := range actions {
		here := at.at(i)
		start, err := StartOf(actions, a)
		if err != nil {
			here.at("scheduleActionStartSettings").report("it never takes effect: %v", err)
			continue
		}
		all = append(all, timed{a, start, here})
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	return all
}

// StartOf returns when one of the actions takes effect: if it follows the start of
// another, when that does. An immediate action has the zero time.
func StartOf(actions []types.ScheduleAction, a types.ScheduleAction) (time.Time, error) {
	return startOf(actions, a, len(actions))
}

func startOf(actions []types.ScheduleAction, a types.ScheduleAction, depth int) (time.Time, error) {
	s := a.ScheduleActionStartSettings
	switch {
	case s == nil:
		return time.Time{}, errors.New("it has no start")
	case s.FixedModeScheduleActionStartSettings != nil:
		text := aws.ToString(s.FixedModeScheduleActionStartSettings.Time)
		t, err := smithytime.ParseDateTime(text)
		if err != nil {
			return time.Time{}, fmt.Errorf("%q is not a time of ISO 8601", text)
		}
		return t.UTC(), nil
	case s.FollowModeScheduleActionStartSettings == nil:
		return time.Time{}, nil
	}
	follow := s.FollowModeScheduleActionStartSettings
	if follow.FollowPoint == types.FollowPointEnd {
		return time.Time{}, errors.New("an action that waits for the end of another is not followed: give it a time")
	}
	i := slices.IndexFunc(actions, func(b types.ScheduleAction) bool {
		return aws.ToString(b.ActionName) == aws.ToString(follow.ReferenceActionName)
	})
	if i < 0 || depth == 0 {
		return time.Time{}, fmt.Errorf("there is no action %q to follow", aws.ToString(follow.ReferenceActionName))
	}
	return startOf(actions, actions[i], depth-1)
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
	if len(s.UrlPath) > 0 {
		next.url = strings.ReplaceAll(next.url, "$urlPath$", s.UrlPath[0])
	}
	if s.InputClippingSettings != nil {
		at.at("inputClippingSettings").report("a file is played from its beginning to its end")
	}
	return channel.Entry{At: from, Source: next.url, Once: next.once}, true
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
