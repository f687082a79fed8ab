package mpegts

import (
	"bytes"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/packet"
)

// splicedStream is a stream of entries, each with a number of packets.
type splicedStream struct {
	t       *testing.T
	entries []*Entry
	ends    []Slot
	b       []byte
}

// splice plays films one after another, from instants on, and a while longer.
func splice(t *testing.T, names []string, at []time.Duration) *splicedStream {
	t.Helper()
	s := &splicedStream{t: t}
	entry := planOf(t, films[names[0]], 0).NewEntry(Origin{}, false)
	for i, name := range names[1:] {
		next := planOf(t, films[name], 0)
		if rate := entry.plan.BitRate(); next.BitRate() < rate {
			next = planOf(t, films[name], rate)
		}
		sw := entry.Switch(at[i], next, false)
		s.unchanged(entry, sw)
		s.endsWhole(entry, sw)
		s.add(sw.Before, sw.End)
		entry = sw.After
		if due := entry.Due(0); due < at[i] || due > at[i]+101*time.Millisecond {
			t.Errorf("switch at %v instead of %v", due, at[i])
		}
	}
	s.add(entry, entry.Before(entry.begin+3*time.Second))
	return s
}

func (s *splicedStream) add(p *Entry, end Slot) {
	s.entries, s.ends = append(s.entries, p), append(s.ends, end)
	s.b = append(s.b, packets(s.t, p.NewMuxer(), 0, end)...)
}

// unchanged checks that nothing before sw.From is another than without the
// switch, and that what is another behind it is a null packet.
func (s *splicedStream) unchanged(p *Entry, sw Switch) {
	s.t.Helper()
	was, is := packets(s.t, p.NewMuxer(), 0, sw.End), packets(s.t, sw.Before.NewMuxer(), 0, sw.End)
	nulls := 0
	for n := range sw.End {
		a, b := was[n*packet.Size:][:packet.Size], is[n*packet.Size:][:packet.Size]
		if bytes.Equal(a, b) {
			continue
		}
		if pidOf(b) == nullPID {
			nulls++
		} else if b[3]&0x10 != 0 || a[3]&0xf0 != b[3]&0xf0 {
			s.t.Fatalf("packet %d of %d is %x instead of %x", n, sw.End, b[:12], a[:12])
		}
		if n < sw.From {
			s.t.Fatalf("packet %d is another, and the switch says %d", n, sw.From)
		}
	}
	s.t.Logf("%d of %d packets before the switch are null packets instead; the first could be %d packets before", nulls, sw.End, sw.End-sw.From)
	for i := range Slot(10) { // From wherever it is asked.
		at := max(0, sw.End-(i+1)*97)
		got := packets(s.t, sw.Before.NewMuxer(), at, min(90, sw.End-at))
		if want := is[at*packet.Size:][:len(got)]; !bytes.Equal(got, want) {
			s.t.Fatal(difference(got, want))
		}
	}
}

// endsWhole checks that each stream ends before the beginning of an access unit.
func (s *splicedStream) endsWhole(p *Entry, sw Switch) {
	s.t.Helper()
	is := packets(s.t, sw.Before.NewMuxer(), 0, sw.End)
	sent := map[PID]int{}
	for i := 0; i < len(is); i += packet.Size {
		if is[i+3]&0x10 != 0 {
			sent[pidOf(is[i:])]++
		}
	}
	was := packets(s.t, p.NewMuxer(), 0, sw.End+p.plan.clock.slotsIn(3, 1))
	count := map[PID]int{}
	for i := 0; i < len(was); i += packet.Size {
		pid := pidOf(was[i:])
		if pid == nullPID || was[i+3]&0x10 == 0 {
			continue
		}
		if count[pid] == sent[pid] && was[i+1]&0x40 == 0 {
			s.t.Errorf("PID %d ends within a unit, after %d packets", pid, sent[pid])
		}
		count[pid]++
	}
}

// check holds the whole against what a receiver may expect.
func (s *splicedStream) check() {
	s.t.Helper()
	cc, dts, tables := map[PID]int{}, map[PID]media.Ticks{}, map[PID]time.Duration{}
	var base Slot
	for k, p := range s.entries {
		if Slot(p.origin.First) != base {
			s.t.Fatalf("entry %d begins with packet %d, not %d", k, base, p.origin.First)
		}
		for n := range s.ends[k] {
			b := s.b[(base+n)*packet.Size:][:packet.Size]
			pid := pidOf(b)
			if pid == nullPID {
				continue
			}
			s.counter(cc, pid, b, base+n)
			if b[3]&0x20 != 0 && b[4] > 0 && b[5]&0x10 != 0 {
				s.clock(p, n, b)
			}
			if b[1]&0x40 == 0 {
				continue
			}
			if limit := map[PID]time.Duration{0: 100 * time.Millisecond, 480: 100 * time.Millisecond, 0x11: 2 * time.Second}[pid]; limit > 0 {
				if last, ok := tables[pid]; ok && p.Due(n)-last > limit {
					s.t.Errorf("packet %d: PID %d after %d ns", base+n, pid, p.Due(n)-last)
				}
				tables[pid] = p.Due(n)
				continue
			}
			body := b[4:]
			if b[3]&0x20 != 0 {
				body = b[5+int(b[4]):]
			}
			if d := dtsOf(body); d <= dts[pid] {
				s.t.Errorf("packet %d: PID %d is decoded at %d after %d", base+n, pid, d, dts[pid])
			} else {
				dts[pid] = d
			}
		}
		base += s.ends[k]
	}
}

func (s *splicedStream) counter(cc map[PID]int, pid PID, b []byte, n Slot) {
	s.t.Helper()
	if last, ok := cc[pid]; ok {
		want := last
		if b[3]&0x10 != 0 {
			want = (last + 1) & 15
		}
		if got := int(b[3] & 15); got != want {
			s.t.Fatalf("packet %d: PID %d: continuity counter %d, want %d", n, pid, got, want)
		}
	}
	cc[pid] = int(b[3] & 15)
}

// clock checks a PCR against when its byte leaves.
func (s *splicedStream) clock(p *Entry, n Slot, b []byte) {
	at, _ := p.plan.clock.at(n, pcrByte, 1_000_000_000)
	if off := float64(pcrOf(b))*1000/27 - float64(int64(p.begin)+at); off < -40 || off > 40 {
		s.t.Fatalf("packet %d of a entry: PCR off by %.0f ns", n, off)
	}
}

// I1, I5, I7: over switches counters and clocks run on, and access units are whole.
func TestSwitches(t *testing.T) {
	for _, names := range [][]string{
		{"25 fps with sound", "29.97 fps, two tracks", "25 fps with sound"},
		{"29.97 fps, two tracks", "video only", "irregular durations"},
		{"level 1.2, HRD of 300 kb/s", "a small buffer", "level 1.2, high rate", "a small buffer"},
		{"one picture", "12.5 fps, a fifth of a second", "the same with three tracks"},
	} {
		for _, first := range []time.Duration{1200 * time.Millisecond, 4*time.Second + 123_456_789} {
			t.Run(fmt.Sprint(names, first), func(t *testing.T) {
				s := splice(t, names, []time.Duration{first, first + 2500*time.Millisecond, first + 5*time.Second + 1})
				s.check()
				s.measure()
			})
		}
	}
}

// The PCR goes with the pictures where there are any, and with the sound otherwise.
func TestSwitchToSound(t *testing.T) {
	splice(t, []string{"25 fps with sound", "sound only", "video only"}, []time.Duration{2 * time.Second, 4 * time.Second}).check()
}

// Versions of tables count on where they change, and only there.
func TestSwitchChangesTables(t *testing.T) {
	s := splice(t, []string{"25 fps with sound", "one picture", "29.97 fps, two tracks", "sound only"},
		[]time.Duration{2 * time.Second, 4 * time.Second, 6 * time.Second})
	for i, want := range []versions{{}, {}, {tablePMT: 1}, {tablePMT: 2, tableSDT: 1}} {
		if got := s.entries[i].origin.versions; !maps.Equal(got, want) {
			t.Errorf("entry %d: versions %v, want %v", i, got, want)
		}
	}
	a := demultiplex(t, s.b)
	if n := len(a.program.ElementaryStreams); n != 2 || a.service.Services[0].Descriptors[0].Service.Type != 2 {
		t.Errorf("%d streams in the end, service %+v", n, a.service)
	}
}

// An entry may begin years after the epoch, just before the clocks wrap.
func TestSwitchAfterYears(t *testing.T) {
	for _, at := range []time.Duration{(1<<33)*time.Second/90000 - time.Second, 57 * 365 * 24 * time.Hour} {
		entry := planOf(t, films["25 fps with sound"], 0).NewEntry(Origin{}, false)
		sw := entry.Switch(at, planOf(t, films["25 fps with sound"], 0), false)
		s := &splicedStream{t: t}
		n := sw.End - 5000
		s.b = append(packets(t, sw.Before.NewMuxer(), n, 5000), packets(t, sw.After.NewMuxer(), 0, 20_000)...)
		s.measure()
		cc := map[PID]int{}
		for i := Slot(0); i < Slot(len(s.b)); i += packet.Size {
			if b := s.b[i:][:packet.Size]; pidOf(b) != nullPID {
				s.counter(cc, pidOf(b), b, i/packet.Size)
			}
		}
		for k := range Slot(100) {
			want := uint32(uint64(sw.After.Due(k)+999) * 9 / 100_000)
			if got := sw.After.RTPTime(k); got-want+1 > 2 {
				t.Fatalf("RTP timestamp %d, want %d", got, want)
			}
		}
	}
}

// measure analyses the stream with the monitor. The audio pauses for a second, and
// the pictures for a second at most.
func (s *splicedStream) measure() {
	s.t.Helper()
	a := monitor.NewAnalyzer(monitor.Options{PIDTimeout: time.Minute})
	a.Packets(s.b)
	for _, c := range a.Report().Checks {
		switch c.Check {
		case monitor.VideoStep, monitor.AudioStep, monitor.PTS, monitor.PCRAccuracy:
		default:
			if c.Count > 0 {
				s.t.Errorf("%s × %d: %v", c.Name, c.Count, c.Places)
			}
		}
	}
}

// What follows an entry that plays once, when it lasts as long as it says, costs it no picture and
// no sound.
func TestOnceLength(t *testing.T) {
	for _, name := range []string{"the same with three tracks", "a small buffer", "level 1.2, HRD of 300 kb/s", "one picture", "sound only"} {
		p := planOf(t, films[name], 0)
		length := p.OnceLength()
		if lap := time.Duration(p.loop.Length.Nanoseconds()); length < lap || length > lap+2500*time.Millisecond {
			t.Errorf("%s: a lap of %v lasts %v", name, lap, length)
		}
		lost := name == "one picture"
		for _, at := range []time.Duration{0, 40 * time.Millisecond, 80 * time.Millisecond} { // An entry begins up to 100 ms late.
			first := p.NewEntry(Origin{}, false).Switch(time.Second+at, p, true).After
			s := first.Switch(time.Second+at+length, p, true)
			if s.Before.video.count != first.video.count {
				t.Errorf("%s: %d of %d packets of pictures are sent", name, s.Before.video.count, first.video.count)
			}
			for i, a := range p.audio {
				if s.Before.audio[i].count != a.once() {
					t.Errorf("%s: %d of %d packets of sound are sent", name, s.Before.audio[i].count, a.once())
				}
			}
			s = first.Switch(time.Second+at+length/2, p, true)
			lost = lost || !s.Before.endsLike(first)
		}
		if !lost {
			t.Errorf("%s: nothing is lost halfway", name)
		}
	}
}
