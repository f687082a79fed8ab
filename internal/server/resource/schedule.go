package resource

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

// maxActions is how many actions a schedule holds at most.
const maxActions = 3000

// immediately is how long after the call an immediate action is: time to open
// what it switches to, and for what is read ahead to be sent. It becomes one of
// fixed time with that, since the stream is a function of time.
const immediately = player.Notice + time.Second

// wireTime is how a schedule writes an instant.
const wireTime = "2006-01-02T15:04:05.000Z"

// Schedule returns the actions of a channel's schedule.
func (r *Registry) Schedule(id string, p Page) (List[types.ScheduleAction], error) {
	r.mu.RLock()
	record := r.channels[id]
	r.mu.RUnlock()
	if record == nil || record.state() == types.ChannelStateDeleted {
		return List[types.ScheduleAction]{}, noChannel(id)
	}
	return Paged(record.actions, p)
}

// UpdateSchedule takes the named actions out of a channel's schedule and puts
// others in; it returns those and these, with the times they have now. What
// has been played stays as it was.
func (r *Registry) UpdateSchedule(id string, deletes []string, creates []types.ScheduleAction) (deleted, created []types.ScheduleAction, err error) {
	err = r.change(func(c *change) error {
		record, err := c.channel(id)
		if err != nil {
			return err
		}
		n := r.cutNow(c, record)
		if n.actions, deleted, err = without(record.actions, deletes); err != nil {
			return err
		}
		if created, err = r.fixed(record, creates, c.now); err != nil {
			return err
		}
		n.actions = append(n.actions, created...)
		if err := checkActions(n); err != nil {
			return err
		}
		if err := r.judge(n, c.documents(n.doc)); err != nil {
			return err
		}
		c.channels.set(id, n)
		return nil
	})
	return deleted, created, err
}

// ClearSchedule takes all actions out of a channel's schedule.
func (r *Registry) ClearSchedule(id string) error {
	return r.change(func(c *change) error {
		record, err := c.channel(id)
		if err != nil {
			return err
		}
		n := r.cutNow(c, record)
		n.actions = nil
		c.channels.set(id, n)
		return nil
	})
}

// cutNow returns a copy of a record whose past is that until now, if it is on air.
func (r *Registry) cutNow(c *change, record *channelRecord) *channelRecord {
	n := record.other(record.state(), record.Since)
	n.actions = slices.Clone(record.actions)
	if !record.onAir() {
		return n
	}
	n.past = past{Cut: c.now}
	n.past.Attachment, n.past.Action = record.active(c.now)
	if made, err := r.read(record, c.documents(record.doc)); err == nil {
		for _, one := range made.channels {
			n.past.Schedules = append(n.past.Schedules, splice(one.Schedule, channel.Schedule{}, c.now))
		}
	}
	return n
}

// without returns the actions that are not named, and those that are.
func without(all []types.ScheduleAction, names []string) (rest, named []types.ScheduleAction, err error) {
	for i, name := range names {
		at := slices.IndexFunc(all, func(a types.ScheduleAction) bool { return deref(a.ActionName) == name })
		if at < 0 {
			return nil, nil, invalid(element(fmt.Sprintf("/deletes/actionNames/%d", i), "There is no action %q in the schedule", name))
		}
		named = append(named, all[at])
	}
	rest = slices.DeleteFunc(slices.Clone(all), func(a types.ScheduleAction) bool { return slices.Contains(names, deref(a.ActionName)) })
	return rest, named, nil
}

// fixed returns new actions as they are kept: an immediate one has a time then.
func (r *Registry) fixed(record *channelRecord, creates []types.ScheduleAction, now time.Time) ([]types.ScheduleAction, error) {
	all := slices.Clone(creates)
	for i := range all {
		path := fmt.Sprintf("/creates/scheduleActions/%d", i)
		if err := checkStart(path, &all[i], now); err != nil {
			return nil, err
		}
		start := *all[i].ScheduleActionStartSettings
		if start.ImmediateModeScheduleActionStartSettings == nil {
			continue
		}
		if !record.onAir() {
			return nil, invalid(element(path+"/scheduleActionStartSettings", "An immediate action needs a channel that runs: give a fixed time"))
		}
		at := now.Add(immediately).Format(wireTime)
		all[i].ScheduleActionStartSettings = &types.ScheduleActionStartSettings{
			FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{Time: &at},
		}
	}
	return all, nil
}

// checkStart refuses an action that has no name, nothing to do, or not one kind of start.
func checkStart(path string, a *types.ScheduleAction, now time.Time) error {
	start := a.ScheduleActionStartSettings
	switch {
	case deref(a.ActionName) == "":
		return invalid(element(path+"/actionName", "An action has a name"))
	case a.ScheduleActionSettings == nil:
		return invalid(element(path+"/scheduleActionSettings", "An action has settings"))
	case start == nil:
		return invalid(element(path+"/scheduleActionStartSettings", "An action has start settings"))
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
		return invalid(element(path+"/scheduleActionStartSettings", "An action starts at a fixed time, immediately, or following another: exactly one of these"))
	}
	if f := start.FixedModeScheduleActionStartSettings; f != nil {
		at, err := time.Parse(time.RFC3339Nano, deref(f.Time))
		if err != nil {
			return invalid(element(path+"/scheduleActionStartSettings/fixedModeScheduleActionStartSettings/time", "%q is not a time such as %s", deref(f.Time), now.Format(wireTime)))
		}
		if at.Before(now) {
			return invalid(element(path+"/scheduleActionStartSettings/fixedModeScheduleActionStartSettings/time", "%s has passed", deref(f.Time)))
		}
	}
	return nil
}

// checkActions refuses a schedule with two actions of a name, too many, or one
// that switches to an input the channel does not have.
func checkActions(record *channelRecord) error {
	if len(record.actions) > maxActions {
		return Refuse(TooMany, "A schedule holds at most %d actions", maxActions)
	}
	names := map[string]bool{}
	for _, a := range record.actions {
		name := deref(a.ActionName)
		if names[name] {
			return invalid(element("/creates/scheduleActions", "An action named %q is in the schedule already", name))
		}
		names[name] = true
		if s := a.ScheduleActionSettings.InputSwitchSettings; s != nil && !record.hasAttachment(deref(s.InputAttachmentNameReference)) {
			return invalid(element("/creates/scheduleActions", "Action %q switches to %q, which is no input attachment of the channel", name, deref(s.InputAttachmentNameReference)))
		}
	}
	return nil
}

func (r *channelRecord) hasAttachment(name string) bool {
	return slices.ContainsFunc(r.doc.InputAttachments, func(a types.InputAttachment) bool { return attachmentName(a) == name })
}

// attachmentName returns the name of an attachment, its input's id where it has none.
func attachmentName(a types.InputAttachment) string {
	if name := deref(a.InputAttachmentName); name != "" {
		return name
	}
	return deref(a.InputId)
}

// switches returns the input switches of a schedule that have a fixed time after an instant.
func (r *channelRecord) switches(after time.Time) []inputSwitch {
	var all []inputSwitch
	for i := range r.actions {
		s := r.actions[i].ScheduleActionSettings.InputSwitchSettings
		if s == nil {
			continue
		}
		if at := r.startOf(&r.actions[i]); at.After(after) {
			all = append(all, inputSwitch{at, deref(s.InputAttachmentNameReference), deref(r.actions[i].ActionName)})
		}
	}
	slices.SortStableFunc(all, func(a, b inputSwitch) int { return a.at.Compare(b.at) })
	return all
}

// startOf returns when an action starts, the zero Time where that is not known.
// One that follows the start of another starts with that.
func (r *channelRecord) startOf(a *types.ScheduleAction) time.Time {
	for range len(r.actions) {
		start := a.ScheduleActionStartSettings
		if fixed := start.FixedModeScheduleActionStartSettings; fixed != nil {
			at, err := time.Parse(time.RFC3339Nano, deref(fixed.Time))
			if err != nil {
				return time.Time{}
			}
			return at
		}
		follow := start.FollowModeScheduleActionStartSettings
		if follow == nil || follow.FollowPoint != types.FollowPointStart {
			return time.Time{}
		}
		i := slices.IndexFunc(r.actions, func(b types.ScheduleAction) bool { return deref(b.ActionName) == deref(follow.ReferenceActionName) })
		if i < 0 {
			return time.Time{}
		}
		a = &r.actions[i]
	}
	return time.Time{} // They follow each other.
}

type inputSwitch struct {
	at                 time.Time
	attachment, action string
}

// active returns the attachment that plays at an instant, and the action that switched to it.
func (r *channelRecord) active(now time.Time) (attachment, action string) {
	after := r.epoch
	if len(r.doc.InputAttachments) > 0 {
		attachment = attachmentName(r.doc.InputAttachments[0])
	}
	if !r.past.Cut.IsZero() {
		after, attachment, action = r.past.Cut, r.past.Attachment, r.past.Action
	}
	for _, s := range r.switches(after) {
		if !s.at.After(now) {
			attachment, action = s.attachment, s.action
		}
	}
	return attachment, action
}

// nextSwitch returns when another input plays next, the zero Time for never.
func (r *channelRecord) nextSwitch(now time.Time) time.Time {
	if all := r.switches(now); len(all) > 0 {
		return all[0].at
	}
	return time.Time{}
}
