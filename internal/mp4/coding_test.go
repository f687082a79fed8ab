package mp4

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// short is a coding whose NAL units lie behind lengths of size bytes.
type short struct {
	fake
	size, units int
	count       func(sample []byte) int
}

func (s *short) LengthSize() int   { return s.size }
func (s *short) SetMaxUnits(n int) { s.units = n }
func (s *short) MaxUnits() int     { return s.units }

func (s *short) CountUnits(sample []byte) int { return s.count(sample) }

// TestLengthSizes counts NAL units where ISO/IEC 14496-15 5.3.3.1 has lengths of fewer than 4 bytes.
func TestLengthSizes(t *testing.T) {
	const sizeOfTen = 10 + 6 // video gives the largest sample 16 bytes.
	for _, c := range []struct{ size, reads, units int }{{4, 0, 0}, {2, 20, sizeOfTen}, {1, 20, sizeOfTen}} {
		reads := 0
		code := func(sampleEntry, []byte) (media.Coding, error) {
			return &short{size: c.size, count: func(sample []byte) int {
				if reads++; !bytes.Equal(sample, bytes.Repeat([]byte{1}, len(sample))) {
					t.Errorf("sample % x", sample)
				}
				return len(sample)
			}}, nil
		}
		r, size := reader((&movieSpec{tracks: []*trackSpec{video(20)}}).build())
		f, err := open(r, size, code)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Asset.Video.Coding.(*short).units; got != c.units || reads != c.reads {
			t.Errorf("lengths of %d bytes: %d units, %d samples read, want %d and %d", c.size, got, reads, c.units, c.reads)
		}
	}
}

// TestLengthSizesOfEntries checks that samples are counted once, however many sample
// entries they have.
func TestLengthSizesOfEntries(t *testing.T) {
	reads := 0
	code := func(sampleEntry, []byte) (media.Coding, error) {
		return &short{size: 2, count: func(sample []byte) int {
			reads++
			return len(sample)
		}}, nil
	}
	r, size := reader(twoEntries(videoOf12(), entry("avc1", "one"), entry("avc1", "two")).build())
	f, err := open(r, size, code)
	if err != nil {
		t.Fatal(err)
	}
	v := f.Asset.Video
	first := v.Coding.(*changingVideo).VideoCoding.(*short).units
	if second := v.Changes[0].Coding.(*short).units; reads != 12 || first == 0 || second != first {
		t.Errorf("%d samples read, %d and %d units", reads, first, second)
	}
}

// TestSharedBytes checks that reading samples which share their bytes ends.
func TestSharedBytes(t *testing.T) {
	data := make([]byte, 1000)
	units := make([]media.AccessUnit, 100_000)
	for i := range units {
		units[i] = media.NewAccessUnit(0, int64(i), 0, len(data), true)
	}
	reads := 0
	c := &short{size: 2, units: 600, count: func([]byte) int {
		reads++
		return 1
	}}
	if err := countUnits(newFileReader(bytes.NewReader(data), int64(len(data))), units, c); err != nil || reads > 2 || c.units != 600 {
		t.Errorf("%v, %d samples read, %d units", err, reads, c.units)
	}
}

// TestCodingErrors checks what becomes of a configuration that its package refuses.
func TestCodingErrors(t *testing.T) {
	refuse := func(handler codec) newCodingFunc {
		return func(e sampleEntry, first []byte) (media.Coding, error) {
			if e.codec == handler {
				return nil, fault.New(fault.Media, "%s: it is no good", e.codec)
			}
			return newFake(e, first)
		}
	}
	r, size := reader((&movieSpec{tracks: []*trackSpec{video(5), sound(5)}}).build())
	if _, err := open(r, size, refuse(codecAVC)); fault.KindOf(err) != fault.Media || !strings.HasPrefix(err.Error(), "video track 1: H.264: it is no good") {
		t.Errorf("video: %v", err)
	}
	f, err := open(r, size, refuse(codecAAC))
	if err != nil || len(f.Asset.Audio) != 0 || len(f.Asset.Notes) != 1 || f.Asset.Notes[0].Text != "track 2 (AAC) is left out: AAC: it is no good" {
		t.Errorf("sound: %v", err)
	}
	r, size = reader((&movieSpec{tracks: []*trackSpec{sound(5)}}).build())
	if _, err := open(r, size, refuse(codecAAC)); err == nil || !strings.Contains(err.Error(), "no track can be played: track 1") {
		t.Errorf("only sound: %v", err)
	}
}

// TestPanics checks that what a coding does with odd bytes does not end the program.
func TestPanics(t *testing.T) {
	r, size := reader((&movieSpec{tracks: []*trackSpec{video(5)}}).build())
	defer func() {
		if recover() == nil {
			t.Error("open hides a panic, which fuzzing must see")
		}
	}()
	_, _ = open(r, size, func(sampleEntry, []byte) (media.Coding, error) { panic(errors.New("odd")) })
}

// TestFirstSample hands the codings the first sample to begin decoding with.
func TestFirstSample(t *testing.T) {
	v := video(12)
	v.samples[0].sync = false
	got := mustOpen(t, &movieSpec{tracks: []*trackSpec{v}}).Asset.Video.Coding.(fake).first
	if want := v.samples[5].size; len(got) != want {
		t.Errorf("%d bytes, want the %d of sample 6", len(got), want)
	}
}
