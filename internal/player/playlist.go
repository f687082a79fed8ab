package player

import (
	"context"
	"errors"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/mpegts"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/packet"
)

// Playlist plays entries, one after another, as one transport stream: clocks and
// counters run on from each to the next, and the same entries make the same bytes
// in any process. It implements playout.Stream.
//
// A playlist owns the inputs of its entries and closes them when it is closed.
type Playlist struct {
	setting sync.Mutex  // held by the goroutine that sets entries
	closed  bool        // guarded by setting
	unbind  func() bool // guarded by setting: detaches the playlist from the context of Open, if not nil

	mu      sync.Mutex    // held for moments only: the scheduler may wait for it
	read    packet.Number // packets before it have been or are being read and do not change
	entries atomic.Pointer[[]placedEntry]

	skipped atomic.Bool // an entry was left out

	packets, idle cursor
	damage        damageLog // of packets
}

// Open opens the playlist of a channel to render or inspect it. The playlist closes
// when ctx is done. Errors are of kind Usage, Source, Media or Rate.
func Open(ctx context.Context, c Config, o Options) (*Playlist, error) {
	c.FailFast = true
	in := newInputs(o)
	p, err := in.playlist(ctx, c)
	if err != nil {
		in.wait()
		return nil, err
	}
	p.setting.Lock()
	defer p.setting.Unlock()
	p.unbind = context.AfterFunc(ctx, func() { _ = p.Close() })
	return p, nil
}

// newPlaylist returns a playlist that plays an input from the epoch on.
func newPlaylist(in *input, once bool) *Playlist {
	p := &Playlist{idle: cursor{idle: true}}
	mux := in.plan.NewEntry(mpegts.Origin{}, once)
	p.entries.Store(&[]placedEntry{{entry: entry{input: in, once: once}, mux: mux, openEnded: mux, end: never}})
	return p
}

// set replaces the entries to come, in rising order, and returns them with the
// instants at which they begin. An entry whose packets have been read is past and
// stays. A new one as early as that begins as soon as it can, a little more than a
// second from now. set takes over the inputs, even if it fails.
func (p *Playlist) set(entries []entry) ([]placedEntry, error) {
	p.setting.Lock()
	defer p.setting.Unlock()
	if p.closed {
		return nil, errors.Join(fault.New(fault.Internal, "the playlist has ended"), closeInputs(entries))
	}
	all := *p.entries.Load()
	for {
		fixed := p.fixed()
		kept := begun(all, fixed)
		placed, past := place(all[:kept], entries, fixed)
		if p.adopt(placed, fixed) {
			return placed[kept:], errors.Join(closeInputs(entriesOf(all[kept:])), closeInputs(past))
		}
	}
}

// fixed returns the packet before which nothing changes: all before it is read, or
// may be until entries are set.
func (p *Playlist) fixed() packet.Number {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read == 0 {
		return 0
	}
	return p.Before(p.Due(p.read) + minEntry/10)
}

// adopt replaces the entries, unless packets from fixed on have been read.
func (p *Playlist) adopt(entries []placedEntry, fixed packet.Number) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read > fixed {
		return false
	}
	p.entries.Store(&entries)
	return true
}

func (p *Playlist) all() []placedEntry { return *p.entries.Load() }

// initial returns the input that plays at the epoch.
func (p *Playlist) initial() *input { return p.all()[0].input }

// latest returns the last entry that has begun or can no longer be replaced.
func (p *Playlist) latest() *placedEntry {
	all := p.all()
	return &all[begun(all, p.fixed())-1]
}

// begun returns how many entries affect packets before fixed.
func begun(all []placedEntry, fixed packet.Number) int {
	n := 1
	for n < len(all) && all[n].settled < fixed {
		n++
	}
	return n
}

// onAir makes all inputs wait during an outage of their source.
func (p *Playlist) onAir() {
	for _, e := range p.all() {
		e.input.onAir()
	}
}

// Report returns what Probe reports on the source that plays first.
func (p *Playlist) Report() Report { return p.initial().report() }

// HLS returns the timeline of the playlist for an epoch.
func (p *Playlist) HLS(epoch time.Time) (*hls.Timeline, error) { return timeline(p.all(), epoch) }

func timeline(entries []placedEntry, epoch time.Time) (*hls.Timeline, error) {
	var all []hls.Entry
	for i := range entries {
		e, err := entries[i].input.hlsEntry(epoch.Add(entries[i].mux.Due(0)), entries[i].once)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return hls.New(all...)
}

// Close closes all inputs of the playlist.
func (p *Playlist) Close() error {
	p.setting.Lock()
	defer p.setting.Unlock()
	p.closed = true
	if p.unbind != nil {
		p.unbind()
	}
	return closeInputs(entriesOf(p.all()))
}

// cursor reads the packets of a playlist for one goroutine.
type cursor struct {
	idle  bool // it reads no source
	entry *mpegts.Entry
	muxer *mpegts.Muxer
}

// muxerOf returns the muxer of an entry, which it keeps until the next entry.
func (c *cursor) muxerOf(e *mpegts.Entry) *mpegts.Muxer {
	switch {
	case c.entry == e:
		return c.muxer
	case c.idle:
		c.muxer = e.NewIdleMuxer()
	default:
		c.muxer = e.NewMuxer()
	}
	c.entry = e
	return c.muxer
}

// fill writes packets n, n+1, … of the entries.
func (c *cursor) fill(entries []placedEntry, dst []byte, n packet.Number) error {
	for len(dst) > 0 {
		e := entryOf(entries, n)
		count := min(packet.Number(len(dst)/packet.Size), e.end-n)
		if err := c.muxerOf(e.mux).Fill(dst[:count*packet.Size], mpegts.Slot(n-e.first)); err != nil {
			return e.input.wrap(err)
		}
		dst, n = dst[count*packet.Size:], n+count
	}
	return nil
}

// Fill implements playout.Stream.
func (p *Playlist) Fill(dst []byte, n packet.Number) error {
	err := p.packets.fill(p.reading(dst, n), dst, n)
	if m := p.packets.muxer; m != nil {
		if d := m.TakeDamage(); d.Units > 0 {
			p.damage.add(d, p.Due(n))
		}
	}
	if err == nil {
		err = p.entryOf(n).input.check()
	}
	return err
}

// Idle implements playout.Stream. It has a cursor of its own, which reads no
// source and so cannot fail.
func (p *Playlist) Idle(dst []byte, n packet.Number) { _ = p.idle.fill(p.reading(dst, n), dst, n) }

// reading returns the entries to a reader that fills dst from packet n on, and fixes
// those packets.
func (p *Playlist) reading(dst []byte, n packet.Number) []placedEntry {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read = max(p.read, n+packet.Number(len(dst)/packet.Size))
	return p.all()
}

// Waits reports to package playout whether a read may wait for a source that is
// being fetched.
func (p *Playlist) Waits() bool {
	for _, e := range p.all() {
		if f, remote := e.input.fetched(); remote && f.Have < f.Size {
			return true
		}
	}
	return false
}

func (p *Playlist) entryOf(n packet.Number) *placedEntry { return entryOf(p.all(), n) }

// Due implements playout.Stream.
func (p *Playlist) Due(n packet.Number) time.Duration { return p.entryOf(n).due(n) }

// Before implements playout.Stream.
func (p *Playlist) Before(d time.Duration) packet.Number {
	all := p.all()
	e := &all[sort.Search(len(all)-1, func(i int) bool { return all[i+1].mux.Due(0) >= d })]
	return min(e.first+packet.Number(e.mux.Before(d)), e.end)
}

// RTPTime implements playout.Stream.
func (p *Playlist) RTPTime(n packet.Number) uint32 {
	e := p.entryOf(n)
	return e.mux.RTPTime(mpegts.Slot(n - e.first))
}

// BitRate implements playout.Stream. It is the rate of what is being read.
func (p *Playlist) BitRate() int64 {
	p.mu.Lock()
	n := p.read
	p.mu.Unlock()
	return int64(p.entryOf(max(0, n-1)).mux.BitRate())
}

// Lap implements playout.Stream. It is the lap of the entry that plays then.
func (p *Playlist) Lap(n packet.Number) int64 {
	e := p.entryOf(n)
	if e.once {
		return 0
	}
	return int64(e.mux.Lap(mpegts.Slot(n - e.first)))
}

// position is a place in a playlist.
type position struct {
	input *input
	// elapsed is how long the input has played; it stops at the end of an input
	// that plays once.
	elapsed time.Duration
	// pictures is how many were due since the epoch, of all entries.
	pictures int64
}

// position returns what plays with packet n.
func (p *Playlist) position(n packet.Number) position {
	e := p.entryOf(n)
	due := e.due(n)
	at := position{input: e.input, elapsed: due - e.mux.Due(0), pictures: e.picturesAt(due)}
	if e.once {
		at.elapsed = min(at.elapsed, time.Duration(e.input.loop.Length.Nanoseconds()))
	}
	return at
}
