package cmaf

import (
	"bytes"
	"testing"

	"github.com/Eyevinn/mp4ff/mp4"

	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/loop"
	ours "github.com/lilo-live/lilo/internal/mp4"
)

func bundled(t *testing.T) *loop.Loop {
	t.Helper()
	r, size := clip.Open()
	f, err := ours.Open(r, size)
	if err != nil {
		t.Fatal(err)
	}
	l, err := loop.New(f.Asset)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// tracks returns the video and audio tracks of a loop.
func tracks(t *testing.T, l *loop.Loop) []*Track {
	t.Helper()
	v, err := NewVideo(l)
	if err != nil {
		t.Fatal(err)
	}
	all := []*Track{v}
	for _, a := range l.Audio {
		s, err := NewAudio(l, a)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// segment returns a third of lap n: 0, 1 or 2.
func segment(l *loop.Loop, n, third int64) loop.Segment {
	v := l.Video
	u := func(third int64) int64 { return third * int64(v.Len()) / 3 }
	at := func(third int64) int64 {
		if third == 3 {
			return (n + 1) * v.Length
		}
		return n*v.Length + v.Unit(int(u(third))).DTS
	}
	return loop.Segment{
		Number: n*3 + third, First: loop.UnitNumber(n*int64(v.Len()) + u(third)), End: loop.UnitNumber(n*int64(v.Len()) + u(third+1)),
		From: at(third), To: at(third + 1), Scale: int64(v.Track.Timescale),
	}
}

// decode reads a header and segments with mp4ff.
func decode(t *testing.T, b []byte) *mp4.File {
	t.Helper()
	f, err := mp4.DecodeFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// mp4ff finds one track, whose samples follow each other without a gap
// from segment to segment and lap to lap, before the epoch and after ten years.
func TestSegmentsReadByMP4ff(t *testing.T) {
	l := bundled(t)
	for i, track := range tracks(t, l) {
		for _, n := range []int64{-2, 31_500_000} {
			b := track.Header()
			for k := range int64(9) {
				from, p := len(b), segment(l, n+k/3, k%3)
				var err error
				if b, err = track.Append(b, p); err != nil {
					t.Fatal(err)
				}
				if size := int64(len(b) - from); size != track.Size(p) {
					t.Errorf("track %d: %d bytes, a size of %d", i, size, track.Size(p))
				}
			}
			checkFile(t, decode(t, b), track, l, n)
		}
	}
}

func checkFile(t *testing.T, f *mp4.File, track *Track, l *loop.Loop, n int64) {
	t.Helper()
	if got := int64(f.Init.Moov.Trak.Mdia.Mdhd.Timescale); got != track.timescale || len(f.Init.Moov.Traks) != 1 {
		t.Fatalf("timescale %d, want %d", got, track.timescale)
	}
	next, count := uint64(0), 0
	for _, s := range f.Segments {
		for _, fragment := range s.Fragments {
			samples, err := fragment.GetFullSamples(f.Init.Moov.Mvex.Trex)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range samples {
				if next != 0 && s.DecodeTime != next {
					t.Fatalf("sample %d is decoded at %d, want %d", count, s.DecodeTime, next)
				}
				next, count = s.DecodeTime+uint64(s.Dur), count+1
				if !known(t, track, s.Data) {
					t.Fatalf("sample %d, of %d bytes, is not one of the track's", count, len(s.Data))
				}
			}
		}
	}
	want := 3 * float64(l.Length.Num) / float64(l.Length.Den)
	end := float64(next)/float64(track.timescale) - origin - float64(n+3)*l.Length.Seconds()
	long := float64(count) * float64(track.track.Duration(0)) / float64(track.track.Timescale)
	if long < want-0.05 || long > want+0.05 || end < -0.1 || end > 0.1 {
		t.Errorf("%d samples of %.3f s, want %.3f s; the end is off by %.3f s", count, long, want, end)
	}
}

// known reports whether a sample is in the file or is silence.
func known(t *testing.T, track *Track, b []byte) bool {
	t.Helper()
	for i, u := range track.track.Units {
		if u.Size() != len(b) {
			continue
		}
		sample, err := track.loop.Asset.ReadUnit(track.track, i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(sample, b) {
			return true
		}
	}
	return track.audio != nil && bytes.Equal(b, track.track.Audio().Silence())
}

// TestPictures checks sync flags and presentation times against the source.
func TestPictures(t *testing.T) {
	l := bundled(t)
	track := tracks(t, l)[0]
	b, err := track.Append(track.Header(), segment(l, 5, 0))
	if err != nil {
		t.Fatal(err)
	}
	f := decode(t, b)
	samples, err := f.Segments[0].Fragments[0].GetFullSamples(f.Init.Moov.Mvex.Trex)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range samples {
		u := l.Video.Unit(i)
		at := int64(s.DecodeTime) - origin*track.timescale - 5*l.Video.Length + l.Video.Shown()
		if s.IsSync() != u.RandomAccess() || at != u.DTS || int64(s.CompositionTimeOffset) != int64(u.CTO) {
			t.Errorf("sample %d: %+v, want %+v", i, s.Sample, u)
		}
	}
}

// TestNoEntry checks that a track without a sample entry is refused.
func TestNoEntry(t *testing.T) {
	l := bundled(t)
	bare := *l.Video.Track
	bare.Entry = nil
	v := *l.Video
	v.Track = &bare
	if _, err := NewVideo(&loop.Loop{Asset: l.Asset, Video: &v}); err == nil {
		t.Error("no error")
	}
	if s := l.Audio[0].Track.Audio().Silence(); len(s) == 0 || s[0] == 0xff {
		t.Errorf("silence %x", s)
	}
}

// TestConfiguration checks that the hvcC box of a sample entry gets another body, and that an entry
// without one, or a damaged one, stays.
func TestConfiguration(t *testing.T) {
	entry := func(children ...[]byte) []byte {
		return isobmff.Box("hvc1", make([]byte, 78), bytes.Join(children, nil))
	}
	box, other := isobmff.Box("hvcC", []byte("old")), isobmff.Box("pasp", []byte("12345678"))
	got := withConfiguration(entry(other, box, other), []byte("longer"))
	if want := entry(other, isobmff.Box("hvcC", []byte("longer")), other); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	for _, same := range [][]byte{entry(other), entry(), entry(other, []byte{0, 0, 0, 1, 'h', 'v', 'c', 'C'})[:90], entry([]byte{0, 0, 0, 99, 'h', 'v', 'c', 'C'})} {
		if got := withConfiguration(same, []byte("longer")); !bytes.Equal(got, same) {
			t.Errorf("%x becomes %x", same, got)
		}
	}
}
