package player

import (
	"context"
	"errors"
	"slices"
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

// playlist opens all that a channel has played since its epoch or will play. An entry that
// cannot be opened is left out, and the one before it plays on. It fails if nothing of what has
// been due can be opened, and with Config.FailFast if any of it cannot.
func (p *inputs) playlist(ctx context.Context, c Config) (*Playlist, error) {
	if len(c.Schedule.Entries)+len(c.Schedule.Pauses) > 0 && c.Spec.Epoch.IsZero() {
		return nil, fault.New(fault.Usage, "a channel with a schedule needs an epoch")
	}
	if err := validateSchedule(c.Schedule); err != nil {
		return nil, err
	}
	spec := c.Spec
	scheduled := append([]channel.Entry{{At: spec.Epoch, Source: spec.Source, Clipping: spec.Clipping, Login: spec.Login, Once: c.Once}}, c.Schedule.Entries...)
	past := 1 // how many begin at the epoch or before
	for past < len(scheduled) && !scheduled[past].At.After(spec.Epoch) {
		past++
	}
	first, later, missed, err := p.first(ctx, c, scheduled, past)
	if err != nil {
		return nil, err
	}
	entries, missing := p.entries(ctx, c, later, first.input.plan.BitRate(), nil)
	missing = slices.Concat(missed, missing)
	list := newPlaylist(first.input, first.once)
	list.damage = damageLog{log: p.opts.Log, channel: c.name()}
	for _, m := range missing {
		if m.fatal || c.FailFast && !m.at.After(p.opts.now()) {
			return nil, errors.Join(m.err, closeInputs(entries), list.Close())
		}
		p.warn(c, m)
	}
	list.skipped.Store(len(missing) > 0)
	if _, err = list.set(entries); err != nil {
		return nil, errors.Join(err, list.Close())
	}
	if !c.FailFast {
		list.onAir()
	}
	return list, nil
}

// first opens what plays at the epoch, where past entries have begun, and returns what
// follows it. In the place of a source that cannot be opened plays the one before it, as it does
// later; of none before it, from the epoch on, the first one after it that is due by now.
func (p *inputs) first(ctx context.Context, c Config, scheduled []channel.Entry, past int) (first entry, later []channel.Entry, missed []missingEntry, err error) {
	try := func(s channel.Entry) bool {
		first.input, err = p.open(ctx, s.In(c.Spec))
		if err != nil {
			missed = append(missed, missingEntry{at: s.At, err: err})
		}
		return err == nil
	}
	over := func() bool { return c.FailFast || !aboutSource(err) }
	for i := past - 1; i >= 0; i-- {
		if try(scheduled[i]) {
			first.once = scheduled[i].Once
			return first, scheduled[past:], missed, nil
		}
		if over() {
			return first, nil, nil, err
		}
	}
	for i := past; i < len(scheduled) && !scheduled[i].At.After(p.opts.now()); i++ {
		if try(scheduled[i]) {
			return first, scheduled[i:], missed, nil
		}
		if over() {
			break
		}
	}
	return first, nil, nil, err
}

// missingEntry is a scheduled entry whose source cannot be opened.
type missingEntry struct {
	at    time.Time
	err   error
	fatal bool // the error is not about the source
}

// aboutSource reports whether an error is about the source. Any other, such as too little
// memory, is likely to pass, and then the stream can be the one that was sent before.
func aboutSource(err error) bool {
	k := fault.KindOf(err)
	return k == fault.Usage || k == fault.Source || k == fault.Media || k == fault.Rate
}

func (p *inputs) warn(c Config, m missingEntry) {
	p.opts.Log.Warn("an entry is skipped: its source cannot be opened", "channel", c.name(), "at", formatTime(m.at), "error", m.err)
}

// entries opens the sources of scheduled entries that follow one of that mux rate, and
// returns apart those that cannot be opened. What has been placed is open, and plays even if
// its source cannot be opened again.
func (p *inputs) entries(ctx context.Context, c Config, scheduled []channel.Entry, rate media.BitRate, placed []placedEntry) (entries []entry, missing []missingEntry) {
	for _, s := range scheduled {
		e := entry{at: s.At.Sub(c.Spec.Epoch), once: s.Once}
		var err error
		if e.input, err = p.openNext(ctx, c.Spec, s, rate); err != nil {
			e.input = p.again(placed, e.at, s)
		}
		if e.input == nil {
			missing = append(missing, missingEntry{s.At, err, ctx.Err() != nil || !aboutSource(err)})
			continue
		}
		rate = e.input.plan.BitRate()
		entries = append(entries, e)
	}
	return entries, missing
}

// again returns another input with what plays a scheduled entry already, nil if nothing does.
func (p *inputs) again(placed []placedEntry, at time.Duration, s channel.Entry) *input {
	for _, e := range placed {
		if e.at == at && plays(e.input.spec, s) {
			return p.share(e.input)
		}
	}
	return nil
}

// plays reports whether a spec plays an entry's source.
func plays(s channel.Spec, e channel.Entry) bool {
	return s.Source == e.Source && s.Clipping == e.Clipping && s.Login == e.Login
}

// openNext opens what an entry plays after another. If the spec sets no mux rate, the
// source gets the rate of the other, or what it needs if that is more.
func (p *inputs) openNext(ctx context.Context, spec channel.Spec, e channel.Entry, rate media.BitRate) (*input, error) {
	spec = e.In(spec)
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
// When SetSchedule returns, the sources of all entries are open. Those that cannot be opened
// are left out, and the error, of the kind of the first, names them; after an error of kind
// Internal nothing has changed.
func (c *Channel) SetSchedule(ctx context.Context, s channel.Schedule) error {
	if err := validateSchedule(s); err != nil {
		return err
	}
	c.setting.Lock()
	defer c.setting.Unlock()
	latest := c.playlist.latest()
	later := c.after(s.Entries, latest)
	entries, missing := c.player.inputs.entries(ctx, c.config, later, latest.input.plan.BitRate(), c.playlist.all())
	var errs []error
	for _, m := range missing {
		if m.fatal {
			return errors.Join(m.err, closeInputs(entries))
		}
		errs = append(errs, fault.New(fault.KindOf(m.err), "the entry at %s is left out, and what plays before it plays on: %w", formatTime(m.at), m.err))
	}
	placed, err := c.playlist.set(entries)
	if err != nil {
		return err
	}
	c.playlist.skipped.Store(len(missing) > 0)
	c.playlist.onAir()
	c.recordMoved(entries, placed)
	c.apply(s.Pauses)
	return errors.Join(errs...)
}

func (c *Channel) time(d time.Duration) time.Time { return c.config.Spec.Epoch.Add(d) }

// after returns the entries after one that plays, and what should play in its place: since it
// could not be opened, what was before it plays. Entries that have been moved before keep the
// instant at which they begin.
func (c *Channel) after(entries []channel.Entry, playing *placedEntry) []channel.Entry {
	var later []channel.Entry
	instant := c.time(playing.at)
	for _, e := range entries {
		if at, ok := c.moved[e.At.UnixNano()]; ok {
			e.At = at
		}
		if e.At.After(instant) || e.At.Equal(instant) && !plays(playing.input.spec, e) {
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
	c.sending.Lock()
	c.scheduled = scheduled
	c.pauses.set(c.playlist, epoch, scheduled, c.window)
	c.sending.Unlock()
	get := sync.OnceValues(func() (*hls.Timeline, error) { return timeline(entries, epoch) })
	c.timeline.Store(&get)
}
