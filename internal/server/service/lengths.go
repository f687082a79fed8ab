package service

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/record"
)

// lengths holds how long the sources last that actions switch to whose end others follow,
// or why that is not known.
type lengths map[string]length

type length struct {
	d   time.Duration
	err error
}

// lengths finds out the lengths that the actions of a channel need. It opens their sources,
// so it must not run within a transaction.
func (c *core) lengths(ctx context.Context, r *record.Channel, actions []types.ScheduleAction) lengths {
	named, all := map[string]types.ScheduleAction{}, lengths{}
	for _, a := range actions {
		named[deref(a.ActionName)] = a
	}
	for _, a := range actions {
		if !followsEnd(a) || a.ScheduleActionStartSettings.FixedModeScheduleActionStartSettings != nil {
			continue
		}
		source, err := endingSource(r.Doc, r.InputDocs(c.records.Inputs.Find), named[record.Followed(a)])
		if _, known := all[source]; err != nil || known {
			continue // follow reports the error.
		}
		all[source] = c.length(ctx, r, source)
	}
	return all
}

func (c *core) length(ctx context.Context, r *record.Channel, source string) (l length) {
	t, err := c.supervisor.Target(r, c.records.Inputs.Find)
	if err == nil {
		err = c.o.Sources.Allow(source)
	}
	if err != nil {
		return length{err: err}
	}
	spec := t.Pipelines[0].Spec
	spec.Source = source
	l.d, l.err = c.o.Length(ctx, spec)
	return l
}

func followsEnd(a types.ScheduleAction) bool {
	s := a.ScheduleActionStartSettings
	return s != nil && s.FollowModeScheduleActionStartSettings != nil && s.FollowModeScheduleActionStartSettings.FollowPoint == types.FollowPointEnd
}

// endingSource returns the source that an action switches to, if it ends.
func endingSource(doc *types.Channel, inputs map[string]types.Input, a types.ScheduleAction) (string, error) {
	name := deref(a.ActionName)
	if a.ScheduleActionSettings == nil || a.ScheduleActionSettings.InputSwitchSettings == nil {
		return "", Errorf(Unprocessable, "The action %q has no end: only an input switch has", name)
	}
	source, once, err := medialive.SourceOf(doc, inputs, a.ScheduleActionSettings.InputSwitchSettings)
	switch {
	case err != nil:
		return "", Errorf(Unprocessable, "The end of %q is not known: %v", name, err)
	case !once:
		return "", Errorf(Unprocessable, "The action %q never ends, since its input loops: give the input attachment sourceEndBehavior CONTINUE", name)
	}
	return source, nil
}

// follow gives each action that follows the end of another a fixed time, if it is known
// when that one starts. It reports those whose end cannot be known. No action may follow
// itself.
func (l lengths) follow(r *record.Channel, inputs map[string]types.Input) error {
	f := follower{l, r, inputs, map[string]int{}, medialive.Starts(r.Actions), map[int]bool{}}
	for i, a := range r.Actions {
		f.named[deref(a.ActionName)] = i
	}
	for i := range r.Actions {
		if err := f.settle(i); err != nil {
			return invalidMember("/creates/scheduleActions", "%s", err.Error())
		}
	}
	return nil
}

type follower struct {
	lengths lengths
	r       *record.Channel
	inputs  map[string]types.Input
	named   map[string]int // positions
	starts  []medialive.Start
	settled map[int]bool
}

// settle finds out when the action at a position starts, after the one that it follows.
func (f *follower) settle(i int) error {
	a := f.r.Actions[i]
	at, follows := f.named[record.Followed(a)]
	if f.settled[i] || !follows || f.starts[i].Err == nil {
		return nil
	}
	f.settled[i] = true
	if err := f.settle(at); err != nil {
		return err
	}
	if !followsEnd(a) {
		f.starts[i] = f.starts[at]
		return nil
	}
	source, err := endingSource(f.r.Doc, f.inputs, f.r.Actions[at])
	if err != nil {
		return err
	}
	l := f.lengths[source]
	if l.err != nil {
		return Errorf(Unprocessable, "The end of %q is not known: %v", deref(f.r.Actions[at].ActionName), l.err)
	}
	if known := f.starts[at].Err == nil && !f.starts[at].At.IsZero() && l.d != 0; !known {
		return nil // The channel is not on air yet.
	}
	f.starts[i] = medialive.Start{At: f.starts[at].At.Add(l.d)}
	s := fixedAt(f.starts[i].At)
	s.FollowModeScheduleActionStartSettings = a.ScheduleActionStartSettings.FollowModeScheduleActionStartSettings
	f.r.Actions[i].ScheduleActionStartSettings = s
	return nil
}
