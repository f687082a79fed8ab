package simulation

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/supervisor"
	"github.com/lilo-live/lilo/internal/source"
)

// receiver is where a pipeline of a channel sends to. It compares each datagram with what
// render makes (I1), and with when that is due (I8).
type receiver struct {
	world *world
	url   string
	rtp   bool

	mu         sync.Mutex
	targets    map[string]*player.Config // by the records that they come from
	renderings map[string]*rendering     // by what they render: to plan one takes longer than to play it
	datagram   int64                     // counts those that were right
	last       time.Time                 // when the last of them came
}

// play is what a receiver expects of one socket.
type play struct {
	process *process
	epoch   time.Time
	// candidates are what may play: a source had the one or the other content when it was opened.
	candidates []*rendering
	last       packet.Number // number of the datagram that came last, -1 before the first
	at         time.Time     // when that came
}

// rendering is what render makes of a channel.
type rendering struct {
	list *player.Playlist
	ssrc uint32
	buf  []byte
}

const (
	perDatagram = 7
	header      = 12
	// tolerance is how late a datagram may leave: a train, and what playout may catch up.
	tolerance = 2*pacing + 10*time.Millisecond
	// settling is how long after a trouble its traces last: a ring of packets.
	settling = 5 * time.Second
)

// begin returns what to expect of a socket that a process opens now: what the records say
// that are durable.
func (r *receiver) begin(p *process) *play {
	w := r.world
	r.mu.Lock()
	defer r.mu.Unlock()
	target := r.target()
	if target == nil {
		w.fail("%s is sent to, but no channel that is on air has it as a destination", r.url)
		return nil
	}
	g := &play{process: p, epoch: target.Spec.Epoch, last: -1, at: time.Now()}
	for version := range 2 {
		c, err := r.rendering(target, version)
		if err != nil {
			w.fail("%s: %v", r.url, err)
			return nil
		}
		g.candidates = append(g.candidates, c)
	}
	return g
}

// rendering returns what render makes of a channel where its source has a content. The
// caller holds mu.
func (r *receiver) rendering(c *player.Config, version int) (*rendering, error) {
	s := c.Spec
	key := fmt.Sprint(version, s.Source, s.Name, s.MuxRate, s.M2TS, s.KeepES)
	if known := r.renderings[key]; known != nil {
		return known, nil
	}
	list, err := player.Open(context.Background(), *c, player.Options{Source: source.Options{AllowFiles: true}, OpenSource: r.world.sources.version(version)})
	if err != nil {
		return nil, err
	}
	if r.renderings == nil {
		r.renderings = map[string]*rendering{}
	}
	r.renderings[key] = &rendering{list, player.SSRC(s.Name), make([]byte, header+perDatagram*packet.Size)}
	return r.renderings[key], nil
}

// target returns what plays to the receiver according to the records that are durable. The
// caller holds mu.
func (r *receiver) target() *player.Config {
	stored, text := r.world.disk.records(r.url)
	if r.targets == nil {
		r.targets = map[string]*player.Config{}
	}
	c, known := r.targets[text]
	if !known {
		c = r.read(stored)
		r.targets[text] = c
	}
	return c
}

func (r *receiver) read(stored store.Store) *player.Config {
	records, err := record.Open(context.Background(), stored, record.Options{})
	if err != nil {
		r.world.fail("the records cannot be read: %v", err)
		return nil
	}
	s := supervisor.New(records, supervisor.Options{Pacing: pacing})
	for _, c := range records.Channels.List() {
		if !c.OnAir() {
			continue
		}
		t, err := s.Target(c, records.Inputs.Find)
		if err != nil {
			continue
		}
		for _, p := range t.Pipelines {
			for _, d := range p.Spec.To {
				if d.Target().String() == r.url {
					return &p
				}
			}
		}
	}
	return nil
}

// receive takes a datagram.
func (r *receiver) receive(g *play, b []byte) {
	if g == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n, ok := r.find(g, b)
	if !ok {
		r.world.fail("%s", r.describe(g, b))
		return
	}
	list := g.candidates[0].list
	if g.last >= 0 && n > g.last+1 {
		from, to := g.process.due(g, list, g.last+1), g.process.due(g, list, n-1)
		if !r.world.excuses.has(r.url, from.Add(-settling), to.Add(tolerance), "stall", "network", "source") {
			r.world.fail("%s: %d datagrams from number %d on did not come, without a reason", r.url, n-g.last-1, g.last+1)
		}
		r.world.count("gaps")
	}
	g.last, g.at = n, time.Now()
	r.datagram++
	r.last = time.Now()
}

// due returns when a datagram is due, by the clock of the world.
func (p *process) due(g *play, list *player.Playlist, n packet.Number) time.Time {
	return g.epoch.Add(list.Due(n * perDatagram)).Add(-p.step)
}

// find returns the number of a datagram: of those that may come now, the one that holds the
// same bytes. It drops the candidates that have no such datagram.
func (r *receiver) find(g *play, b []byte) (packet.Number, bool) {
	now := time.Now().Add(g.process.step).Sub(g.epoch)
	late := tolerance
	if r.world.excuses.has("", time.Now().Add(-settling), time.Now(), "stall", "network") {
		late += time.Second // Writes that wait delay what follows in the train.
	}
	idle := r.world.excuses.has("", time.Now().Add(-settling), time.Now(), "stall", "source")
	var found packet.Number
	kept := slices.DeleteFunc(slices.Clone(g.candidates), func(c *rendering) bool {
		first := max(g.last+1, (c.list.Before(now-late)+perDatagram-1)/perDatagram)
		for n := first; n*perDatagram < c.list.Before(now); n++ {
			if c.is(b, n, r.rtp, idle) {
				found = n
				return false
			}
		}
		return true
	})
	if len(kept) == 0 {
		return 0, false
	}
	g.candidates = kept
	return found, true
}

// is reports whether the bytes are those of a datagram; idle allows null packets where the
// source was not read in time.
func (c *rendering) is(b []byte, n packet.Number, rtp, idle bool) bool {
	want := c.buf
	if rtp {
		want[0], want[1] = 0x80, 33
		binary.BigEndian.PutUint16(want[2:], uint16(n)) //nolint:gosec // It wraps.
		binary.BigEndian.PutUint32(want[4:], c.list.RTPTime(n*perDatagram))
		binary.BigEndian.PutUint32(want[8:], c.ssrc)
		if len(b) < header || !bytes.Equal(want[:header], b[:header]) {
			return false
		}
		b = b[header:]
	}
	want = want[header:]
	if len(b) != len(want) {
		return false
	}
	if err := c.list.Fill(want, n*perDatagram); err != nil {
		return false
	}
	if bytes.Equal(want, b) {
		return true
	}
	if !idle {
		return false
	}
	null := make([]byte, len(want))
	c.list.Idle(null, n*perDatagram)
	for at := 0; at < len(want); at += packet.Size {
		p := b[at : at+packet.Size]
		if !bytes.Equal(p, want[at:at+packet.Size]) && !bytes.Equal(p, null[at:at+packet.Size]) {
			return false
		}
	}
	return true
}

// describe says what is wrong with a datagram.
func (r *receiver) describe(g *play, b []byte) string {
	now := time.Now().Add(g.process.step).Sub(g.epoch)
	for _, c := range g.candidates {
		here := c.list.Before(now) / perDatagram
		for away := range packet.Number(5000) {
			for _, n := range []packet.Number{here - away, here + away} {
				if n >= 0 && c.is(b, n, r.rtp, true) {
					return fmt.Sprintf("%s: datagram %d, which is due at %v, came at %v after the epoch, after number %d (I8)", r.url, n, c.list.Due(n*perDatagram), now, g.last)
				}
			}
		}
	}
	return fmt.Sprintf("%s: a datagram at %v after the epoch, after number %d, is none that render makes (I1)", r.url, now, g.last)
}

// early reports whether the epoch is yet to come: a process began with a wall clock that had
// been set back.
func (r *receiver) early() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.target()
	return c != nil && c.Spec.Epoch.After(time.Now().Add(r.world.process.step))
}

// heard returns how many datagrams have come, and when the last one did.
func (r *receiver) heard() (n int64, last time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.datagram, cmp.Or(r.last, r.world.began)
}
