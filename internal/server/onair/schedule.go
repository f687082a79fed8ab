package onair

import (
	"context"
	"errors"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/engine"
	"github.com/lilo-live/lilo/internal/fault"
)

// Notice is how long before its instant a switch has to be set to be kept to: one
// that is set later comes so much later, since what is read ahead stays as it is.
// It holds for a pacing of up to 100 ms.
const Notice = 2 * time.Second

// validate refuses what is not in order.
func validate(s channel.Schedule) error {
	for i, x := range s.Switches {
		if i > 0 && !x.At.After(s.Switches[i-1].At) {
			return fault.New(fault.Usage, "the switch at %s is not after the one before it: give them in rising order", instant(x.At))
		}
	}
	for i, p := range s.Pauses {
		switch {
		case !p.To.IsZero() && !p.To.After(p.From):
			return fault.New(fault.Usage, "the pause from %s ends before it begins", instant(p.From))
		case i > 0 && (s.Pauses[i-1].To.IsZero() || p.From.Before(s.Pauses[i-1].To)):
			return fault.New(fault.Usage, "the pause from %s begins before the one before it ends: give them in rising order", instant(p.From))
		}
	}
	return nil
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// programme opens what a channel plays since the epoch, and what it is to play.
func (a *Air) programme(ctx context.Context, c Channel) (*engine.Programme, error) {
	spec, once, switches := c.Spec, c.Once, c.Schedule.Switches
	for len(switches) > 0 && !switches[0].At.After(spec.Epoch) {
		spec.Source, once, switches = switches[0].Source, switches[0].Once, switches[1:]
	}
	first, err := a.pool.Open(ctx, spec)
	if err != nil {
		return nil, err
	}
	first.OnAir()
	p := engine.NewProgramme(first, once)
	cues, err := a.cues(ctx, c, switches, first.BitRate(), time.Now())
	if err == nil {
		_, err = p.Set(cues)
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// cues opens the sources of switches. rate is that of what plays before. Those
// behind the instant strict that cannot be opened are passed over.
func (a *Air) cues(ctx context.Context, c Channel, switches []channel.Switch, rate int64, strict time.Time) ([]engine.Cue, error) {
	var cues []engine.Cue
	for _, x := range switches {
		source, err := a.follow(ctx, c.Spec, x.Source, rate)
		switch {
		case err != nil && x.At.After(strict) && ctx.Err() == nil:
			a.log.Warn("a switch is passed over: its source cannot be opened", "channel", c.Key, "at", instant(x.At), "error", err)
			continue
		case err != nil:
			return nil, errors.Join(err, engine.CloseCues(cues))
		}
		source.OnAir()
		rate = source.BitRate()
		cues = append(cues, engine.Cue{At: x.At.Sub(c.Spec.Epoch), Channel: source, Once: x.Once})
	}
	return cues, nil
}

// follow opens a source that plays behind another. Where the spec leaves the
// rate open, it is what went before, or what the source needs if that is more.
func (a *Air) follow(ctx context.Context, spec channel.Spec, source string, rate int64) (*engine.Channel, error) {
	spec.Source = source
	if spec.MuxRate > 0 {
		return a.pool.Open(ctx, spec)
	}
	spec.MuxRate = rate
	c, err := a.pool.Open(ctx, spec)
	if fault.KindOf(err) == fault.Rate {
		spec.MuxRate = 0
		c, err = a.pool.Open(ctx, spec)
	}
	return c, err
}

// SetSchedule replaces the schedule from now on; what is past stays as it was.
// A switch needs Notice. When it returns, the sources of all switches are open;
// where one cannot be, nothing has changed.
func (b *Broadcast) SetSchedule(ctx context.Context, s channel.Schedule) error {
	if err := validate(s); err != nil {
		return err
	}
	b.setting.Lock()
	defer b.setting.Unlock()
	come := b.programme.Come()
	last := come[len(come)-1]
	switches := b.since(s.Switches, b.channel.Spec.Epoch.Add(last.At))
	const ever = 1 << 40 // seconds
	cues, err := b.air.cues(ctx, b.channel, switches, last.Channel.BitRate(), time.Unix(ever, 0))
	if err != nil {
		return err
	}
	placed, err := b.programme.Set(cues)
	if err != nil {
		return err
	}
	b.note(cues, placed)
	b.adopt(s.Pauses)
	return nil
}

// since returns the switches that come after an instant, each when it was found
// to come where it was set late before.
func (b *Broadcast) since(switches []channel.Switch, instant time.Time) []channel.Switch {
	var later []channel.Switch
	for _, x := range switches {
		if at, ok := b.moved[x.At.UnixNano()]; ok {
			x.At = at
		}
		if x.At.After(instant) {
			later = append(later, x)
		}
	}
	return later
}

// note keeps when cues come that were asked for earlier. The last of them are those placed.
func (b *Broadcast) note(asked, placed []engine.Cue) {
	asked = asked[len(asked)-len(placed):]
	for i, c := range placed {
		if c.At == asked[i].At {
			continue
		}
		if b.moved == nil {
			b.moved = map[int64]time.Time{}
		}
		b.moved[b.channel.Spec.Epoch.Add(asked[i].At).UnixNano()] = b.channel.Spec.Epoch.Add(c.At)
	}
}

// adopt has pauses and timeline be those of what the programme plays now.
func (b *Broadcast) adopt(pauses []channel.Pause) {
	b.pauses.Store(&pauses)
	b.gate.set(b.programme, b.channel.Spec.Epoch, pauses)
	b.timeline.Store(b.laid())
}

// Schedule returns the schedule as it is kept to: switches at the instants at
// which they come, and the past as it was. Started with it, a channel goes on in
// the same stream.
func (b *Broadcast) Schedule() channel.Schedule {
	var s channel.Schedule
	epoch := b.channel.Spec.Epoch
	for _, x := range b.channel.Schedule.Switches {
		if !x.At.After(epoch) {
			s.Switches = append(s.Switches, x)
		}
	}
	for _, c := range b.programme.Cues()[1:] {
		s.Switches = append(s.Switches, channel.Switch{At: epoch.Add(c.At), Source: c.Channel.Source(), Once: c.Once})
	}
	s.Pauses = append(s.Pauses, *b.pauses.Load()...)
	return s
}
