package record

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
)

// AttachmentName returns the name of an input attachment: its input's id if it has none.
func AttachmentName(a types.InputAttachment) string {
	if name := aws.ToString(a.InputAttachmentName); name != "" {
		return name
	}
	return aws.ToString(a.InputId)
}

// inputSwitch is an action that switches to another input.
type inputSwitch struct {
	at                 time.Time
	attachment, action string
}

// ActiveInput returns the attachment that plays at an instant, and the name of the
// action that switched to it.
func (c *Channel) ActiveInput(at time.Time) (attachment, action string) {
	after := c.Epoch.Add(-1) // An action may begin with the channel.
	if len(c.Doc.InputAttachments) > 0 {
		attachment = AttachmentName(c.Doc.InputAttachments[0])
	}
	if h := c.History; !h.End.IsZero() {
		after, attachment, action = h.End, h.Attachment, h.Action
	}
	for _, s := range c.switches(after) {
		if !s.at.After(at) {
			attachment, action = s.attachment, s.action
		}
	}
	return attachment, action
}

// ExpireActions removes the actions that took effect before an instant, unless a later one
// follows them. What of them still holds is kept apart.
func (c *Channel) ExpireActions(before time.Time) {
	starts := medialive.Starts(c.Actions)
	over := expired(c.Actions, starts, before)
	held := medialive.Start{}
	if len(c.Held) > 0 {
		held = medialive.Starts(c.Held)[0]
	}
	var rest []types.ScheduleAction
	for i, a := range c.Actions {
		if !over[i] {
			rest = append(rest, a)
			continue
		}
		// A pause says of each pipeline whether it is paused, so the last one counts. What
		// was played is in the history.
		if a.ScheduleActionSettings.PauseStateSettings != nil && !starts[i].At.Before(held.At) {
			held, a.ActionName = starts[i], nil
			a.ScheduleActionStartSettings = &types.ScheduleActionStartSettings{
				FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{Time: aws.String(held.At.Format(time.RFC3339Nano))},
			}
			c.Held = []types.ScheduleAction{a}
		}
	}
	c.Actions = rest
}

// ActionsAt returns the actions without those that took effect before an instant.
func (c *Channel) ActionsAt(before time.Time) (rest []types.ScheduleAction) {
	over := expired(c.Actions, medialive.Starts(c.Actions), before)
	for i, a := range c.Actions {
		if !over[i] {
			rest = append(rest, a)
		}
	}
	return rest
}

// expired reports which actions took effect before an instant and are followed by no other
// that counts.
func expired(all []types.ScheduleAction, starts []medialive.Start, before time.Time) []bool {
	over := make([]bool, len(all))
	named := map[string]int{}
	for i, a := range all {
		over[i] = starts[i].Err == nil && !starts[i].At.IsZero() && starts[i].At.Before(before)
		named[aws.ToString(a.ActionName)] = i
	}
	for i := range all {
		for !over[i] {
			followed, ok := named[Followed(all[i])]
			if !ok || !over[followed] {
				break
			}
			over[followed], i = false, followed
		}
	}
	return over
}

// Followed returns the name of the action that an action follows, "" if it follows none.
func Followed(a types.ScheduleAction) string {
	if s := a.ScheduleActionStartSettings; s != nil && s.FollowModeScheduleActionStartSettings != nil {
		return aws.ToString(s.FollowModeScheduleActionStartSettings.ReferenceActionName)
	}
	return ""
}

// NextSwitch returns when the next input switch is, the zero Time for never.
func (c *Channel) NextSwitch(now time.Time) time.Time {
	if all := c.switches(now); len(all) > 0 {
		return all[0].at
	}
	return time.Time{}
}

// switches returns the input switches after an instant, in order.
func (c *Channel) switches(after time.Time) []inputSwitch {
	var all []inputSwitch
	for i, start := range medialive.Starts(c.Actions) {
		s := c.Actions[i].ScheduleActionSettings.InputSwitchSettings
		if s == nil {
			continue
		}
		if start.Err == nil && !start.At.IsZero() && start.At.After(after) {
			all = append(all, inputSwitch{start.At, aws.ToString(s.InputAttachmentNameReference), aws.ToString(c.Actions[i].ActionName)})
		}
	}
	slices.SortStableFunc(all, func(a, b inputSwitch) int { return a.at.Compare(b.at) })
	return all
}
