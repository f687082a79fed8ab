package dts

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// sample returns a frame with the header of ffmpeg 5.1: stereo, 48 kHz, 512 samples, 428 bytes.
func sample() []byte {
	b := make([]byte, 428)
	header, _ := hex.DecodeString("7ffe8001fc3c1ab0b520013800")
	copy(b, header)
	return b
}

// withField returns a sample with other bits from bit at on.
func withField(at, n int, value uint64) []byte {
	b := sample()
	v := binary.BigEndian.Uint64(b[4:])
	shift := 64 - (at - 32) - n
	v = v&^((1<<n-1)<<shift) | value<<shift
	binary.BigEndian.PutUint64(b[4:], v)
	return b
}

func TestNew(t *testing.T) {
	extended := append(sample(), 0x64, 0x58, 0x20, 0x25, 0, 0, 0, 0)
	for name, c := range map[string]struct {
		sample      []byte
		want, codec string
		channels    int
		descriptors string
	}{
		// Sampling 13, rate 9, NBLKS 15, FSIZE 427, mode 2.
		"5.3.1: stereo":          {sample(), "DTS 48000 Hz stereo 321 kb/s", "dtsc", 2, "0504" + "44545331" + "7b05" + "d247835610"},
		"7.4: with an extension": {extended, "DTS-HD 48000 Hz stereo 321 kb/s", "dtsh", 2, "0504" + "44545331" + "7b05" + "d247835610"},
		// Mode 9: three in front, two behind; 1024 samples.
		"3/2, 1024 samples": {func() []byte {
			b := withField(60, 6, 9)
			b[5] = b[5]&3 | 31<<2
			return b
		}(), "DTS 48000 Hz 5.0 161 kb/s", "dtsc", 5, "0504" + "44545332" + "7b05" + "d24f835648"},
	} {
		got, err := New(c.sample)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.String() != c.want || got.Codec() != c.codec || got.Channels() != c.channels || hex.EncodeToString(got.Descriptors()) != c.descriptors {
			t.Errorf("%s: %s, %s, %d channels, %x", name, got, got.Codec(), got.Channels(), got.Descriptors())
		}
	}
	for name, b := range map[string][]byte{
		"nothing":            {},
		"an extension alone": append([]byte{0x64, 0x58, 0x20, 0x25}, sample()...),
		"words of 14 bits":   append([]byte{0x1f, 0xff, 0xe8, 0x00}, sample()...),
		"a reserved rate":    withField(66, 4, 15),
		"a user's mode":      withField(60, 6, 40),
		"a shorter frame":    withField(32, 1, 0),
		"a longer frame":     withField(46, 14, 500),
	} {
		if got, err := New(b); fault.KindOf(err) != fault.Media {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// A silent frame has the configuration of the track, whatever its length and channels,
// and ends with the synchronization word of its last subframe.
func TestSilence(t *testing.T) {
	for _, blocks := range []uint64{8, 16, 24, 32, 64, 128} {
		for mode, channels := range map[uint64]int{0: 1, 2: 2, 9: 5} {
			for lfe := range uint64(3) {
				b := sample()
				for _, field := range []struct {
					at, n int
					value uint64
				}{{39, 7, blocks - 1}, {60, 6, mode}, {85, 2, lfe}} {
					v := binary.BigEndian.Uint64(b[4:])
					shift := 64 - (field.at - 32) - field.n
					binary.BigEndian.PutUint64(b[4:], v&^((1<<field.n-1)<<shift)|field.value<<shift)
				}
				c, err := New(b)
				if err != nil {
					t.Fatal(err)
				}
				s := c.Silence()
				f, err := parseFrame(s)
				if err != nil || f.size != len(s) || f.channels() != channels || f.blocks != int(blocks) || f.lfe != uint(lfe) {
					t.Errorf("%d blocks, mode %d, lfe %d: %+v, %v", blocks, mode, lfe, f, err)
				}
				if got, err := c.AppendUnit(nil, s, media.Place{}); err != nil || !bytes.Equal(got, s) {
					t.Errorf("%d blocks, mode %d, lfe %d: %v", blocks, mode, lfe, err)
				}
			}
		}
	}
	// By hand: one subframe of two parts; two channels of two subbands, none by vectors,
	// allocation in 4 bits, the last codebook of each set; then DSYNC.
	c, err := New(sample())
	if err != nil {
		t.Fatal(err)
	}
	const want = "7ffe8001fc3c05f0b520003800" + "020004200016ffffffffffffa000003fffc0"
	if got := hex.EncodeToString(c.Silence()); got[:len(want)] != want || len(got) != 2*96 {
		t.Errorf("%s, want %s and zeros", got, want)
	}
}

func TestAppendUnit(t *testing.T) {
	c, err := New(sample())
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"another mode": withField(60, 6, 0), "another rate": withField(66, 4, 8), "longer": withField(39, 7, 31), "damaged": {1, 2, 3}} {
		if _, err := c.AppendUnit(nil, b, media.Place{}); fault.KindOf(err) != fault.Media {
			t.Errorf("%s: %v", name, err)
		}
	}
}
