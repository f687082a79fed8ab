package ac3

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// plain returns a syncframe of AC-3 with these bytes behind crc1 and zeros behind them.
func plain(t testing.TB, head string, size int) []byte {
	t.Helper()
	return filled(t, "0b770000"+head, size)
}

// filled returns the bytes with zeros behind them.
func filled(t testing.TB, head string, size int) []byte {
	t.Helper()
	b, err := hex.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, make([]byte, size-len(b))...)
}

// made returns a silent syncframe of E-AC-3 of that format.
func made(size int, change func(*substream)) []byte {
	var s substream
	s.enhanced, s.blocks, s.acmod, s.bsid, s.size = true, 6, 2, 16, size
	s.dialnorm = 31
	change(&s)
	return s.silence()
}

func surround(s *substream) { s.acmod, s.lfe = 7, true }

func dependent(s *substream) {
	s.strmtyp, s.acmod = streamDependent, 6
	s.chanmape, s.chanmap = true, leftSurround|rightSurround|1<<9
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestNew(t *testing.T) {
	for _, tc := range []struct {
		name, head     string
		size           int
		want           string
		rate, channels int
		descriptor     string
	}{
		{"102 366 4.3.2: 5.1", "1e40eb", 1792, "AC-3 48000 Hz 5.1 448 kb/s", 48000, 6, "6a03c04408"},
		{"102 366 4.3.2: 5.0", "1e40ea", 1792, "AC-3 48000 Hz 5.0 448 kb/s", 48000, 5, "6a03c04408"},
		{"102 366 4.3.2: stereo", "144040", 768, "AC-3 48000 Hz stereo 192 kb/s", 48000, 2, "6a03c04208"},
		{"102 366 4.3.2: 2.1", "144044", 768, "AC-3 48000 Hz 2.1 192 kb/s", 48000, 3, "6a03c04208"},
		{"102 366 4.3.2: Dolby Surround", "144050", 768, "AC-3 48000 Hz stereo 192 kb/s", 48000, 2, "6a03c04308"},
		{"102 366 4.3.2: mono", "084020", 256, "AC-3 48000 Hz mono 64 kb/s", 48000, 1, "6a03c04008"},
		{"102 366 4.3.2: dual mono", "144000", 768, "AC-3 48000 Hz dual mono 192 kb/s", 48000, 2, "6a03c04108"},
		{"102 366 table 4.13: 44.1 kHz", "5e40eb", 1950, "AC-3 44100 Hz 5.1 448 kb/s", 44100, 6, "6a03c04408"},
		{"102 366 table 4.13: a word more", "5f40eb", 1952, "AC-3 44100 Hz 5.1 448 kb/s", 44100, 6, "6a03c04408"},
		{"102 366 table 4.13: 32 kHz", "a540eb", 3840, "AC-3 32000 Hz 5.1 640 kb/s", 32000, 6, "6a03c04408"},
		{"102 366 D: bsid 6", "1e30eb", 1792, "AC-3 48000 Hz 5.1 448 kb/s", 48000, 6, "6a03c04406"},
		{"300 468 table D.1: visually impaired", "084220", 256, "AC-3 48000 Hz mono 64 kb/s", 48000, 1, "6a03c01008"},
		{"300 468 table D.1: hearing impaired", "144340", 768, "AC-3 48000 Hz stereo 192 kb/s", 48000, 2, "6a03c05a08"},
		{"300 468 table D.1: music and effects", "144140", 768, "AC-3 48000 Hz stereo 192 kb/s", 48000, 2, "6a03c00a08"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := New(plain(t, tc.head, tc.size))
			if err != nil {
				t.Fatal(err)
			}
			if c.String() != tc.want || c.SampleRate() != tc.rate || c.Channels() != tc.channels || c.FrameSamples() != 1536 || c.Codec() != "ac-3" {
				t.Errorf("%s, %d Hz, %d channels, %d samples", c, c.SampleRate(), c.Channels(), c.FrameSamples())
			}
			if got := hex.EncodeToString(c.Descriptors()); got != tc.descriptor {
				t.Errorf("descriptor %s, want %s", got, tc.descriptor)
			}
			checkConstants(t, c)
		})
	}
}

func checkConstants(t *testing.T, c *Coding) {
	t.Helper()
	if c.StreamType() != 0x06 || c.StreamID() != 0xbd || c.SegmentFormat() != media.FragmentedMP4 || c.Extra(media.RandomAccess) != 0 || c.Buffer() != (media.Buffer{Leak: 2_000_000, Size: 5696}) {
		t.Errorf("stream type %#x, extra %d, %+v", c.StreamType(), c.Extra(0), c.Buffer())
	}
	got, err := c.AppendUnit(nil, c.Silence(), media.Place{})
	if err != nil || len(got) != c.size {
		t.Errorf("silence of %d bytes instead of %d: %v", len(got), c.size, err)
	}
}

func TestNewEnhanced(t *testing.T) {
	half := func(s *substream) { s.fscod, s.fscod2 = 3, 0 }
	few := func(s *substream) { s.blocks, s.convsync = 2, true }
	converted := func(s *substream) { s.strmtyp, s.blkid, s.original = streamConverted, true, 20 }
	second := func(s *substream) { s.substrm, s.acmod = 1, 1 }
	for _, tc := range []struct {
		name                    string
		sample                  []byte
		want                    string
		rate, samples, channels int
		descriptor              string
	}{
		{"102 366 E.1.2.2: stereo", made(768, func(*substream) {}), "E-AC-3 48000 Hz stereo 192 kb/s", 48000, 1536, 2, "7a03c0c210"},
		{"102 366 E.1.2.2: 5.1", made(768, surround), "E-AC-3 48000 Hz 5.1 192 kb/s", 48000, 1536, 6, "7a03c0c410"},
		{"102 366 table E.1.3: 24 kHz", made(768, half), "E-AC-3 24000 Hz stereo 96 kb/s", 24000, 1536, 2, "7a03c0c210"},
		{"102 366 E.1.3.1.5: two blocks", bytes.Repeat(made(256, few), 3), "E-AC-3 48000 Hz stereo 192 kb/s", 48000, 1536, 2, "7a03c0c210"},
		{"102 366 E.1.3.1.1: converted", made(768, converted), "E-AC-3 48000 Hz stereo 192 kb/s", 48000, 1536, 2, "7a03c0c210"},
		{"102 366 table E.1.7: 7.1", join(made(1024, surround), made(512, dependent)), "E-AC-3 48000 Hz 7.1 384 kb/s", 48000, 1536, 8, "7a03c0c510"},
		{"300 468 D.5: two programmes", join(made(768, surround), made(256, second)), "E-AC-3 48000 Hz 5.1 256 kb/s", 48000, 1536, 6, "7a04c4c61040"},
		{"300 468 D.5: half rate of blocks", join(made(256, few), made(256, few)), "E-AC-3 48000 Hz stereo 192 kb/s", 48000, 1024, 2, "7a03c0c210"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := NewEnhanced(tc.sample)
			if err != nil {
				t.Fatal(err)
			}
			if c.String() != tc.want || c.SampleRate() != tc.rate || c.Channels() != tc.channels || c.FrameSamples() != tc.samples || c.Codec() != "ec-3" {
				t.Errorf("%s, %d Hz, %d channels, %d samples", c, c.SampleRate(), c.Channels(), c.FrameSamples())
			}
			if got := hex.EncodeToString(c.Descriptors()); got != tc.descriptor {
				t.Errorf("descriptor %s, want %s", got, tc.descriptor)
			}
			checkConstants(t, c)
			if !bytes.Equal(c.Silence(), tc.sample) {
				t.Error("the silence of a silent unit is another one")
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tc := range []struct {
		name   string
		sample []byte
		new    func([]byte) (*Coding, error)
		want   string
	}{
		{"102 366 4.3.1: nothing", nil, New, "does not begin with independent substream 0"},
		{"102 366 4.3.1: four bytes", make([]byte, 4), New, "4 bytes are too few"},
		{"102 366 4.4.1.1: syncword", filled(t, "770b000000144040", 768), New, "770b instead of the syncword"},
		{"102 366 4.4.1.3: reserved rate", plain(t, "d44040", 768), New, "reserved"},
		{"102 366 table 4.13: reserved size", plain(t, "264040", 768), New, "reserved"},
		{"102 366 4.4.2.1: bsid 9", plain(t, "144840", 768), New, "identification 9 is neither"},
		{"102 366 4.4.2.1: bsid 31", plain(t, "14f840", 768), New, "identification 31 is neither"},
		{"102 366 table 4.13: half a frame", plain(t, "144040", 767), New, "a syncframe of 768 bytes in 767"},
		{"102 366 F: two frames", bytes.Repeat(plain(t, "144040", 768), 2), New, "2 syncframes"},
		{"102 366 F: E-AC-3 as AC-3", made(768, surround), New, "identification 16, not one of AC-3"},
		{"102 366 F: AC-3 as E-AC-3", plain(t, "144040", 768), NewEnhanced, "a syncframe of AC-3"},
		{"102 366 E.1.3.1.1: reserved type", filled(t, "0b77c17f3480000000", 768), NewEnhanced, "reserved"},
		{"102 366 E.1.3.1.3: no room", filled(t, "0b7700003480000000", 768), NewEnhanced, "reserved"},
		{"102 366 E.1.3.1.2: dependent first", made(768, dependent), NewEnhanced, "does not begin with"},
		{"102 366 E.1.2.2: bsi cut off", filled(t, "0b7700033480ffff", 8), NewEnhanced, "does not fit into its syncframe of 8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := tc.new(tc.sample)
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
	main, more := made(1024, surround), made(512, dependent)
	for _, tc := range []struct {
		name          string
		first, sample []byte
		want          string
	}{
		{"102 366 F: as it is", plain(t, "144040", 768), plain(t, "144040", 768), ""},
		{"102 366 table 4.13: a word more", plain(t, "5e40eb", 1950), plain(t, "5f40eb", 1952), ""},
		{"102 366 4.4.2.3: another acmod", plain(t, "1e40eb", 1792), plain(t, "1e4040", 1792), "acmod 2, lfe false"},
		{"102 366 4.4.1.3: another rate", plain(t, "144040", 768), plain(t, "944040", 1152), "32000 Hz"},
		{"102 366 F: a frame too many", plain(t, "144040", 768), plain(t, "144040", 1536), "ends after 768"},
		{"102 366 F: a byte too few", plain(t, "144040", 768), plain(t, "144040", 767), "768 bytes in 767"},
		{"102 366 F: nothing", plain(t, "144040", 768), nil, "syncframe 0 of 1"},
		{"102 366 E.1.3.1.2: substreams", join(main, more), join(main, more), ""},
		{"102 366 E.1.3.1.3: other sizes", join(main, more), join(made(700, surround), made(300, dependent)), ""},
		{"102 366 E.1.3.1.2: one gone", join(main, more), main, "syncframe 1 of 2"},
		{"102 366 E.1.3.1.2: other order", join(main, more), join(main, main), "syncframe 2 of a sample"},
		{"102 366 E.1.3.1.2: one added", main, join(main, more), "ends after 1024"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := codingOf(t, tc.first).AppendUnit([]byte("kept"), tc.sample, media.Place{})
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
	for _, sample := range [][]byte{plain(t, "1e40eb", 1792), join(made(1024, surround), made(512, dependent))} {
		c, dst := codingOf(t, sample), make([]byte, 0, 4096)
		if n := testing.AllocsPerRun(100, func() { _, _ = c.AppendUnit(dst, sample, media.Place{}) }); n != 0 {
			t.Errorf("%s: %v allocations", c, n)
		}
	}
}

func codingOf(t testing.TB, sample []byte) *Coding {
	t.Helper()
	c, err := New(sample)
	if err != nil {
		c, err = NewEnhanced(sample)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func FuzzNew(f *testing.F) {
	f.Add(plain(f, "1e40eb", 1792))
	f.Add(plain(f, "5f4000", 1952))
	f.Add(made(768, surround))
	f.Add(join(made(1024, surround), made(512, dependent)))
	f.Add(filled(f, "0b7700033480ffff", 8))
	f.Fuzz(func(t *testing.T, sample []byte) {
		for _, form := range []func([]byte) (*Coding, error){New, NewEnhanced} {
			c, err := form(sample)
			if err != nil {
				if strings.Contains(err.Error(), "\n") {
					t.Fatal(err)
				}
				continue
			}
			unit, err := c.AppendUnit(nil, c.Silence(), media.Place{})
			if err != nil || c.FrameSamples()%blockSamples != 0 || c.SampleRate() < 16000 || c.String() == "" {
				t.Fatalf("%s: %d bytes, %v", c, len(unit), err)
			}
			checkUnit(t, unit)
		}
	})
}

func FuzzAppendUnit(f *testing.F) {
	unit := join(made(1024, surround), made(512, dependent))
	f.Add(unit, unit)
	f.Add(unit, made(1024, surround))
	f.Add(plain(f, "1e40eb", 1792), plain(f, "1e4040", 1792))
	f.Fuzz(func(t *testing.T, first, sample []byte) {
		for _, form := range []func([]byte) (*Coding, error){New, NewEnhanced} {
			c, err := form(first)
			if err != nil {
				continue
			}
			got, err := c.AppendUnit([]byte("kept"), sample, media.Place{})
			if want := append([]byte("kept"), sample...); err == nil && !bytes.Equal(got, want) {
				t.Fatalf("%d bytes of %d", len(got), len(want))
			}
			if err != nil && string(got) != "kept" {
				t.Fatalf("%q", got)
			}
		}
	})
}
