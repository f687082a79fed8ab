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
	after := c.Epoch
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
	for i := range c.Actions {
		s := c.Actions[i].ScheduleActionSettings.InputSwitchSettings
		if s == nil {
			continue
		}
		if at, err := medialive.StartOf(c.Actions, c.Actions[i]); err == nil && at.After(after) {
			all = append(all, inputSwitch{at, aws.ToString(s.InputAttachmentNameReference), aws.ToString(c.Actions[i].ActionName)})
		}
	}
	slices.SortStableFunc(all, func(a, b inputSwitch) int { return a.at.Compare(b.at) })
	return all
}
