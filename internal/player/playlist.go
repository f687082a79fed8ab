package player

import (
	"errors"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/mpegts"
	"github.com/lilo-live/lilo/internal/packet"
)

// Playlist is what a channel plays, one source after another, as one stream:
// clocks and counters run on from each to the next. It is a playout.Stream, and
// the same entries make the same bytes in any process.
//
// It holds the channels it is given, and closes them when it is closed.
type Playlist struct {
	setting sync.Mutex // one goroutine sets entries at a time
	closed  bool       // of setting

	mu   sync.Mutex // held for moments only: the scheduler may wait for it
	read int64      // packets before it are, or are being, read: they stay as they are
	acts atomic.Pointer[[]act]

	packets, idle reading
}

// act is a stretch of a playlist in which one source plays. It is immutable.
type act struct {
	cue  Entry
	part *mpegts.Entry
	// open is the part as it would be if nothing came behind it.
	open *mpegts.Entry
	// first is the number of its first packet, end that of the first one behind it.
	first, end int64
	// settled is the first packet that would be another without this act.
	settled int64
	// pictures is how many were due before it.
	pictures int64
}

// Entry has a playlist play a source from its beginning.
type Entry struct {
	// At is when, counted from the epoch.
	At time.Duration
	// From is when its first packet leaves, up to 100 ms later; a playlist sets it.
	From  time.Duration
	Input *Input
	// Once has it played a single time; null packets follow.
	Once bool
}

// never is a packet that does not come.
const never = int64(1) << 62

// NewPlaylist returns a playlist that plays a channel from the epoch on.
func NewPlaylist(c *Input, once bool) *Playlist {
	p := &Playlist{}
	part := c.plan.Begin(mpegts.Origin{}, once)
	p.acts.Store(&[]act{{cue: Entry{Input: c, Once: once}, part: part, open: part, end: never}})
	p.idle.idle = true
	return p
}

// apart is how long after one switch the next one comes at the earliest.
const apart = time.Second

// Set replaces what is to come by entries, in rising order, and returns those that
// are to come then, with the instants at which they do. A cue that is past, or
// so near that packets it would change are read already, is one of the past:
// what it replaces stays; a new one comes as soon as it can, which is a bit more
// than a second from now.
func (p *Playlist) Set(entries []Entry) ([]Entry, error) {
	p.setting.Lock()
	defer p.setting.Unlock()
	if p.closed {
		return nil, errors.Join(fault.New(fault.Internal, "the playlist has ended"), closeEntries(entries))
	}
	all := *p.acts.Load()
	for {
		stands := p.standing()
		kept := come(all, stands)
		acts, passed := follow(all[:kept], entries, stands)
		if p.adopt(acts, stands) {
			return entriesOf(acts[kept:]), errors.Join(closeEntries(entriesOf(all[kept:])), closeEntries(passed))
		}
	}
}

// standing returns a packet before which all is taken to be read: what is read,
// and a bit more that may be until the entries are set.
func (p *Playlist) standing() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read == 0 {
		return 0
	}
	return p.Before(p.Due(p.read) + apart/10)
}

// adopt has acts played, unless more was read than was taken to be.
func (p *Playlist) adopt(acts []act, stands int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read > stands {
		return false
	}
	p.acts.Store(&acts)
	return true
}

// follow returns the acts that have come and those that the entries begin, and the
// entries that are past. Packets before stands stay as they are.
func follow(come []act, entries []Entry, stands int64) (acts []act, passed []Entry) {
	acts = append(acts, come...)
	last := &acts[len(acts)-1]
	last.part, last.end = last.open, never
	since := last.cue.At
	for _, c := range entries {
		if len(come) > 1 && c.At <= since {
			passed = append(passed, c)
			continue
		}
		acts = append(acts, acts[len(acts)-1].follow(c, stands))
	}
	return acts, passed
}

// follow ends the act where a cue is due, and returns what that begins.
func (a *act) follow(c Entry, stands int64) act {
	if a.first > 0 {
		c.At = max(c.At, a.cue.At+apart)
	}
	s := a.open.Switch(int64(c.At), c.Input.plan, c.Once)
	for a.first+s.From < stands {
		// What is read stays, and pictures are on their way for a second.
		c.At = max(c.At+apart/10, time.Duration(a.due(stands))+apart)
		s = a.open.Switch(int64(c.At), c.Input.plan, c.Once)
	}
	a.part, a.end = s.Before, a.first+s.End
	next := act{cue: c, part: s.After, open: s.After, first: a.end, end: never, settled: a.first + s.From}
	next.pictures = a.picturesAt(s.After.Due(0))
	return next
}

func entriesOf(acts []act) []Entry {
	var entries []Entry
	for i := range acts {
		c := acts[i].cue
		c.From = time.Duration(acts[i].part.Due(0))
		entries = append(entries, c)
	}
	return entries
}

// closeEntries closes the channels of entries that no playlist was given.
func closeEntries(entries []Entry) error {
	var errs []error
	for _, c := range entries {
		errs = append(errs, c.Input.Close())
	}
	return errors.Join(errs...)
}

// Entries returns all that the playlist plays, from the epoch on.
func (p *Playlist) Entries() []Entry { return entriesOf(*p.acts.Load()) }

// Come returns those of the entries that have come, or cannot be kept from coming any more.
func (p *Playlist) Come() []Entry {
	all := *p.acts.Load()
	return entriesOf(all[:come(all, p.standing())])
}

// come is how many acts would change packets before stands if they were taken out.
func come(all []act, stands int64) int {
	n := 1
	for n < len(all) && all[n].settled < stands {
		n++
	}
	return n
}

// Close closes all channels of the playlist.
func (p *Playlist) Close() error {
	p.setting.Lock()
	defer p.setting.Unlock()
	p.closed = true
	return closeEntries(p.Entries())
}

// reading is one reader's place in a playlist.
type reading struct {
	idle   bool
	part   *mpegts.Entry
	stream *mpegts.Muxer
}

// at returns the stream of an act.
func (r *reading) at(a *act) *mpegts.Muxer {
	if r.part == a.part {
		return r.stream
	}
	r.part = a.part
	if r.idle {
		r.stream = a.part.NewIdleMuxer()
	} else {
		r.stream = a.part.NewMuxer()
	}
	return r.stream
}

// fill writes packets n, n+1, … of the acts.
func (r *reading) fill(acts []act, dst []byte, n int64) error {
	for len(dst) > 0 {
		a := actOf(acts, n)
		count := min(int64(len(dst)/packet.Size), a.end-n)
		if err := r.at(a).Fill(dst[:count*packet.Size], n-a.first); err != nil {
			return a.cue.Input.named(err)
		}
		dst, n = dst[count*packet.Size:], n+count
	}
	return nil
}

// actOf returns the act that packet n belongs to.
func actOf(acts []act, n int64) *act {
	i := sort.Search(len(acts)-1, func(i int) bool { return n < acts[i+1].first })
	return &acts[i]
}

// Fill implements playout.Stream.
func (p *Playlist) Fill(dst []byte, n int64) error {
	return p.packets.fill(p.reads(dst, n), dst, n)
}

// Idle implements playout.Stream. It has a place of its own, and reads nothing,
// so that there is no error to give.
func (p *Playlist) Idle(dst []byte, n int64) { _ = p.idle.fill(p.reads(dst, n), dst, n) }

// reads returns the acts for somebody who reads packets from n on.
func (p *Playlist) reads(dst []byte, n int64) []act {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read = max(p.read, n+int64(len(dst)/packet.Size))
	return *p.acts.Load()
}

// Waits tells playout whether a read may have to wait for what is fetched.
func (p *Playlist) Waits() bool {
	for _, a := range *p.acts.Load() {
		if f, remote := a.cue.Input.Fetched(); remote && f.Have < f.Size {
			return true
		}
	}
	return false
}

// act returns the act that packet n belongs to.
func (p *Playlist) act(n int64) *act { return actOf(*p.acts.Load(), n) }

// Due implements playout.Stream.
func (p *Playlist) Due(n int64) time.Duration { return time.Duration(p.act(n).due(n)) }

func (a *act) due(n int64) int64 { return a.part.Due(n - a.first) }

// Before implements playout.Stream.
func (p *Playlist) Before(d time.Duration) int64 {
	acts := *p.acts.Load()
	a := &acts[sort.Search(len(acts)-1, func(i int) bool { return acts[i+1].part.Due(0) >= int64(d) })]
	return min(a.first+a.part.Before(int64(d)), a.end)
}

// RTPTime implements playout.Stream.
func (p *Playlist) RTPTime(n int64) uint32 {
	a := p.act(n)
	return a.part.RTPTime(n - a.first)
}

// BitRate implements playout.Stream: it is the rate of what is being read.
func (p *Playlist) BitRate() int64 {
	p.mu.Lock()
	n := p.read
	p.mu.Unlock()
	return p.act(max(0, n-1)).part.Plan().BitRate()
}

// Lap implements playout.Stream: it is a lap of what plays then.
func (p *Playlist) Lap(n int64) int64 {
	a := p.act(n)
	if a.cue.Once {
		return 0
	}
	return a.part.Plan().Lap(n - a.first)
}

// Position is what a playlist is at.
type Position struct {
	Input *Input
	// Position is how long ago lap 0 of the channel began; what plays once stays
	// at its end.
	Position time.Duration
	// Pictures is how many were due since the epoch, of all that played.
	Pictures int64
}

// At returns what the playlist is at with packet n.
func (p *Playlist) At(n int64) Position {
	a := p.act(n)
	due := a.due(n)
	m := Position{Input: a.cue.Input, Position: time.Duration(due - a.part.Due(0)), Pictures: a.picturesAt(due)}
	if a.cue.Once {
		m.Position = min(m.Position, time.Duration(a.cue.Input.loop.Length.Nanoseconds()))
	}
	return m
}

// picturesAt is how many pictures were due, since the epoch, at a time after it in nanoseconds.
func (a *act) picturesAt(ns int64) int64 {
	c := a.cue.Input
	n := c.Pictures(ns - a.part.Due(0))
	if v := c.loop.Video; v != nil && a.cue.Once {
		n = min(n, int64(v.Len()))
	}
	return a.pictures + n
}
