package player

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/playout"
)

// read returns the packets of a stream due in [from, to).
func read(t testing.TB, s playout.Stream, from, to time.Duration) []byte {
	t.Helper()
	n := s.Before(from)
	b := make([]byte, (s.Before(to)-n)*packet.Size)
	if err := s.Fill(b, n); err != nil {
		t.Fatal(err)
	}
	return b
}

// A playlist of one channel is the channel's own stream.
func TestPlaylistOfOne(t *testing.T) {
	c := open(t, channel.Spec{Name: "clip"})
	p, s := NewPlaylist(c, false), c.Stream()
	for _, at := range []time.Duration{0, 90 * time.Minute, 87_600 * time.Hour} {
		if !bytes.Equal(read(t, p, at, at+3*time.Second), read(t, s, at, at+3*time.Second)) {
			t.Errorf("at %v the bytes differ", at)
		}
		n := s.Before(at + time.Second)
		if p.Due(n) != s.Due(n) || p.Before(at) != s.Before(at) || p.RTPTime(n) != s.RTPTime(n) || p.Lap(n) != s.Lap(n) || p.BitRate() != s.BitRate() {
			t.Errorf("at %v the times differ", at)
		}
	}
}

// cued returns a playlist over three sources, and the pool they are from.
func cued(t *testing.T, at ...time.Duration) *Playlist {
	t.Helper()
	pool, file := NewInputs(LocalOptions()), movie(t, filepath.Join(t.TempDir(), "a.mp4"))
	spec := channel.Spec{Name: "clip"}
	p := NewPlaylist(pooled(t, pool, spec), false)
	var entries []Entry
	for i, d := range at {
		spec.Source = []string{file, ""}[i%2]
		entries = append(entries, Entry{At: d, Input: pooled(t, pool, spec)})
	}
	placed, err := p.Set(entries)
	if err != nil || len(placed) != len(at) {
		t.Fatal(placed, err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if len(pool.open) > 0 {
			t.Error("a source is left open")
		}
	})
	return p
}

// I1: the same entries make the same bytes, from wherever they are read, and
// nothing that a receiver counts or measures is out of order.
func TestPlaylistOfSeveral(t *testing.T) {
	at := []time.Duration{3 * time.Second, 7*time.Second + 77, 12 * time.Second}
	p := cued(t, at...)
	whole := read(t, p, 0, 20*time.Second)
	for i := range 19 {
		from := time.Duration(i) * time.Second
		n := p.Before(from)
		if got := read(t, cued(t, at...), from, from+time.Second); !bytes.Equal(got, whole[n*188:][:len(got)]) {
			t.Fatalf("from %v on it is another", from)
		}
	}
	a := monitor.NewAnalyzer(monitor.Options{})
	a.Packets(whole)
	r := a.Report()
	for _, c := range r.Checks {
		switch c.Check {
		case monitor.VideoStep, monitor.AudioStep, monitor.PTS:
		default:
			if c.Count > 0 {
				t.Errorf("%s × %d: %v", c.Name, c.Count, c.Places)
			}
		}
	}
	for n := int64(1); n < int64(len(whole)/188); n++ {
		if p.Due(n) < p.Due(n-1) || p.Before(p.Due(n)) != n || p.RTPTime(n)-p.RTPTime(n-1) > 200 {
			t.Fatalf("packet %d is due at %v, the one before at %v", n, p.Due(n), p.Due(n-1))
		}
	}
}

// Idle packets are those of the stream, or null packets.
func TestPlaylistIdles(t *testing.T) {
	p := cued(t, 2*time.Second)
	want := read(t, p, 0, 4*time.Second)
	got := make([]byte, len(want))
	p.Idle(got, 0)
	for i := 0; i < len(got); i += 188 {
		if null := got[i+1]&0x1f == 0x1f && got[i+2] == 0xff; !null && !bytes.Equal(got[i:i+188], want[i:i+188]) {
			t.Fatalf("packet %d: %x", i/188, got[i:i+12])
		}
	}
}

// What is read stays as it is, whatever is set then; what is set comes, as if it
// had been so from the beginning.
func TestPlaylistSetOnAir(t *testing.T) {
	pool := NewInputs(LocalOptions())
	spec := channel.Spec{Name: "clip"}
	cue := func(at time.Duration) Entry { return Entry{At: at, Input: pooled(t, pool, spec)} }
	p := NewPlaylist(pooled(t, pool, spec), false)
	defer p.Close()
	set := func(entries ...Entry) []Entry {
		t.Helper()
		placed, err := p.Set(entries)
		if err != nil {
			t.Fatal(err)
		}
		return placed
	}
	set(cue(5*time.Second), cue(30*time.Second))
	var all []byte
	readTo := func(d time.Duration) {
		all = append(all, read(t, p, p.Due(int64(len(all)/188)), d)...)
	}
	readTo(2 * time.Second)
	// The first cue goes, another comes at once: that is in a second at the earliest.
	first := set(cue(time.Second))[0].At
	if first < 3*time.Second || first > 3500*time.Millisecond {
		t.Errorf("a switch at %v", first)
	}
	readTo(first + 100*time.Millisecond)
	// It is past now: it stays, though nobody names it any more.
	second := set(cue(first), cue(10*time.Second))
	if len(second) != 1 || second[0].At != 10*time.Second {
		t.Errorf("to come: %v", second)
	}
	readTo(9900 * time.Millisecond)
	if left := set(); len(left) != 0 || len(p.Entries()) != 3 {
		t.Errorf("to come: %v, all: %v", left, p.Entries())
	}
	readTo(15 * time.Second)
	again := NewPlaylist(pooled(t, pool, spec), false)
	defer again.Close()
	if _, err := again.Set([]Entry{cue(first), cue(10 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, again, 0, 15*time.Second), all) {
		t.Error("a process that is started with this schedule plays another stream")
	}
}

// What plays once stays at its end.
func TestPlaylistOnce(t *testing.T) {
	p := NewPlaylist(open(t, channel.Spec{Name: "clip"}), true)
	n := p.Before(25 * time.Second)
	if m := p.At(n); m.Position != 10*time.Second || m.Pictures != 250 || p.Lap(n) != 0 {
		t.Errorf("%+v in lap %d", m, p.Lap(n))
	}
	a := monitor.NewAnalyzer(monitor.Options{})
	a.Packets(read(t, p, 0, 12*time.Second))
	r := a.Report()
	if r.Errors() != r.Count(monitor.PTS) {
		t.Error(r.Verdict)
	}
	if r.Streams[0].PES != 250 {
		t.Errorf("%d pictures", r.Streams[0].PES)
	}
}

func TestPlaylistMoments(t *testing.T) {
	p := cued(t, 14*time.Second)
	for at, want := range map[time.Duration]struct {
		position time.Duration
		pictures int64
	}{
		0:                                     {0, 1},
		13 * time.Second:                      {13 * time.Second, 13*25 + 1},
		16*time.Second + 100*time.Millisecond: {2 * time.Second, 403},
	} {
		m := p.At(p.Before(at))
		if m.Position < want.position-time.Millisecond || m.Position > want.position+101*time.Millisecond {
			t.Errorf("at %v: position %v, want %v", at, m.Position, want.position)
		}
		if m.Pictures < want.pictures-3 || m.Pictures > want.pictures+3 {
			t.Errorf("at %v: %d pictures, want %d", at, m.Pictures, want.pictures)
		}
	}
}
