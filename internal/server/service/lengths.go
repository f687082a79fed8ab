package service

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/record"
)

// lengths holds how long the sources last that actions switch to whose end others follow,
// or why that is not known.
type lengths map[part]length

// part is what of a source is played.
type part struct {
	source   string
	clipping channel.Clipping
	login    channel.Login
}

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
		ending, err := endingPart(r.Doc, r.InputDocs(c.records.Inputs.Find), named[record.Followed(a)])
		if _, known := all[ending]; err != nil || known {
			continue // follow reports the error.
		}
		all[ending] = c.length(ctx, r, ending)
	}
	return all
}

// turns finds out how long the inputs last that follow one another.
func (c *core) turns(ctx context.Context, r *record.Channel) (all []record.Length) {
	p, err := r.Read(r.InputDocs(c.records.Inputs.Find))
	if err != nil {
		return nil // The supervisor tells it.
	}
	for _, t := range p.Turns {
		l := length{}
		if t.Once {
			l = c.length(ctx, r, part{t.Source, t.Clipping, t.Login})
		}
		all = append(all, record.Length{Attachment: t.Attachment, Length: (l.d + time.Millisecond - 1).Truncate(time.Millisecond)})
	}
	return all
}

func (c *core) length(ctx context.Context, r *record.Channel, p part) (l length) {
	t, err := c.supervisor.Target(r, c.records.Inputs.Find)
	if err != nil {
		return length{err: err}
	}
	spec := t.Pipelines[0].Spec
	spec.Source, spec.Clipping, spec.Login = p.source, p.clipping, p.login
	l.d, l.err = c.o.Length(ctx, spec)
	return l
}

func followsEnd(a types.ScheduleAction) bool {
	s := a.ScheduleActionStartSettings
	return s != nil && s.FollowModeScheduleActionStartSettings != nil && s.FollowModeScheduleActionStartSettings.FollowPoint == types.FollowPointEnd
}

// endingPart returns what an action switches to, if it ends.
func endingPart(doc *types.Channel, inputs map[string]types.Input, a types.ScheduleAction) (part, error) {
	name := deref(a.ActionName)
	if a.ScheduleActionSettings == nil || a.ScheduleActionSettings.InputSwitchSettings == nil {
		return part{}, Errorf(Unprocessable, "The action %q has no end: only an input switch has", name)
	}
	e, err := medialive.EntryOf(doc, inputs, a.ScheduleActionSettings.InputSwitchSettings)
	switch {
	case err != nil:
		return part{}, Errorf(Unprocessable, "The end of %q is not known: %v", name, err)
	case !e.Once:
		return part{}, Errorf(Unprocessable, "The action %q never ends, since its input loops: give the input attachment sourceEndBehavior CONTINUE", name)
	}
	return part{e.Source, e.Clipping, e.Login}, nil
}

// follow gives each action that follows the end of another a fixed time, if it is known
// when that one starts. It reports those of the last, created, actions whose start cannot be
// known. No action may follow itself.
func (l lengths) follow(r *record.Channel, inputs map[string]types.Input, created int) error {
	f := follower{l, r, inputs, map[string]int{}, medialive.Starts(r.Actions), map[int]error{}}
	for i, a := range r.Actions {
		f.named[deref(a.ActionName)] = i
	}
	for i := range r.Actions {
		if err := f.settle(i); err != nil && i >= len(r.Actions)-created {
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
	settled map[int]error // why the start is not known, nil where it is or will be
}

// settle finds out when the action at a position starts, after the one that it follows.
func (f *follower) settle(i int) error {
	err, settled := f.settled[i]
	if !settled {
		f.settled[i] = nil
		err = f.settleNow(i)
		f.settled[i] = err
	}
	return err
}

func (f *follower) settleNow(i int) error {
	a := f.r.Actions[i]
	at, follows := f.named[record.Followed(a)]
	if !follows || f.starts[i].Err == nil {
		return nil
	}
	if err := f.settle(at); err != nil {
		return err
	}
	if !followsEnd(a) {
		f.starts[i] = f.starts[at]
		return nil
	}
	ending, err := endingPart(f.r.Doc, f.inputs, f.r.Actions[at])
	if err != nil {
		return err
	}
	l := f.lengths[ending]
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
