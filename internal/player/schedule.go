package player

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/output/hls"
)

// Notice is how far ahead an entry must be set to begin at its instant. One that is
// set later begins later, since packets that have been read do not change. It holds
// for a pacing of up to 100 ms.
const Notice = 2 * time.Second

// validateSchedule reports the first overlapping or unordered entry or pause.
func validateSchedule(s channel.Schedule) error {
	for i, e := range s.Entries {
		if i > 0 && !e.At.After(s.Entries[i-1].At) {
			return fault.New(fault.Usage, "the entry at %s is not after the one before it: give entries in rising order", formatTime(e.At))
		}
	}
	for i, p := range s.Pauses {
		switch {
		case !p.To.IsZero() && !p.To.After(p.From):
			return fault.New(fault.Usage, "the pause from %s ends before it begins", formatTime(p.From))
		case i > 0 && (s.Pauses[i-1].To.IsZero() || p.From.Before(s.Pauses[i-1].To)):
			return fault.New(fault.Usage, "the pause from %s begins before the previous one ends: give pauses in rising order", formatTime(p.From))
		}
	}
	return nil
}

func formatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// playlist opens all that a channel has played since its epoch or will play.
func (p *inputs) playlist(ctx context.Context, c Config) (*Playlist, error) {
	if len(c.Schedule.Entries)+len(c.Schedule.Pauses) > 0 && c.Spec.Epoch.IsZero() {
		return nil, fault.New(fault.Usage, "a channel with a schedule needs an epoch")
	}
	if err := validateSchedule(c.Schedule); err != nil {
		return nil, err
	}
	spec, once, later := c.Spec, c.Once, c.Schedule.Entries
	for len(later) > 0 && !later[0].At.After(spec.Epoch) {
		spec.Source, spec.Clipping, once, later = later[0].Source, later[0].Clipping, later[0].Once, later[1:]
	}
	first, err := p.open(ctx, spec)
	if err != nil {
		return nil, err
	}
	list := newPlaylist(first, once)
	list.damage = damageLog{log: p.opts.Log, channel: c.name()}
	entries, err := p.entries(ctx, c, later, first.plan.BitRate(), p.opts.now())
	if err == nil {
		list.skipped.Store(len(entries) < len(later))
		_, err = list.set(entries)
	}
	if err != nil {
		return nil, errors.Join(err, list.Close())
	}
	if !c.FailFast {
		list.onAir()
	}
	return list, nil
}

// entries opens the sources of scheduled entries that follow one of that mux rate.
// Entries after strict whose source cannot be opened are skipped.
func (p *inputs) entries(ctx context.Context, c Config, scheduled []channel.Entry, rate media.BitRate, strict time.Time) ([]entry, error) {
	var entries []entry
	for _, s := range scheduled {
		in, err := p.openNext(ctx, c.Spec, s, rate)
		switch {
		case err != nil && s.At.After(strict) && ctx.Err() == nil:
			p.opts.Log.Warn("an entry is skipped: its source cannot be opened", "channel", c.Key, "at", formatTime(s.At), "error", err)
			continue
		case err != nil:
			return nil, errors.Join(err, closeInputs(entries))
		}
		rate = in.plan.BitRate()
		entries = append(entries, entry{at: s.At.Sub(c.Spec.Epoch), input: in, once: s.Once})
	}
	return entries, nil
}

// openNext opens what an entry plays after another. If the spec sets no mux rate, the
// source gets the rate of the other, or what it needs if that is more.
func (p *inputs) openNext(ctx context.Context, spec channel.Spec, e channel.Entry, rate media.BitRate) (*input, error) {
	spec.Source, spec.Clipping = e.Source, e.Clipping
	if spec.MuxRate > 0 {
		return p.open(ctx, spec)
	}
	spec.MuxRate = int64(rate)
	in, err := p.open(ctx, spec)
	if fault.KindOf(err) == fault.Rate {
		spec.MuxRate = 0
		in, err = p.open(ctx, spec)
	}
	return in, err
}

// SetSchedule replaces the schedule from now on. An entry must be set Notice ahead.
// When SetSchedule returns, the sources of all entries are open; if one cannot be
// opened, nothing changes.
func (c *Channel) SetSchedule(ctx context.Context, s channel.Schedule) error {
	if err := validateSchedule(s); err != nil {
		return err
	}
	c.setting.Lock()
	defer c.setting.Unlock()
	latest := c.playlist.latest()
	later := c.after(s.Entries, c.time(latest.at))
	const never = 1 << 40 // seconds
	entries, err := c.player.inputs.entries(ctx, c.config, later, latest.input.plan.BitRate(), time.Unix(never, 0))
	if err != nil {
		return err
	}
	placed, err := c.playlist.set(entries)
	if err != nil {
		return err
	}
	c.playlist.skipped.Store(false)
	c.playlist.onAir()
	c.recordMoved(entries, placed)
	c.apply(s.Pauses)
	return nil
}

func (c *Channel) time(d time.Duration) time.Time { return c.config.Spec.Epoch.Add(d) }

// after returns the entries after an instant. Entries that have been moved before
// keep the instant at which they begin.
func (c *Channel) after(entries []channel.Entry, instant time.Time) []channel.Entry {
	var later []channel.Entry
	for _, e := range entries {
		if at, ok := c.moved[e.At.UnixNano()]; ok {
			e.At = at
		}
		if e.At.After(instant) {
			later = append(later, e)
		}
	}
	return later
}

// recordMoved records which entries begin later than asked. placed are the last of
// these.
func (c *Channel) recordMoved(asked []entry, placed []placedEntry) {
	asked = asked[len(asked)-len(placed):]
	for i, p := range placed {
		if p.at == asked[i].at {
			continue
		}
		if c.moved == nil {
			c.moved = map[int64]time.Time{}
		}
		c.moved[c.time(asked[i].at).UnixNano()] = c.time(p.at)
	}
}

// apply sets the pauses, and the HLS timeline of what the playlist plays now.
func (c *Channel) apply(scheduled []channel.Pause) {
	entries, epoch := c.playlist.all(), c.config.Spec.Epoch
	c.pauses.set(c.playlist, epoch, scheduled)
	get := sync.OnceValues(func() (*hls.Timeline, error) { return timeline(entries, epoch) })
	c.timeline.Store(&get)
}
