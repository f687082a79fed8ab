package simulation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/supervisor"
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
	playing    *play
	stopped    time.Time     // when the records said first that nothing is to play; zero while something is
	late       time.Duration // by how much datagrams were late at most, since it was taken
	last       time.Time     // when the last of them came
}

// play is what a receiver expects of one socket.
type play struct {
	process *process
	epoch   time.Time
	changes int64 // of the disk, up to which guesses are
	target  *player.Config
	// guesses are what may play, the likeliest first: the schedule as it is and as it was, with
	// the one or the other content that a source had when it was opened.
	guesses []guess
	// unsure says that a source could not be read when the channel started or its schedule
	// changed: an entry may be left out then.
	unsure  bool
	ignored bool          // what comes is not known any more
	mixed   time.Time     // when what was written over a file came first; zero for never
	last    packet.Number // number of the datagram that came last, -1 before the first
}

// guess is what may play.
type guess struct {
	target   *player.Config
	versions string // of the contents, in the order in which sources are opened
}

const (
	// tolerance is how late a datagram may leave: a train, and what playout may catch up.
	tolerance = pacing + channel.DefaultTolerance + 10*time.Millisecond
	// settling is how long after a trouble its traces last: a ring of packets.
	settling = 5 * time.Second
	// tryAgain is how long it takes at most until what failed is tried again.
	tryAgain = 40 * time.Second
	// noticed is how long what was written over a file may play: it is looked at once a second,
	// and what was read is sent.
	noticed = 2 * time.Second
	// stopping is how long a channel that is stopped may go on.
	stopping = time.Second
	// maxGuessed is of how many sources all contents are tried that they may have.
	maxGuessed = 6
	// maxKept is how many targets and renderings a receiver keeps.
	maxKept = 50
)

// begin returns what to expect of a socket that a process opens now: what the records say
// that are durable.
func (r *receiver) begin(p *process) *play {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := &play{process: p, unsure: p.unsure, last: -1}
	if before := r.playing; before != nil && before.process == p { // It may be another socket of the same channel.
		g.unsure, g.guesses, g.ignored = before.unsure, before.guesses, before.ignored
	}
	r.follow(g)
	if before := r.playing; g.target == nil && before != nil && before.process == p && time.Since(r.stopped) < stopping {
		g.target, g.guesses = before.target, before.guesses // The channel opened it while it was told to stop.
	}
	r.playing = g
	if g.target == nil {
		r.world.fail("%s is sent to, but no channel that is on air has it as a destination", r.url)
		return nil
	}
	g.epoch = g.target.Spec.Epoch
	return g
}

// look takes notice of what the records say now.
func (r *receiver) look() {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch playing := r.target() != nil; {
	case playing:
		r.stopped = time.Time{}
	case r.stopped.IsZero():
		r.stopped = time.Now()
	}
	if r.playing != nil {
		r.follow(r.playing)
	}
}

// follow adds to the guesses what the records say now. The caller holds mu.
func (r *receiver) follow(g *play) {
	changes := r.world.disk.changes.Load()
	if changes == g.changes {
		return
	}
	g.changes = changes
	t := r.target()
	if t == nil || g.target != nil && (!t.Spec.Epoch.Equal(g.epoch) || t.Spec.Name != g.target.Spec.Name || fmt.Sprint(t.Schedule) == fmt.Sprint(g.target.Schedule)) {
		return // It plays on until it is stopped.
	}
	g.target, g.unsure = t, g.unsure || r.world.sources.whole() < settling
	now := r.versions(t)
	all := []guess{{t, now}}
	add := func(one guess) {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	for _, old := range g.guesses { // What has begun stays as it was opened.
		for n := len(now); n > 0; n-- {
			add(guess{t, old.versions[:min(n, len(old.versions))] + now[min(n, len(old.versions)):]})
		}
	}
	if len(now) <= maxGuessed {
		for i := range 1 << len(now) {
			add(guess{t, fmt.Sprintf("%0*b", len(now), i)})
		}
	}
	g.guesses = append(all, g.guesses[:min(maxKept, len(g.guesses))]...)
}

// versions returns the contents that sources have now, in the order in which a channel opens
// them.
func (r *receiver) versions(c *player.Config) string {
	var all strings.Builder
	add := func(path string) {
		if f := r.world.sources.file(path); f != nil {
			fmt.Fprint(&all, f.now.Load())
		}
	}
	later := c.Schedule.Entries
	first := c.Spec.Source
	for len(later) > 0 && !later[0].At.After(c.Spec.Epoch) {
		first, later = later[0].Source, later[1:]
	}
	add(first)
	for _, e := range later {
		add(e.Source)
	}
	return all.String()
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
		if len(r.targets) == maxKept {
			clear(r.targets)
		}
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
	r.last = time.Now()
	switch {
	case g.ignored:
		return
	case !g.mixed.IsZero():
		if time.Since(g.mixed) > noticed && !r.recently(settling, "stall", "slow") {
			r.world.fail("%s: what was written over a file plays for %v already (I12)", r.url, time.Since(g.mixed))
		}
		return
	}
	r.follow(g)
	n, c := r.find(g, b)
	switch {
	case c == nil && r.mayLack(g):
		g.ignored = true
		r.world.count("ignored")
		return
	case c == nil && (r.recently(0, "overwritten") || r.recently(settling, "stall") && r.recently(time.Minute, "overwritten")):
		g.mixed = time.Now()
		r.world.count("overwritten")
		return
	case c == nil:
		r.world.fail("%s", r.describe(g, b))
		return
	}
	if g.last >= 0 && n > g.last+1 && !r.excused(g, c, g.last+1, n-1) {
		r.world.fail("%s: %d datagrams from number %d on did not come, without a reason", r.url, n-g.last-1, g.last+1)
	}
	g.last = n
	r.late = max(r.late, time.Since(g.epoch.Add(c.list.Due(n*perDatagram)).Add(-g.process.step)))
	r.world.count("datagrams")
	if len(c.entries) > 0 {
		r.world.count("datagrams of channels that switched")
	}
}

// excused reports whether there is a reason why datagrams did not come.
func (r *receiver) excused(g *play, c *rendering, first, last packet.Number) bool {
	from, to := g.epoch.Add(c.list.Due(first*perDatagram)), g.epoch.Add(c.list.Due(last*perDatagram))
	for _, p := range g.target.Schedule.Pauses {
		if !p.From.After(to.Add(tolerance)) && (p.To.IsZero() || p.To.After(from)) {
			return true
		}
	}
	from, to = from.Add(-g.process.step), to.Add(-g.process.step)
	return r.world.excuses.has(r.url, from.Add(-settling), to.Add(tolerance), "stall", "network", "source")
}

// recently reports whether something of these kinds has gone wrong in the last d.
func (r *receiver) recently(d time.Duration, kinds ...string) bool {
	return r.world.excuses.has("", time.Now().Add(-d), time.Now(), kinds...)
}

// mayLack reports whether what comes may differ from the schedule: an entry is missing, since
// its source could not be opened and there has not been much time to try again, or nothing has
// come since, as in a pause, or there are so many that it is not known which contents their
// sources had.
func (r *receiver) mayLack(g *play) bool {
	return g.unsure && (g.last < 0 || r.world.sources.whole() < tryAgain) || len(g.target.Schedule.Entries) >= maxGuessed
}

// find returns the number of a datagram, and the rendering that has it: of those that may come
// now, the one that holds the same bytes. It drops the guesses that are wrong.
func (r *receiver) find(g *play, b []byte) (packet.Number, *rendering) {
	now := time.Now().Add(g.process.step).Sub(g.epoch)
	late := tolerance
	if r.recently(settling, "stall", "network") {
		late += time.Second // Writes that wait delay what follows in the train.
	}
	idle := r.recently(settling, "stall", "source")
	for len(g.guesses) > 0 {
		c, err := r.rendering(g.guesses[0])
		if err != nil {
			r.world.fail("%s: %v", r.url, err)
			return 0, nil
		}
		first := max(g.last+1, (c.list.Before(now-late)+perDatagram-1)/perDatagram)
		for n := first; n*perDatagram < c.list.Before(now); n++ {
			if c.is(b, n, r.rtp, idle) {
				return n, c
			}
		}
		if newest := g.guesses[0].target == g.target; len(g.guesses) == 1 || newest && g.guesses[1].target != g.target && !r.mayLack(g) {
			return 0, nil // The last guess is kept, to describe what is wrong.
		}
		g.guesses = g.guesses[1:]
	}
	return 0, nil
}

// rendering returns what render makes of a guess. The caller holds mu.
func (r *receiver) rendering(g guess) (*rendering, error) {
	s := g.target.Spec
	key := fmt.Sprint(g.versions, s.Source, s.Name, s.MuxRate, s.M2TS, s.KeepES)
	if len(g.target.Schedule.Entries) > 0 {
		key += fmt.Sprint(s.Epoch, g.target.Schedule.Entries)
	}
	if known := r.renderings[key]; known != nil {
		return known, nil
	}
	c, err := render(g.target, r.world.sources.versions(g.versions))
	if err != nil {
		return nil, err
	}
	if r.renderings == nil || len(r.renderings) == maxKept {
		r.renderings = map[string]*rendering{}
	}
	r.renderings[key] = c
	return c, nil
}

// describe says what is wrong with a datagram.
func (r *receiver) describe(g *play, b []byte) string {
	now := time.Now().Add(g.process.step).Sub(g.epoch)
	c, err := r.rendering(g.guesses[0])
	if err != nil {
		return err.Error()
	}
	here := c.list.Before(now) / perDatagram
	for away := range packet.Number(500) {
		for _, n := range []packet.Number{here - away, here + away} {
			if n >= 0 && c.is(b, n, r.rtp, true) {
				return fmt.Sprintf("%s: datagram %d, which is due at %v, came at %v after the epoch, after number %d (I8)", r.url, n, c.list.Due(n*perDatagram), now, g.last)
			}
		}
	}
	return fmt.Sprintf("%s: a datagram at %v after the epoch, after number %d, is none that render makes (I1)", r.url, now, g.last)
}

// heard returns when the last datagram came.
func (r *receiver) heard() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return cmp.Or(r.last, r.world.began)
}

// mayBeSilent reports whether nothing is due now: the epoch is yet to come, since a process
// began with a wall clock that had been set back, or the schedule has a pause.
func (r *receiver) mayBeSilent() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, now := r.target(), time.Now().Add(r.world.process.step)
	if c == nil {
		return false
	}
	for _, p := range c.Schedule.Pauses {
		if !p.From.After(now) && (p.To.IsZero() || p.To.After(now.Add(-time.Second))) {
			return true
		}
	}
	return c.Spec.Epoch.After(now.Add(-time.Second))
}

// certain returns what plays and its epoch, nil where that is not known now.
func (r *receiver) certain() (*player.Playlist, time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.playing
	if g == nil || g.process != r.world.process || g.ignored || g.unsure || g.last < 0 || !g.mixed.IsZero() || time.Since(r.last) > time.Second {
		return nil, time.Time{}
	}
	if r.follow(g); g.guesses[0].target != g.target || r.recently(settling, "stall", "slow", "source", "restart", "overwritten") {
		return nil, time.Time{}
	}
	c, err := r.rendering(g.guesses[0])
	if err != nil {
		return nil, time.Time{}
	}
	return c.list, g.epoch
}
