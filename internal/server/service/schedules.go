package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/record"
)

// maxActions is how many actions a schedule holds at most.
const maxActions = 3000

// immediateDelay is the time from the call to an immediate action: enough to open its
// input, and to send what has been read ahead. The action is stored with a fixed time,
// since the stream is a function of time.
const immediateDelay = player.Notice + time.Second

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
	part, next, err := page(r.Actions, in.MaxResults, in.NextToken, func(i int) int64 { return int64(i) + 1 })
	return &sdk.DescribeScheduleOutput{ScheduleActions: part, NextToken: next}, err
}

// Update removes the named actions from a channel's schedule, adds others, and
// returns both. What has been played stays as it is.
func (s *Schedules) Update(ctx context.Context, in *sdk.BatchUpdateScheduleInput) (*sdk.BatchUpdateScheduleOutput, error) {
	id, deletes, creates := deref(in.ChannelId), deref(in.Deletes), deref(in.Creates)
	var deleted, created []types.ScheduleAction
	err := s.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Channels.Find(id)
		if r == nil {
			return noChannel(id)
		}
		n := s.withHistory(tx, r)
		var err error
		if n.Actions, deleted, err = without(r.Actions, deletes.ActionNames); err != nil {
			return err
		}
		if created, err = fixed(r, creates.ScheduleActions, tx.Now); err != nil {
			return err
		}
		n.Actions = append(n.Actions, created...)
		if err := checkActions(n); err != nil {
			return err
		}
		if err := s.playable(tx, n); err != nil {
			return err
		}
		tx.Channels.Put(id, n)
		return nil
	})
	return &sdk.BatchUpdateScheduleOutput{
		Creates: &types.BatchScheduleActionCreateResult{ScheduleActions: append([]types.ScheduleAction{}, created...)},
		Deletes: &types.BatchScheduleActionDeleteResult{ScheduleActions: append([]types.ScheduleAction{}, deleted...)},
	}, err
}

// Delete removes all actions from a channel's schedule.
func (s *Schedules) Delete(ctx context.Context, id string) error {
	return s.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Channels.Find(id)
		if r == nil {
			return noChannel(id)
		}
		n := s.withHistory(tx, r)
		n.Actions = nil
		tx.Channels.Put(id, n)
		return nil
	})
}

// withHistory returns a copy of a record. If the channel is on air, the history of
// the copy is what has been played until now.
func (s *Schedules) withHistory(tx *record.Tx, r *record.Channel) *record.Channel {
	n := r.Reread()
	if !r.OnAir() {
		return n
	}
	n.History = record.History{End: tx.Now}
	n.History.Attachment, n.History.Action = r.ActiveInput(tx.Now)
	if t, err := s.supervisor.Target(r, tx.Inputs.Find); err == nil {
		n.History.Schedules = t.History(tx.Now)
	}
	return n
}

// without splits actions into those that are not named and those that are.
func without(all []types.ScheduleAction, names []string) (rest, named []types.ScheduleAction, err error) {
	for i, name := range names {
		at := slices.IndexFunc(all, func(a types.ScheduleAction) bool { return deref(a.ActionName) == name })
		if at < 0 {
			return nil, nil, invalidMember(fmt.Sprintf("/deletes/actionNames/%d", i), "There is no action %q in the schedule", name)
		}
		named = append(named, all[at])
	}
	rest = slices.DeleteFunc(slices.Clone(all), func(a types.ScheduleAction) bool { return slices.Contains(names, deref(a.ActionName)) })
	return rest, named, nil
}

// fixed validates the start of new actions and gives immediate ones a fixed time.
func fixed(r *record.Channel, creates []types.ScheduleAction, now time.Time) ([]types.ScheduleAction, error) {
	all := slices.Clone(creates)
	for i := range all {
		path := fmt.Sprintf("/creates/scheduleActions/%d", i)
		if err := checkStart(path, &all[i], now); err != nil {
			return nil, err
		}
		if all[i].ScheduleActionStartSettings.ImmediateModeScheduleActionStartSettings == nil {
			continue
		}
		if !r.OnAir() {
			return nil, invalidMember(path+"/scheduleActionStartSettings", "An immediate action needs a running channel: use a fixed time")
		}
		at := now.Add(immediateDelay).Format(timeLayout)
		all[i].ScheduleActionStartSettings = &types.ScheduleActionStartSettings{
			FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{Time: &at},
		}
	}
	return all, nil
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
		at, err := time.Parse(time.RFC3339Nano, deref(f.Time))
		if err != nil {
			return invalidMember(path+"/scheduleActionStartSettings/fixedModeScheduleActionStartSettings/time", "%q is not a time such as %s", deref(f.Time), now.Format(timeLayout))
		}
		if at.Before(now) {
			return invalidMember(path+"/scheduleActionStartSettings/fixedModeScheduleActionStartSettings/time", "%s has passed", deref(f.Time))
		}
	}
	return nil
}

// checkActions reports too many actions, a name that occurs twice, or a switch to an
// input that the channel does not have.
func checkActions(r *record.Channel) error {
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
		if s := a.ScheduleActionSettings.InputSwitchSettings; s != nil && !hasAttachment(r, deref(s.InputAttachmentNameReference)) {
			return invalidMember("/creates/scheduleActions", "Action %q switches to %q, which is not an input attachment of the channel", name, deref(s.InputAttachmentNameReference))
		}
	}
	return nil
}

func hasAttachment(r *record.Channel, name string) bool {
	return slices.ContainsFunc(r.Doc.InputAttachments, func(a types.InputAttachment) bool { return record.AttachmentName(a) == name })
}
