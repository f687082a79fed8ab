package player

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/mpegts"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/source"
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

// A playlist of one entry makes the packets of its input's plan.
func TestPlaylistOfOne(t *testing.T) {
	p := open(t, channel.Spec{Name: "clip"})
	plan := p.initial().plan.NewEntry(mpegts.Origin{}, false)
	muxer := plan.NewMuxer()
	for _, at := range []time.Duration{0, 90 * time.Minute, 87_600 * time.Hour} {
		got := read(t, p, at, at+3*time.Second)
		want := make([]byte, len(got))
		if err := muxer.Fill(want, plan.Before(at)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("at %v the bytes differ", at)
		}
		n := packet.Number(plan.Before(at + time.Second))
		if p.Due(n) != plan.Due(mpegts.Slot(n)) || p.Before(at+time.Second) != n || p.RTPTime(n) != plan.RTPTime(mpegts.Slot(n)) || p.Lap(n) != int64(plan.Lap(mpegts.Slot(n))) || p.BitRate() != int64(plan.BitRate()) {
			t.Errorf("at %v the times differ", at)
		}
	}
}

// checked is a source that is written to.
type checked struct {
	source.Source
	err error
}

func (c *checked) Check() error { return c.err }

// A source that was written to ends the playlist at once, also while what it reads next was
// read long ago, as sound is.
func TestChecksItsSource(t *testing.T) {
	var opened checked
	open := func(ctx context.Context, name string, o source.Options) (_ source.Source, err error) {
		opened.Source, err = source.Open(ctx, name, o)
		return &opened, err
	}
	sound := filepath.Join("..", "identity", "testdata", "inputs", "sound-only-aac.mp4")
	p, err := Open(t.Context(), Config{Spec: channel.Spec{Name: "sound", Source: sound}}, Options{Source: source.Options{AllowFiles: true}, OpenSource: open})
	if err != nil {
		t.Fatal(err)
	}
	for n := range packet.Number(3) {
		if err := p.Fill(make([]byte, packet.Size), n); !errors.Is(err, opened.err) {
			t.Errorf("packet %d: %v, want %v", n, err, opened.err)
		}
		opened.err = errors.New("it was written to")
	}
	p.Idle(make([]byte, packet.Size), 3) // It needs no source.
}

// scheduled returns a playlist of two sources that take turns from these instants on.
func scheduled(t *testing.T, at ...time.Duration) *Playlist {
	t.Helper()
	pool, file := newInputs(LocalOptions()), movie(t, filepath.Join(t.TempDir(), "a.mp4"))
	spec := channel.Spec{Name: "clip"}
	p := newPlaylist(take(t, pool, spec), false)
	var entries []entry
	for i, d := range at {
		spec.Source = []string{file, ""}[i%2]
		entries = append(entries, entry{at: d, input: take(t, pool, spec)})
	}
	placed, err := p.set(entries)
	if err != nil || len(placed) != len(at) {
		t.Fatal(placed, err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if len(pool.byIdentity) > 0 {
			t.Error("a source is left open")
		}
	})
	return p
}

// I1: the same entries make the same bytes, from wherever they are read, and
// nothing that a receiver counts or measures is out of order.
func TestPlaylistOfSeveral(t *testing.T) {
	at := []time.Duration{3 * time.Second, 7*time.Second + 77, 12 * time.Second}
	p := scheduled(t, at...)
	whole := read(t, p, 0, 20*time.Second)
	for i := range 19 {
		from := time.Duration(i) * time.Second
		n := p.Before(from)
		if got := read(t, scheduled(t, at...), from, from+time.Second); !bytes.Equal(got, whole[n*188:][:len(got)]) {
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
	for n := packet.Number(1); n < packet.Number(len(whole)/188); n++ {
		if p.Due(n) < p.Due(n-1) || p.Before(p.Due(n)) != n || p.RTPTime(n)-p.RTPTime(n-1) > 200 {
			t.Fatalf("packet %d is due at %v, the one before at %v", n, p.Due(n), p.Due(n-1))
		}
	}
}

// Idle packets are those of the stream, or null packets.
func TestPlaylistIdles(t *testing.T) {
	p := scheduled(t, 2*time.Second)
	want := read(t, p, 0, 4*time.Second)
	got := make([]byte, len(want))
	p.Idle(got, 0)
	for i := 0; i < len(got); i += 188 {
		if null := got[i+1]&0x1f == 0x1f && got[i+2] == 0xff; !null && !bytes.Equal(got[i:i+188], want[i:i+188]) {
			t.Fatalf("packet %d: %x", i/188, got[i:i+12])
		}
	}
}

// Packets that are read do not change when entries are set. The stream that follows is
// the one of a playlist that had these entries from the beginning.
func TestPlaylistSetOnAir(t *testing.T) {
	pool := newInputs(LocalOptions())
	spec := channel.Spec{Name: "clip"}
	at := func(d time.Duration) entry { return entry{at: d, input: take(t, pool, spec)} }
	p := newPlaylist(take(t, pool, spec), false)
	defer p.Close()
	set := func(entries ...entry) []placedEntry {
		t.Helper()
		placed, err := p.set(entries)
		if err != nil {
			t.Fatal(err)
		}
		return placed
	}
	set(at(5*time.Second), at(30*time.Second))
	var all []byte
	readTo := func(d time.Duration) {
		all = append(all, read(t, p, p.Due(packet.Number(len(all)/188)), d)...)
	}
	readTo(2 * time.Second)
	// The first entry is removed; one that is to begin at once begins in a second.
	first := set(at(time.Second))[0].at
	if first < 3*time.Second || first > 3500*time.Millisecond {
		t.Errorf("it begins at %v", first)
	}
	readTo(first + 100*time.Millisecond)
	// It is past now and stays, even if it is not set again.
	second := set(at(first), at(10*time.Second))
	if len(second) != 1 || second[0].at != 10*time.Second {
		t.Errorf("to come: %v", second)
	}
	readTo(9900 * time.Millisecond)
	if left := set(); len(left) != 0 || len(p.all()) != 3 {
		t.Errorf("to come: %v, all: %v", left, p.all())
	}
	readTo(15 * time.Second)
	again := newPlaylist(take(t, pool, spec), false)
	defer again.Close()
	if _, err := again.set([]entry{at(first), at(10 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, again, 0, 15*time.Second), all) {
		t.Error("a process that is started with this schedule plays another stream")
	}
}

// An input that plays once stays at its end.
func TestPlaylistOnce(t *testing.T) {
	p := newPlaylist(open(t, channel.Spec{Name: "clip"}).initial(), true)
	n := p.Before(25 * time.Second)
	if m := p.position(n); m.elapsed != 10*time.Second || m.pictures != 250 || p.Lap(n) != 0 {
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

func TestPlaylistPosition(t *testing.T) {
	p := scheduled(t, 14*time.Second)
	for at, want := range map[time.Duration]struct {
		elapsed  time.Duration
		pictures int64
	}{
		0:                                     {0, 1},
		13 * time.Second:                      {13 * time.Second, 13*25 + 1},
		16*time.Second + 100*time.Millisecond: {2 * time.Second, 403},
	} {
		m := p.position(p.Before(at))
		if m.elapsed < want.elapsed-time.Millisecond || m.elapsed > want.elapsed+101*time.Millisecond {
			t.Errorf("at %v: %v elapsed, want %v", at, m.elapsed, want.elapsed)
		}
		if m.pictures < want.pictures-3 || m.pictures > want.pictures+3 {
			t.Errorf("at %v: %d pictures, want %d", at, m.pictures, want.pictures)
		}
	}
}
