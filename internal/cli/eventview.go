package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/aws"
)

// eventView shows the events of stacks: a line for each finished resource and, on
// a terminal, the one in progress below.
type eventView struct {
	*deployment

	follower *aws.Follower
	line     *progressLine
	events   []aws.Event
	working  []aws.Event // the first events of resources in progress, the oldest first
	done     int
}

// follow returns a view of the events of a stack from now on. The caller must close
// its line.
func (d *deployment) follow(ctx context.Context, stack string) (*eventView, error) {
	follower, err := d.account.Follow(ctx, stack)
	if err != nil {
		return nil, err
	}
	return &eventView{deployment: d, follower: follower, line: newProgressLine(d.out, d.now, 0)}, nil
}

// waitForStack shows events until CloudFormation has finished with the stack.
func (v *eventView) waitForStack(ctx context.Context, id string) (aws.Stack, error) {
	return v.account.WaitForStack(ctx, id, v.follower, v.add)
}

// add shows an event.
func (v *eventView) add(e aws.Event) {
	v.events = append(v.events, e)
	if v.json {
		v.show(struct {
			Type string `json:"type"`
			aws.Event
		}{"event", e}, "")
		return
	}
	i := slices.IndexFunc(v.working, func(w aws.Event) bool { return w.Path == e.Path })
	began := e.At // unless it is known
	if i >= 0 {
		began = v.working[i].At
	}
	switch {
	case !e.Over() && i < 0:
		v.working = append(v.working, e)
	case e.Over():
		v.done++
		if i >= 0 {
			v.working = slices.Delete(v.working, i, i+1)
		}
	}
	v.showProgress()
	if e.Over() {
		v.line.Print(v.eventText(e, e.At.Sub(began)))
	}
}

// eventText formats the event of a finished resource.
func (v *eventView) eventText(e aws.Event, took time.Duration) string {
	text := fmt.Sprintf("%s %s %s", e.Path, strings.TrimPrefix(e.Type, "AWS::"), e.Status)
	if took >= time.Second {
		text += " after " + clock(took)
	}
	if e.Failed() && e.Reason != "" {
		text += ": " + e.Reason
	}
	return "  " + v.out.mark(!e.Failed()) + " " + strings.Map(printable, text)
}

// showProgress shows the resource in progress for longest that is not a stack.
func (v *eventView) showProgress() {
	text := fmt.Sprintf("%d done", v.done)
	if i := slices.IndexFunc(v.working, func(e aws.Event) bool { return !e.Nested() }); i >= 0 {
		e := v.working[i]
		text += fmt.Sprintf(", now %s (%s)", e.Path, strings.ToLower(strings.TrimSuffix(e.Status, "_IN_PROGRESS")))
	}
	v.line.time(text)
}
