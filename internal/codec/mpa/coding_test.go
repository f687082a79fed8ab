package mpa

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// frame returns a frame of that header and length.
func frame(header uint32, size int) []byte {
	return append(binary.BigEndian.AppendUint32(nil, header), make([]byte, size-headerSize)...)
}

func TestNew(t *testing.T) {
	for _, tc := range []struct {
		name              string
		header            uint32
		size              int
		want              string
		streamType        byte
		samples, channels int
		silence           int
	}{
		{"11172-3 2.4.3.1: layer II", 0xfffda400, 576, "MPEG-1 layer II 48000 Hz stereo 192 kb/s", 3, 1152, 2, 576},
		{"11172-3 2.4.3.1: layer II padded", 0xfffda200, 627, "MPEG-1 layer II 44100 Hz stereo 192 kb/s", 3, 1152, 2, 626},
		{"11172-3 2.4.3.1: layer II guarded", 0xfffca400, 576, "MPEG-1 layer II 48000 Hz stereo 192 kb/s", 3, 1152, 2, 576},
		{"11172-3 2.4.2.3: mono", 0xfffd84c0, 384, "MPEG-1 layer II 48000 Hz mono 128 kb/s", 3, 1152, 1, 384},
		{"11172-3 2.4.2.3: dual mono", 0xfffd8880, 576, "MPEG-1 layer II 32000 Hz dual mono 128 kb/s", 3, 1152, 2, 576},
		{"11172-3 2.4.3.1: layer I padded", 0xffffc200, 420, "MPEG-1 layer I 44100 Hz stereo 384 kb/s", 3, 384, 2, 416},
		{"11172-3 2.4.3.1: layer III", 0xfffb9000, 417, "MPEG-1 layer III 44100 Hz stereo 128 kb/s", 3, 1152, 2, 417},
		{"13818-3 2.4.2.3: layer I LSF", 0xfff7e400, 512, "MPEG-2 layer I 24000 Hz stereo 256 kb/s", 4, 384, 2, 512},
		{"13818-3 2.4.2.3: layer II LSF", 0xfff5c400, 768, "MPEG-2 layer II 24000 Hz stereo 128 kb/s", 4, 1152, 2, 768},
		{"13818-3 2.4.3.1: layer III LSF", 0xfff38440, 192, "MPEG-2 layer III 24000 Hz stereo 64 kb/s", 4, 576, 2, 192},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := New(frame(tc.header, tc.size))
			if err != nil {
				t.Fatal(err)
			}
			if c.String() != tc.want || c.StreamType() != tc.streamType || c.FrameSamples() != tc.samples || c.Channels() != tc.channels {
				t.Errorf("%s, stream type %d, %d samples, %d channels", c, c.StreamType(), c.FrameSamples(), c.Channels())
			}
			if c.StreamID() != 0xc0 || (c.SegmentFormat() == media.AnySegmentFormat) != strings.Contains(tc.want, "layer III") || c.Buffer() != (media.Buffer{Leak: 2_000_000, Size: 3584}) || c.Extra(0) != 0 || c.Descriptors() != nil {
				t.Errorf("%+v, extra %d, descriptors %x", c.Buffer(), c.Extra(0), c.Descriptors())
			}
			if layer := strings.Count(strings.Fields(tc.want)[2], "I"); c.Codec() != fmt.Sprint("mp4a.40.", 31+layer) {
				t.Errorf("6381 3.3: %s", c.Codec())
			}
			checkSilence(t, c, tc.silence)
		})
	}
}

// checkSilence wants a frame of that many bytes, unpadded, without CRC, all zeros behind its header.
func checkSilence(t *testing.T, c *Coding, size int) {
	t.Helper()
	s := c.Silence()
	if len(s) != size || s[1]&1 == 0 || s[2]&2 != 0 || len(bytes.Trim(s[headerSize:], "\x00")) != 0 {
		t.Errorf("silence of %d bytes: %x", len(s), s[:headerSize])
	}
	if _, err := c.AppendUnit(nil, s, media.Place{}); err != nil {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tc := range []struct {
		name   string
		sample []byte
		want   string
	}{
		{"11172-3 2.4.1.3: nothing", nil, "holds no frame header"},
		{"11172-3 2.4.2.3: syncword", frame(0x0b77a400, 576), "0b77a400 instead of a syncword"},
		{"11172-3 2.4.2.3: reserved layer", frame(0xfff9a400, 576), "reserved"},
		{"11172-3 2.4.2.3: reserved rate", frame(0xfffdac00, 576), "reserved"},
		{"11172-3 2.4.2.3: forbidden bit rate", frame(0xfffdf400, 576), "reserved"},
		{"11172-3 2.4.2.3: free format", frame(0xfffd0400, 576), "free format"},
		{"13818-3 2.4.2.3: MPEG-2.5", frame(0xffe38440, 576), "MPEG-2.5"},
		{"14496-12 8.7.3: half a frame", frame(0xfffda400, 575), "575 bytes begins with a frame of 576"},
		{"14496-12 8.7.3: two frames", frame(0xfffda400, 1152), "1152 bytes begins with a frame of 576"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := New(tc.sample)
			if err == nil {
				t.Fatal(c)
			}
			if !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") || fault.KindOf(err) != fault.Media {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestAppendUnit(t *testing.T) {
	c, err := New(frame(0xfffda400, 576))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		sample []byte
		want   string
	}{
		{"11172-3 2.4.2.3: as it is", frame(0xfffda400, 576), ""},
		{"11172-3 2.4.2.3: another bit rate", frame(0xfffd8400, 384), ""},
		{"11172-3 2.4.2.3: joint stereo", frame(0xfffda450, 576), ""},
		{"11172-3 2.4.2.3: mono", frame(0xfffda4c0, 576), "changes its configuration"},
		{"11172-3 2.4.2.3: another rate", frame(0xfffda800, 864), "changes its configuration"},
		{"11172-3 2.4.2.3: another layer", frame(0xfffbb400, 576), "changes its configuration"},
		{"13818-3 2.4.2.3: another version", frame(0xfff5c400, 768), "changes its configuration"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := c.AppendUnit([]byte("kept"), tc.sample, media.Place{})
			if tc.want == "" && (err != nil || !bytes.Equal(got, append([]byte("kept"), tc.sample...))) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want) || string(got) != "kept") {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestAppendUnitDoesNotAllocate(t *testing.T) {
	sample, dst := frame(0xfffda400, 576), make([]byte, 0, 1000)
	c, err := New(sample)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = c.AppendUnit(dst, sample, media.Place{}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestEveryHeader parses every combination of codes: none panics, and each
// sound one has a silent frame that its own coding takes.
func TestEveryHeader(t *testing.T) {
	for code := range uint32(1 << 20) {
		h, err := parseHeader(binary.BigEndian.AppendUint32(nil, 0xfff<<20|code))
		if err != nil {
			continue
		}
		s := h.silence()
		if got, err := parseFrame(s); err != nil || got.configuration() != h.configuration() {
			t.Fatalf("%08x: %x, %v", uint32(h), s[:headerSize], err)
		}
	}
}

func FuzzNew(f *testing.F) {
	f.Add(frame(0xfffda400, 576))
	f.Add(frame(0xfffda200, 627))
	f.Add(frame(0xfff38440, 192))
	f.Add(frame(0xffffc200, 420))
	f.Fuzz(func(t *testing.T, sample []byte) {
		c, err := New(sample)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatal(err)
			}
			return
		}
		unit, err := c.AppendUnit(nil, c.Silence(), media.Place{})
		if err != nil || len(unit) < headerSize || c.SampleRate() < 16000 {
			t.Fatalf("%s: %d bytes, %v", c, len(unit), err)
		}
	})
}

func FuzzAppendUnit(f *testing.F) {
	first := frame(0xfffda400, 576)
	f.Add(first)
	f.Add(frame(0xfffd8400, 384))
	f.Add(frame(0xfffda800, 864))
	f.Fuzz(func(t *testing.T, sample []byte) {
		c, err := New(first)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.AppendUnit([]byte("kept"), sample, media.Place{})
		if want := append([]byte("kept"), sample...); err == nil && !bytes.Equal(got, want) {
			t.Fatalf("%d bytes of %d", len(got), len(want))
		}
		if err != nil && string(got) != "kept" {
			t.Fatalf("%q", got)
		}
	})
}
