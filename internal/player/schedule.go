package player

import (
	"context"
	"errors"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// Notice is how long before its instant a switch has to be set to be kept to: one
// that is set later comes so much later, since what is read ahead stays as it is.
// It holds for a pacing of up to 100 ms.
const Notice = 2 * time.Second

// validate refuses what is not in order.
func validate(s channel.Schedule) error {
	for i, x := range s.Entries {
		if i > 0 && !x.At.After(s.Entries[i-1].At) {
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

// playlist opens what a channel plays since the epoch, and what it is to play.
func (a *Player) playlist(ctx context.Context, c Config) (*Playlist, error) {
	spec, once, switches := c.Spec, c.Once, c.Schedule.Entries
	for len(switches) > 0 && !switches[0].At.After(spec.Epoch) {
		spec.Source, once, switches = switches[0].Source, switches[0].Once, switches[1:]
	}
	first, err := a.pool.Open(ctx, spec)
	if err != nil {
		return nil, err
	}
	first.OnAir()
	p := NewPlaylist(first, once)
	entries, err := a.entries(ctx, c, switches, first.BitRate(), time.Now())
	if err == nil {
		_, err = p.Set(entries)
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// entries opens the sources of switches. rate is that of what plays before. Those
// behind the instant strict that cannot be opened are passed over.
func (a *Player) entries(ctx context.Context, c Config, switches []channel.Entry, rate int64, strict time.Time) ([]Entry, error) {
	var entries []Entry
	for _, x := range switches {
		source, err := a.follow(ctx, c.Spec, x.Source, rate)
		switch {
		case err != nil && x.At.After(strict) && ctx.Err() == nil:
			a.log.Warn("a switch is passed over: its source cannot be opened", "channel", c.Key, "at", instant(x.At), "error", err)
			continue
		case err != nil:
			return nil, errors.Join(err, closeEntries(entries))
		}
		source.OnAir()
		rate = source.BitRate()
		entries = append(entries, Entry{At: x.At.Sub(c.Spec.Epoch), Input: source, Once: x.Once})
	}
	return entries, nil
}

// follow opens a source that plays behind another. Where the spec leaves the
// rate open, it is what went before, or what the source needs if that is more.
func (a *Player) follow(ctx context.Context, spec channel.Spec, source string, rate int64) (*Input, error) {
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
func (b *Channel) SetSchedule(ctx context.Context, s channel.Schedule) error {
	if err := validate(s); err != nil {
		return err
	}
	b.setting.Lock()
	defer b.setting.Unlock()
	come := b.playlist.Come()
	last := come[len(come)-1]
	switches := b.since(s.Entries, b.channel.Spec.Epoch.Add(last.At))
	const ever = 1 << 40 // seconds
	entries, err := b.air.entries(ctx, b.channel, switches, last.Input.BitRate(), time.Unix(ever, 0))
	if err != nil {
		return err
	}
	placed, err := b.playlist.Set(entries)
	if err != nil {
		return err
	}
	b.note(entries, placed)
	b.adopt(s.Pauses)
	return nil
}

// since returns the switches that come after an instant, each when it was found
// to come where it was set late before.
func (b *Channel) since(switches []channel.Entry, instant time.Time) []channel.Entry {
	var later []channel.Entry
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

// note keeps when entries come that were asked for earlier. The last of them are those placed.
func (b *Channel) note(asked, placed []Entry) {
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

// adopt has pauses and timeline be those of what the playlist plays now.
func (b *Channel) adopt(pauses []channel.Pause) {
	b.pauses.Store(&pauses)
	b.gate.set(b.playlist, b.channel.Spec.Epoch, pauses)
	b.timeline.Store(b.laid())
}

// Schedule returns the schedule as it is kept to: switches at the instants at
// which they come, and the past as it was. Started with it, a channel goes on in
// the same stream.
func (b *Channel) Schedule() channel.Schedule {
	var s channel.Schedule
	epoch := b.channel.Spec.Epoch
	for _, x := range b.channel.Schedule.Entries {
		if !x.At.After(epoch) {
			s.Entries = append(s.Entries, x)
		}
	}
	for _, c := range b.playlist.Entries()[1:] {
		s.Entries = append(s.Entries, channel.Entry{At: epoch.Add(c.At), Source: c.Input.Source(), Once: c.Once})
	}
	s.Pauses = append(s.Pauses, *b.pauses.Load()...)
	return s
}
