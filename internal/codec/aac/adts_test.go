package aac

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// fields are those of an ADTS header that vary, read bit by bit and
// independently of how they are written (ISO/IEC 13818-7 6.2.1, 6.2.2).
type fields struct {
	id, layer, protectionAbsent uint
	profile, rateIndex, layout  uint
	size                        int
	fullness, blocks            uint
}

func parseADTS(data []byte) (fields, error) {
	at := 0
	next := func(n int) (v uint) {
		for range n {
			v = v<<1 | uint(data[at/8]>>(7-at%8)&1)
			at++
		}
		return v
	}
	if len(data) < headerSize || next(12) != 0xfff {
		return fields{}, errors.New("no syncword")
	}
	f := fields{id: next(1), layer: next(2), protectionAbsent: next(1), profile: next(2), rateIndex: next(4)}
	next(1)
	f.layout = next(3)
	next(4)
	f.size = int(next(13))
	f.fullness, f.blocks = next(11), next(2)
	if f.size < headerSize || f.size > len(data) {
		return fields{}, errors.New("frame outruns the data")
	}
	return f, nil
}

// audioSpecificConfig returns the shortest one, two bytes (ISO/IEC 14496-3 1.6.2.1).
func audioSpecificConfig(object, rateIndex, layout uint) []byte {
	v := object<<11 | rateIndex<<7 | layout<<3
	return []byte{byte(v >> 8), byte(v)}
}

func TestHeader(t *testing.T) {
	for object := uint(1); object <= 4; object++ {
		for rate := range uint(13) {
			for layout := uint(1); layout <= 7; layout++ {
				checkHeader(t, object, rate, layout)
			}
		}
	}
}

// checkHeader parses back the headers of frames of the extreme lengths.
func checkHeader(t *testing.T, object, rate, layout uint) {
	t.Helper()
	c, err := New(audioSpecificConfig(object, rate, layout))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 8, 1000, maxFrame - headerSize} {
		unit, err := c.AppendUnit(nil, make([]byte, size), media.Place{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseADTS(unit)
		want := fields{0, 0, 1, object - 1, rate, layout, size + headerSize, 0x7ff, 0}
		if err != nil || got != want {
			t.Errorf("13818-7 6.2: %+v, %v, want %+v", got, err, want)
		}
	}
}

func TestAppendUnitRefuses(t *testing.T) {
	c := stereo(t)
	for _, tc := range []struct {
		name   string
		sample []byte
		want   string
	}{
		{"14496-12 8.7.3: empty", nil, "a sample is empty"},
		{"13818-7 6.2.2: aac_frame_length is 13 bits", make([]byte, maxFrame-headerSize+1), "at most 8191 fit"},
		{"14496-14 5.1: already ADTS", adts(t, c), "already an ADTS frame"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := c.AppendUnit([]byte("kept"), tc.sample, media.Place{})
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if string(got) != "kept" || fault.KindOf(err) != fault.Media {
				t.Errorf("%q, kind %d", got, fault.KindOf(err))
			}
		})
	}
}

func TestAppendUnitDoesNotAllocate(t *testing.T) {
	c, sample, dst := stereo(t), make([]byte, 700), make([]byte, 0, 1000)
	if n := testing.AllocsPerRun(100, func() { _, _ = c.AppendUnit(dst, sample, media.Place{}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppendUnit(b *testing.B) {
	c, err := New(audioSpecificConfig(objectLC, 3, 2))
	if err != nil {
		b.Fatal(err)
	}
	sample, dst := make([]byte, 400), make([]byte, 0, 1000)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = c.AppendUnit(dst, sample, media.Place{})
	}
}

func stereo(t *testing.T) *Coding {
	t.Helper()
	c, err := New(audioSpecificConfig(objectLC, 3, 2))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func FuzzAppendUnit(f *testing.F) {
	f.Add([]byte{0x11, 0x90}, []byte{0x21, 0x10, 0x04})
	f.Add([]byte{0x12, 0x10}, []byte{0xff, 0xf1, 0x4c, 0x80, 0x01, 0x1f, 0xfc})
	f.Add([]byte{0x2b, 0x92, 0x08}, make([]byte, 9000))
	f.Fuzz(func(t *testing.T, config, sample []byte) {
		c, err := New(config)
		if err != nil {
			return
		}
		dst := []byte("kept")
		unit, err := c.AppendUnit(dst, sample, media.Place{})
		if !bytes.HasPrefix(unit, dst) {
			t.Fatal("what dst held is gone")
		}
		if err != nil {
			return
		}
		if len(unit) != len(dst)+len(sample)+c.Extra(0) || !bytes.HasSuffix(unit, sample) {
			t.Fatalf("%d bytes of %d", len(unit), len(sample))
		}
		if h, err := parseADTS(unit[len(dst):]); err != nil || h.size != len(sample)+headerSize {
			t.Fatalf("%+v, %v", h, err)
		}
	})
}
