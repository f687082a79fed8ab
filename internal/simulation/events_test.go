package simulation

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing/synctest"
	"time"
)

// event is something that may happen next; weight says how often.
type event struct {
	weight int
	happen func(*world)
}

func events() []event {
	return []event{
		{30, (*world).callSomething},
		{4, (*world).killAtOnce},
		{4, (*world).killInCommit},
		{2, (*world).restartCleanly},
		{3, (*world).fillDisk},
		{6, (*world).troubleNetwork},
		{6, (*world).changeSource},
		{4, (*world).slowSource},
		{2, (*world).breakSource},
		{4, (*world).stallThreads},
		{2, (*world).stepClock},
		{10, (*world).watchHLS},
	}
}

// run lives through chaos and calm.
func (w *world) run(p plan) {
	w.prepare()
	w.start()
	all := events()
	total := 0
	for _, e := range all {
		total += e.weight
	}
	if p.watch != nil {
		go p.watch(w)
	}
	for end := w.began.Add(p.chaos); time.Now().Before(end) && !w.hasFailed(); {
		time.Sleep(time.Duration(w.rng.ExpFloat64()*float64(p.every)) | 1)
		at := w.rng.IntN(total)
		for _, e := range all {
			if at -= e.weight; at < 0 {
				e.happen(w)
				break
			}
		}
	}
	if !w.hasFailed() {
		w.calmDown(p.calm)
	}
	w.process.stop()
	w.process.wait()
	time.Sleep(time.Hour) // What waits for something ends.
	w.note("%d processes", w.started)
}

// prepare makes sources and channels that do not exist yet.
func (w *world) prepare() {
	names := []string{"tiny", "sound-only-aac", "sound-only-mp2", "picture-only", "sound-short", "hevc-hvc1"}
	w.rng.Shuffle(len(names), func(i, k int) { names[i], names[k] = names[k], names[i] })
	w.sources.add("one.mp4", names[0], names[1])
	w.sources.add("two.mp4", names[2], names[3])
	for i := range 2 + w.rng.IntN(3) {
		files := slices.Clone(w.sources.files)
		w.rng.Shuffle(len(files), func(i, k int) { files[i], files[k] = files[k], files[i] })
		w.fleet.addChannel(i, files, 1+w.rng.IntN(2), 1+w.rng.IntN(2))
	}
}

func (w *world) callSomething() {
	f, o := &w.fleet, pick(w, w.fleet.channels)
	if len(o.states) > 1 {
		f.check()
	}
	is := o.is()
	switch {
	case is.id == "":
		f.create(o)
	case w.chance(8): // In a state that may not allow it.
		pick(w, []func(*ordered){f.start, f.stop, f.delete, f.rename, f.restartPipelines})(o)
	case is.onAir && w.chance(4):
		f.restartPipelines(o)
	case is.onAir:
		pick(w, []func(*ordered){f.stop, f.switchInput, f.switchInput, f.switchInput, f.pause, f.clearSchedule})(o)
	case w.chance(4):
		f.rename(o)
	default:
		pick(w, []func(*ordered){f.start, f.start, f.start, f.start, f.start, f.delete})(o)
	}
	if w.process.dead.Load() {
		w.revive()
	}
}

func (w *world) killAtOnce() {
	w.note("the process is killed")
	w.process.kill()
	w.revive()
}

// killInCommit kills the process while it writes to the disk.
func (w *world) killInCommit() {
	w.disk.arm(rand.New(rand.NewPCG(w.rng.Uint64(), 0)))
	w.note("the process will be killed in its next commit")
	for range 20 {
		if w.process.dead.Load() {
			break
		}
		w.callSomethingOnce()
	}
	if w.process.dead.Load() {
		w.revive()
		return
	}
	w.disk.arm(nil)
}

// callSomethingOnce makes a call that may be the last one of the process.
func (w *world) callSomethingOnce() {
	o := pick(w, w.fleet.channels)
	if len(o.states) > 1 {
		return
	}
	switch is := o.is(); {
	case is.id == "":
		w.fleet.create(o)
	case is.onAir:
		w.fleet.stop(o)
	case w.chance(3):
		w.fleet.rename(o)
	default:
		w.fleet.start(o)
	}
	time.Sleep(w.between(0, time.Second))
}

func (w *world) restartCleanly() {
	w.note("the process is asked to end")
	w.process.stop()
	w.revive()
}

// revive waits until the process has ended, starts another and compares what it knows.
func (w *world) revive() {
	w.process.wait()
	time.Sleep(w.between(0, 5*time.Second))
	w.note("a process starts")
	w.start()
	if w.hasFailed() {
		return
	}
	synctest.Wait()
	w.fleet.check()
}

func (w *world) fillDisk() {
	d := w.between(0, 20*time.Second)
	w.note("the disk is full for %v", d)
	w.disk.full.Store(time.Now().Add(d).UnixNano())
}

func (w *world) troubleNetwork() {
	o := pick(w, w.fleet.channels)
	r := pick(w, o.receivers)
	t, d := pick(w, troubles()), w.between(0, 20*time.Second)
	e := w.network.endpoint(netip.MustParseAddrPort(r.url[len("rtp://"):]))
	if e.trouble.Swap(t) != nil {
		return
	}
	w.note("to %s %s for %v", r.url, t.name, d)
	w.excuses.add("network", r.url, d)
	go func() {
		time.Sleep(d)
		e.trouble.Store(nil)
	}()
}

func (w *world) changeSource() {
	f := pick(w, w.sources.files)
	data := contents()[f.inputs[1-f.now.Load()]]
	switch {
	case !f.whole.Load() || w.chance(2):
		w.note("%s is replaced", f.name())
		w.sources.replace(f, w.rng.IntN(2))
	case w.chance(3):
		w.note("%s is removed", f.name())
		w.sources.remove(f)
	case w.chance(2):
		n := w.rng.IntN(len(data))
		w.note("%s is overwritten and cut off at %d bytes", f.name(), n)
		w.sources.damage(f, data[:n])
	default:
		w.note("%s is overwritten", f.name())
		w.sources.damage(f, data)
	}
	if !f.whole.Load() {
		w.excuses.add("overwritten", "", noticed)
	}
	w.excuses.add("source", "", settling)
}

func (w *world) slowSource() {
	f, d := pick(w, w.sources.files), w.between(0, 10*time.Second)
	w.note("%s is slow for %v", f.name(), d)
	w.excuses.add("source", "", d)
	w.excuses.add("slow", "", d)
	f.slow.Store(time.Now().Add(d).UnixNano())
}

func (w *world) breakSource() {
	f, d := pick(w, w.sources.files), w.between(0, 10*time.Second)
	w.note("%s cannot be read for %v", f.name(), d)
	w.excuses.add("source", "", d)
	f.broken.Store(time.Now().Add(d).UnixNano())
}

func (w *world) stallThreads() {
	d := w.between(0, 2*time.Second)
	if w.chance(4) {
		d = w.between(0, time.Minute)
	}
	w.note("all threads stand still for %v", d)
	w.excuses.add("stall", "", d)
	w.stall.Store(time.Now().Add(d).UnixNano())
	time.Sleep(d)
}

// stepClock sets the wall clock.
func (w *world) stepClock() {
	d := w.between(-time.Minute, time.Minute)
	if w.chance(3) {
		d = w.between(-2*time.Hour, 2*time.Hour)
	}
	w.step.Add(int64(d))
	w.note("the wall clock is set by %v", d)
}

// calmDown ends all trouble and waits until the server is what was asked for.
func (w *world) calmDown(d time.Duration) {
	w.note("calm")
	w.disk.full.Store(0)
	for _, f := range w.sources.files {
		for _, until := range []*atomic.Int64{&f.slow, &f.broken} {
			until.Store(min(until.Load(), time.Now().UnixNano()))
		}
		w.sources.replace(f, int(f.now.Load()))
	}
	w.excuses.add("source", "", settling)
	time.Sleep(d / 2)
	w.fleet.check()
	for _, o := range w.fleet.channels {
		if o.is().onAir && w.fleet.isHeld(o) {
			w.fleet.stop(o)
			time.Sleep(time.Second)
			w.fleet.start(o)
		}
	}
	time.Sleep(d / 2)
	w.fleet.check()
	w.fleet.converged()
}
