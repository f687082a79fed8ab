package record

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
)

// InputSwitch is a change to another input.
type InputSwitch struct {
	At         time.Time
	Attachment string
	// Action is the name of the action that switches, "" if the input before has ended.
	Action string
	// Part says that less than the whole file is played, or another one each time.
	Part bool
}

// ActiveInput returns the switch to the input that plays at an instant.
func (c *Channel) ActiveInput(at time.Time) InputSwitch {
	active, _ := c.begin()
	for _, s := range c.switches(at) {
		if !s.At.After(at) {
			active = s
		}
	}
	return active
}

// begin returns what plays before the first of the actions, and after when they count.
func (c *Channel) begin() (active InputSwitch, after time.Time) {
	if h := c.History; !h.End.IsZero() {
		return InputSwitch{At: h.Since, Attachment: h.Attachment, Action: h.Action, Part: h.Part}, h.End
	}
	if len(c.Doc.InputAttachments) > 0 {
		active.Attachment = medialive.AttachmentName(c.Doc.InputAttachments[0])
	}
	active.At = c.Epoch
	return active, c.Epoch.Add(-1) // An action may begin with the channel.
}

// Turns returns the switches up to an instant to inputs that follow the end of another.
func (c *Channel) Turns(until time.Time) (all []InputSwitch) {
	if len(c.Lengths) == 0 {
		return nil
	}
	active, after := c.begin()
	for _, next := range append(c.actionSwitches(after), InputSwitch{At: until.Add(1)}) {
		for {
			turn, ok := c.turnAfter(active)
			if !ok || !turn.At.Before(next.At) || turn.At.After(until) {
				break
			}
			if active = turn; turn.At.After(after) {
				all = append(all, turn)
			}
		}
		active = next
	}
	return all
}

// LongestTurn returns how long the longest of the inputs lasts that follow one another.
func (c *Channel) LongestTurn() (d time.Duration) {
	for _, l := range c.Lengths {
		d = max(d, l.Length)
	}
	return d
}

// turnAfter returns the switch at the end of an input, if that is known.
func (c *Channel) turnAfter(active InputSwitch) (next InputSwitch, ok bool) {
	i := slices.IndexFunc(c.Lengths, func(l Length) bool { return l.Attachment == active.Attachment })
	if i < 0 || c.Lengths[i].Length <= 0 || active.Part {
		return next, false
	}
	return InputSwitch{At: active.At.Add(c.Lengths[i].Length), Attachment: c.Lengths[(i+1)%len(c.Lengths)].Attachment}, true
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
	for _, s := range c.switches(now.Add(c.LongestTurn())) {
		if s.At.After(now) {
			return s.At
		}
	}
	return time.Time{}
}

// switches returns all input switches since the schedule changed last, in order: those of
// actions, and those up to an instant at which an input ends.
func (c *Channel) switches(until time.Time) []InputSwitch {
	_, after := c.begin()
	all := append(c.actionSwitches(after), c.Turns(until)...)
	slices.SortStableFunc(all, func(a, b InputSwitch) int { return a.At.Compare(b.At) })
	return all
}

// actionSwitches returns the input switches of actions after an instant, in order.
func (c *Channel) actionSwitches(after time.Time) []InputSwitch {
	var all []InputSwitch
	for i, start := range medialive.Starts(c.Actions) {
		s := c.Actions[i].ScheduleActionSettings.InputSwitchSettings
		if s == nil {
			continue
		}
		if start.Err == nil && !start.At.IsZero() && start.At.After(after) {
			all = append(all, InputSwitch{start.At, aws.ToString(s.InputAttachmentNameReference), aws.ToString(c.Actions[i].ActionName), len(s.UrlPath) > 0 || s.InputClippingSettings != nil})
		}
	}
	slices.SortStableFunc(all, func(a, b InputSwitch) int { return a.At.Compare(b.At) })
	return all
}
