package opus

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// dops returns the contents of a dOps box.
func dops(channels, family byte, mapping ...byte) []byte {
	return append([]byte{0, channels, 1, 0x38, 0, 0, 0xbb, 0x80, 0, 0, family}, mapping...)
}

func TestChannels(t *testing.T) {
	for name, c := range map[string]struct {
		config  []byte
		code    byte
		want    string
		silence string
	}{
		"mono":              {dops(1, 0), 1, "Opus 48000 Hz mono", "f8fffe"},
		"stereo":            {dops(2, 0), 2, "Opus 48000 Hz stereo", "fcfffe"},
		"7845 5.1.1.2: 3.0": {dops(3, 1, 2, 1, 0, 2, 1), 3, "Opus 48000 Hz 3 channels", "fc02fffe" + "f8fffe"},
		"7845 5.1.1.2: 5.1": {dops(6, 1, 4, 2, 0, 4, 1, 2, 3, 5), 6, "Opus 48000 Hz 5.1", "fc02fffe" + "fc02fffe" + "f802fffe" + "f8fffe"},
		"each on its own":   {dops(3, 1, 3, 0, 0, 1, 2), 0x83, "Opus 48000 Hz 3 channels", "f802fffe" + "f802fffe" + "f8fffe"},
		"7845 5.1.1.2: 7.1": {dops(8, 1, 5, 3, 0, 6, 1, 2, 3, 4, 5, 7), 8, "Opus 48000 Hz 7.1", "fc02fffe" + "fc02fffe" + "fc02fffe" + "f802fffe" + "f8fffe"},
	} {
		got, err := New(c.config, []byte{0xfc, 1, 2})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := got.Descriptors(); !bytes.Equal(d, []byte{5, 4, 'O', 'p', 'u', 's', 0x7f, 2, 0x80, c.code}) {
			t.Errorf("%s: descriptors %x", name, d)
		}
		if got.String() != c.want || hex.EncodeToString(got.Silence()) != c.silence {
			t.Errorf("%s: %s, silence %x", name, got, got.Silence())
		}
	}
	for name, config := range map[string][]byte{
		"nothing":                 {},
		"no channels":             dops(0, 0),
		"three without a mapping": dops(3, 0),
		"a mapping that ends":     dops(3, 1, 2, 1, 0),
		"no streams":              dops(2, 1, 0, 0, 0, 1),
		"more pairs than streams": dops(2, 1, 1, 2, 0, 1),
		"another order":           dops(3, 1, 2, 1, 0, 1, 2),
		"ambisonics":              dops(4, 2, 4, 0, 0, 1, 2, 3),
		"nine channels":           dops(9, 1, 9, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8),
	} {
		if c, err := New(config, []byte{0xfc}); fault.KindOf(err) != fault.Media {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}

// RFC 6716, 3.1: what packets last, and a silent one of the same duration.
func TestDuration(t *testing.T) {
	for _, c := range []struct {
		packet  []byte
		samples int
		silence string
	}{
		{[]byte{0 << 3}, 480, "f0fffe"},                               // SILK, 10 ms
		{[]byte{3<<3 | 1}, 5760, "fb06" + "fffefffefffefffefffefffe"}, // SILK, two of 60 ms
		{[]byte{13 << 3}, 960, "f8fffe"},                              // hybrid, 20 ms
		{[]byte{16 << 3}, 120, "e0fffe"},                              // CELT, 2.5 ms
		{[]byte{29<<3 | 3, 3}, 720, "eb03fffefffefffe"},               // three of 5 ms
		{[]byte{31<<3 | 3, 0x83}, 2880, "fb03fffefffefffe"},
	} {
		got, err := New(dops(1, 0), c.packet)
		if err != nil || got.FrameSamples() != c.samples || hex.EncodeToString(got.Silence()) != c.silence {
			t.Errorf("%x: %v, %v", c.packet, got, err)
			continue
		}
		if n, err := duration(got.Silence()); err != nil || n != c.samples {
			t.Errorf("%x: silence lasts %d, %v", c.packet, n, err)
		}
	}
	for _, packet := range [][]byte{{}, {0xff}, {0xff, 0}, {0xff, 7}} {
		if n, err := duration(packet); fault.KindOf(err) != fault.Media {
			t.Errorf("%x: %d, %v", packet, n, err)
		}
	}
}

// The control header: a prefix of 11 bits, and the size in bytes of 255.
func TestControlHeader(t *testing.T) {
	c, err := New(dops(2, 0), []byte{0xfc})
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]string{1: "7fe001", 254: "7fe0fe", 255: "7fe0ff00", 256: "7fe0ff01", 511: "7fe0ffff01", 1275: "7fe0ffffffffff00"} {
		packet := append([]byte{0xfc}, make([]byte, size-1)...)
		got, err := c.AppendUnit(nil, packet, media.Place{})
		if err != nil || fmt.Sprintf("%x", got[:len(got)-size]) != want || len(got)-size > c.Extra(0) {
			t.Errorf("%d bytes: %x, %v, want %s", size, got[:min(len(got), 12)], err, want)
		}
	}
	for name, packet := range map[string][]byte{"another duration": {0xf0, 1}, "empty": {}, "too large": append([]byte{0xfc}, make([]byte, 1400)...)} {
		if _, err := c.AppendUnit(nil, packet, media.Place{}); fault.KindOf(err) != fault.Media {
			t.Errorf("%s: %v", name, err)
		}
	}
}
