package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/record"
)

const (
	// maxActions is how many actions a schedule holds at most.
	maxActions = 3000
	// immediateDelay is the time from the call to an immediate action: enough to open its
	// input, and to send what has been read ahead. The action is stored with a fixed time,
	// since the stream is a function of time.
	immediateDelay = player.Notice + time.Second
	// An action with a fixed time begins so long after the call, as on MediaLive.
	minAhead, maxAhead = 15 * time.Second, 14 * 24 * time.Hour
	// actionLife is how long an action stays in the schedule once it took effect.
	actionLife = time.Hour
)

// timeLayout is the layout of times in a schedule.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Schedules has the operations on the schedules of channels.
type Schedules struct{ core }

// Describe returns the actions of a channel's schedule.
func (s *Schedules) Describe(_ context.Context, in *sdk.DescribeScheduleInput) (*sdk.DescribeScheduleOutput, error) {
	id := deref(in.ChannelId)
	r := s.records.Channels.Find(id)
	if r == nil {
		return nil, noChannel(id)
	}
	all := described(r.ActionsAt(s.records.Now().Add(-actionLife)))
	part, next, err := page(all, in.MaxResults, in.NextToken, func(i int) int64 { return int64(i) + 1 })
	return &sdk.DescribeScheduleOutput{ScheduleActions: part, NextToken: next}, err
}

// described returns actions as they were created: one that follows another without the
// time that is kept with it.
func described(all []types.ScheduleAction) []types.ScheduleAction {
	all = append([]types.ScheduleAction{}, all...)
	for i := range all {
		if s := all[i].ScheduleActionStartSettings; s.FollowModeScheduleActionStartSettings != nil {
			all[i].ScheduleActionStartSettings = &types.ScheduleActionStartSettings{FollowModeScheduleActionStartSettings: s.FollowModeScheduleActionStartSettings}
		}
	}
	return all
}

// Update removes the named actions from a channel's schedule, adds others, and
// returns both. What has been played stays as it is.
func (s *Schedules) Update(ctx context.Context, in *sdk.BatchUpdateScheduleInput) (*sdk.BatchUpdateScheduleOutput, error) {
	id, deletes, creates := deref(in.ChannelId), deref(in.Deletes), deref(in.Creates)
	var lengths lengths
	if r := s.records.Channels.Find(id); r != nil {
		lengths = s.lengths(ctx, r, slices.Concat(r.Actions, creates.ScheduleActions))
	}
	var deleted, created []types.ScheduleAction
	err := s.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Channels.Find(id)
		if r == nil {
			return noChannel(id)
		}
		n := s.withHistory(tx, r, func(action string) bool { return slices.Contains(deletes.ActionNames, action) })
		n.ExpireActions(tx.Now.Add(-actionLife))
		var err error
		if n.Actions, deleted, err = without(n.Actions, deletes.ActionNames); err != nil {
			return err
		}
		if created, err = fixed(r, creates.ScheduleActions, tx.Now); err != nil {
			return err
		}
		n.Actions = append(n.Actions, created...)
		if err := checkActions(n, len(created)); err != nil {
			return err
		}
		if err := s.checkPaths(tx, n, created); err != nil {
			return err
		}
		if err := lengths.follow(n, n.InputDocs(tx.Inputs.Find), len(created)); err != nil {
			return err
		}
		if err := s.playable(tx, n); err != nil {
			return err
		}
		tx.Channels.Put(id, n)
		return nil
	})
	return &sdk.BatchUpdateScheduleOutput{
		Creates: &types.BatchScheduleActionCreateResult{ScheduleActions: described(created)},
		Deletes: &types.BatchScheduleActionDeleteResult{ScheduleActions: described(deleted)},
	}, err
}

// Delete removes all actions from a channel's schedule.
func (s *Schedules) Delete(ctx context.Context, id string) error {
	return s.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Channels.Find(id)
		if r == nil {
			return noChannel(id)
		}
		n := s.withHistory(tx, r, func(string) bool { return true })
		n.Actions, n.Held = nil, nil
		tx.Channels.Put(id, n)
		return nil
	})
}

// withHistory returns a copy of a record from which actions are about to be deleted. If the
// channel is on air, the history of the copy is what is settled.
func (s *Schedules) withHistory(tx *record.Tx, r *record.Channel, deletes func(action string) bool) *record.Channel {
	n := r.Reread()
	if !r.OnAir() {
		return n
	}
	end := settled(r, tx.Now, deletes)
	n.History = record.History{End: end}
	active := r.ActiveInput(end)
	n.History.Attachment, n.History.Action, n.History.Since, n.History.Part = active.Attachment, active.Action, active.At, active.Part
	if t, err := s.supervisor.Target(r, tx.Inputs.Find); err == nil {
		n.History.Schedules = t.History(end)
	}
	return n
}

// settled returns up to when the pipelines play what they have, at least until now. A switch that
// is to begin within player.Notice may have been read, and then plays although its action is
// deleted: it belongs to the history, or a restarted pipeline would send another stream.
func settled(r *record.Channel, now time.Time, deletes func(action string) bool) time.Time {
	end, last := now, now.Add(player.Notice)
	if before := r.History.End; before.After(now) && before.Before(last) {
		end = before
	}
	for at := r.NextSwitch(now); !at.IsZero() && at.Before(last); at = r.NextSwitch(at) {
		if action := r.ActiveInput(at).Action; action != "" && deletes(action) {
			end = at
		}
	}
	return end
}

// without splits actions into those that are not named and those that are.
func without(all []types.ScheduleAction, names []string) (rest, named []types.ScheduleAction, err error) {
	deleted := map[string]bool{}
	for i, name := range names {
		at := slices.IndexFunc(all, func(a types.ScheduleAction) bool { return deref(a.ActionName) == name })
		if at < 0 {
			return nil, nil, invalidMember(fmt.Sprintf("/deletes/actionNames/%d", i), "There is no action %q in the schedule", name)
		}
		named = append(named, all[at])
		deleted[name] = true
	}
	rest = slices.DeleteFunc(slices.Clone(all), func(a types.ScheduleAction) bool { return deleted[deref(a.ActionName)] })
	for _, a := range rest {
		if name := record.Followed(a); deleted[name] {
			return nil, nil, invalidMember("/deletes/actionNames", "The action %q cannot be deleted: %q follows it", name, deref(a.ActionName))
		}
	}
	return rest, named, nil
}

// fixed validates the start of new actions and gives immediate ones a fixed time if the
// channel is on air.
func fixed(r *record.Channel, creates []types.ScheduleAction, now time.Time) ([]types.ScheduleAction, error) {
	all := slices.Clone(creates)
	for i := range all {
		if err := checkStart(fmt.Sprintf("/creates/scheduleActions/%d", i), &all[i], now); err != nil {
			return nil, err
		}
	}
	if faults := medialive.CheckActions(all); len(faults) > 0 {
		for i := range faults {
			path := "/creates" + *faults[i].ElementPath
			faults[i].ElementPath = &path
		}
		return nil, invalid(faults...)
	}
	if r.OnAir() {
		fixImmediate(all, now.Add(immediateDelay))
	}
	return all, nil
}

// fixImmediate gives immediate actions a fixed time.
func fixImmediate(all []types.ScheduleAction, at time.Time) {
	for i := range all {
		if all[i].ScheduleActionStartSettings.ImmediateModeScheduleActionStartSettings != nil {
			all[i].ScheduleActionStartSettings = fixedAt(at)
		}
	}
}

// fixedAt returns the start at an instant, in whole milliseconds from then on.
func fixedAt(at time.Time) *types.ScheduleActionStartSettings {
	text := at.UTC().Add(time.Millisecond - 1).Truncate(time.Millisecond).Format(timeLayout)
	return &types.ScheduleActionStartSettings{FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{Time: &text}}
}

// checkStart reports an action without a name, settings, or exactly one valid start.
func checkStart(path string, a *types.ScheduleAction, now time.Time) error {
	start := a.ScheduleActionStartSettings
	switch {
	case deref(a.ActionName) == "":
		return invalidMember(path+"/actionName", "An action needs a name")
	case a.ScheduleActionSettings == nil:
		return invalidMember(path+"/scheduleActionSettings", "An action needs settings")
	case start == nil:
		return invalidMember(path+"/scheduleActionStartSettings", "An action needs start settings")
	}
	n := 0
	for _, set := range []bool{
		start.FixedModeScheduleActionStartSettings != nil, start.FollowModeScheduleActionStartSettings != nil,
		start.ImmediateModeScheduleActionStartSettings != nil,
	} {
		if set {
			n++
		}
	}
	if n != 1 {
		return invalidMember(path+"/scheduleActionStartSettings", "An action starts at a fixed time, immediately, or following another: exactly one of these")
	}
	if f := start.FixedModeScheduleActionStartSettings; f != nil {
		return checkTime(path+"/scheduleActionStartSettings/fixedModeScheduleActionStartSettings/time", deref(f.Time), now)
	}
	return nil
}

// checkTime reports what is no time, or too soon or too late.
func checkTime(path, text string, now time.Time) error {
	at, err := time.Parse(time.RFC3339Nano, text)
	switch {
	case err != nil:
		return invalidMember(path, "%q is not a time such as %s", text, now.Format(timeLayout))
	case at.Before(now):
		return invalidMember(path, "%s has passed", text)
	case at.Before(now.Add(minAhead)):
		return invalidMember(path, "%s is too soon: an action starts at least %.0f seconds from now, or immediately", text, minAhead.Seconds())
	case at.After(now.Add(maxAhead)):
		return invalidMember(path, "%s is too late: an action starts at most %.0f days from now", text, maxAhead.Hours()/24)
	}
	return nil
}

// checkActions reports too many actions, a name that occurs twice, an action that follows
// one that does not exist, or a switch to an input that the channel does not have. The last
// created actions are new.
func checkActions(r *record.Channel, created int) error {
	if len(r.Actions) > maxActions {
		return Errorf(TooMany, "A schedule holds at most %d actions", maxActions)
	}
	names := map[string]bool{}
	for _, a := range r.Actions {
		name := deref(a.ActionName)
		if names[name] {
			return invalidMember("/creates/scheduleActions", "The schedule already has an action named %q", name)
		}
		names[name] = true
	}
	for i, a := range r.Actions {
		name, followed := deref(a.ActionName), record.Followed(a)
		follows := a.ScheduleActionStartSettings.FollowModeScheduleActionStartSettings != nil
		path := fmt.Sprintf("/creates/scheduleActions/%d", max(0, i-len(r.Actions)+created))
		switch s := a.ScheduleActionSettings.InputSwitchSettings; {
		case follows && !names[followed]:
			return invalidMember(path+"/scheduleActionStartSettings/followModeScheduleActionStartSettings/referenceActionName", "There is no action %q in the schedule for %q to follow", followed, name)
		case s != nil && !hasAttachment(r, deref(s.InputAttachmentNameReference)):
			return invalidMember(path+"/scheduleActionSettings/inputSwitchSettings/inputAttachmentNameReference",
				"Action %q switches to %q, which is not an input attachment of the channel", name, deref(s.InputAttachmentNameReference))
		}
	}
	return checkCycles(r.Actions)
}

// checkPaths reports a new action that gives a static input a urlPath, a dynamic one none, or
// one that makes a URL that no input may have.
func (s *Schedules) checkPaths(tx *record.Tx, r *record.Channel, created []types.ScheduleAction) error {
	for i, a := range created {
		path := fmt.Sprintf("/creates/scheduleActions/%d/scheduleActionSettings/", i)
		if one := a.ScheduleActionSettings.InputSwitchSettings; one != nil {
			if err := s.checkPath(path+"inputSwitchSettings/urlPath", inputOf(tx, r, deref(one.InputAttachmentNameReference)), one.UrlPath); err != nil {
				return err
			}
		}
		if one := a.ScheduleActionSettings.InputPrepareSettings; one != nil {
			if err := s.checkPath(path+"inputPrepareSettings/urlPath", inputOf(tx, r, deref(one.InputAttachmentNameReference)), one.UrlPath); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Schedules) checkPath(path string, input *types.Input, urlPath []string) error {
	if input == nil {
		return nil
	}
	dynamic := input.InputSourceType == types.InputSourceTypeDynamic
	switch {
	case dynamic && len(urlPath) == 0:
		return invalidMember(path, "The input %s is dynamic: give what %s stands for in its URL", deref(input.Id), medialive.UrlPathVariable)
	case !dynamic && len(urlPath) > 0:
		return invalidMember(path, "The input %s is static: urlPath is for a URL with %s", deref(input.Id), medialive.UrlPathVariable)
	case !dynamic:
		return nil
	}
	for i := range urlPath {
		for _, one := range input.Sources {
			if text := s.checkSource(medialive.WithPath(deref(one.Url), urlPath[i:]), inputKinds()[input.Type].schemes); text != "" {
				return invalidMember(fmt.Sprintf("%s/%d", path, i), "%s", text)
			}
		}
	}
	return nil
}

// inputOf returns the input of an attachment, nil if there is none.
func inputOf(tx *record.Tx, r *record.Channel, attachment string) *types.Input {
	for _, a := range r.Doc.InputAttachments {
		if medialive.AttachmentName(a) == attachment {
			if input := tx.Inputs.Find(deref(a.InputId)); input != nil {
				return input.Doc
			}
		}
	}
	return nil
}

// checkCycles reports actions that follow one another in a circle.
func checkCycles(all []types.ScheduleAction) error {
	follows, known := map[string]string{}, map[string]bool{"": true}
	for _, a := range all {
		follows[deref(a.ActionName)] = record.Followed(a)
	}
	for _, a := range all {
		var chain []string
		for name := deref(a.ActionName); !known[name]; name = follows[name] {
			if slices.Contains(chain[:min(1, len(chain))], name) || len(chain) > len(all) {
				return invalidMember("/creates/scheduleActions", "The action %q follows itself", name)
			}
			chain = append(chain, name)
		}
		for _, name := range chain {
			known[name] = true
		}
	}
	return nil
}

func hasAttachment(r *record.Channel, name string) bool {
	return slices.ContainsFunc(r.Doc.InputAttachments, func(a types.InputAttachment) bool { return medialive.AttachmentName(a) == name })
}
