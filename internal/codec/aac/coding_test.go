package aac

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

func TestNew(t *testing.T) {
	for _, tc := range []struct {
		name, config, want string
		rate, channels     int
		buffer             media.Buffer
	}{
		{"14496-3 1.6.2.1: LC", "1190", "AAC-LC 48000 Hz stereo", 48000, 2, small()},
		{"14496-3 1.6.2.1: LC 44100", "1210", "AAC-LC 44100 Hz stereo", 44100, 2, small()},
		{"14496-3 1.6.2.1: Main mono", "0988", "AAC-Main 48000 Hz mono", 48000, 1, small()},
		{"14496-3 1.6.2.1: SSR", "1990", "AAC-SSR 48000 Hz stereo", 48000, 2, small()},
		{"14496-3 1.6.2.1: LTP", "2190", "AAC-LTP 48000 Hz stereo", 48000, 2, small()},
		{"14496-3 table 1.19: 3.0", "1198", "AAC-LC 48000 Hz 3.0", 48000, 3, large()},
		{"14496-3 table 1.19: 5.1", "11b0", "AAC-LC 48000 Hz 5.1", 48000, 6, large()},
		{"14496-3 table 1.19: 7.1", "11b8", "AAC-LC 48000 Hz 7.1", 48000, 8, large()},
		{"14496-3 1.6.2.1: rate in full", "1780" + "5dc010", "AAC-LC 48000 Hz stereo", 48000, 2, small()},
		{"14496-3 1.6.5.2: SBR explicit", "2b118800", "HE-AAC 48000 Hz stereo", 24000, 2, small()},
		{"14496-3 1.6.5.2: SBR 5.1", "2b318800", "HE-AAC 48000 Hz 5.1", 24000, 6, large()},
		{"14496-3 1.6.5.2: PS explicit", "eb098800", "HE-AACv2 48000 Hz stereo", 24000, 2, small()},
		{"14496-3 1.6.5.3: SBR behind LC", "131056e598", "HE-AAC 48000 Hz stereo", 24000, 2, small()},
		{"14496-3 1.6.5.3: PS behind LC", "130856e59d4880", "HE-AACv2 48000 Hz stereo", 24000, 2, small()},
		{"14496-3 1.6.5.3: no SBR", "119056e500", "AAC-LC 48000 Hz stereo", 48000, 2, small()},
		{"14496-3 1.6.5.3: cut off", "131056e5", "AAC-LC 24000 Hz stereo", 24000, 2, small()},
		{"14496-3 8.A: PS over stereo is none", "eb118800", "HE-AAC 48000 Hz stereo", 24000, 2, small()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := New(unhex(t, tc.config))
			if err != nil {
				t.Fatal(err)
			}
			if c.String() != tc.want || c.SampleRate() != tc.rate || c.Channels() != tc.channels || c.Buffer() != tc.buffer {
				t.Errorf("%s, %d Hz, %d channels, %+v", c, c.SampleRate(), c.Channels(), c.Buffer())
			}
			object := map[string]string{"AAC-Main": "1", "AAC-LC": "2", "AAC-SSR": "3", "AAC-LTP": "4", "HE-AAC": "5", "HE-AACv2": "29"}
			if profile, _, _ := strings.Cut(tc.want, " "); c.Codec() != "mp4a.40."+object[profile] {
				t.Errorf("6381 3.3: %s", c.Codec())
			}
			checkConstants(t, c)
		})
	}
}

func small() media.Buffer { return media.Buffer{Leak: 2_000_000, Size: 3584} }
func large() media.Buffer { return media.Buffer{Leak: 5_529_600, Size: 8976} }

func checkConstants(t *testing.T, c *Coding) {
	t.Helper()
	if c.StreamType() != 0x0f || c.Descriptors() != nil || c.Extra(media.RandomAccess) != 7 || c.FrameSamples() != 1024 {
		t.Errorf("stream type %#x, descriptors %x, extra %d, %d samples",
			c.StreamType(), c.Descriptors(), c.Extra(0), c.FrameSamples())
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tc := range []struct{ name, config, want string }{
		{"14496-3 1.6.2.1: nothing", "", "ends early, after 0 bytes"},
		{"14496-3 1.6.2.1: one byte", "11", "ends early, after 1 bytes"},
		{"14496-3 4.4.1: cut off", "2b1188", "ends early, after 3 bytes"},
		{"14496-3 table 1.19: 0", "1180", "channelConfiguration 0 promises a program_config_element"},
		{"14496-3 table 1.19: 11", "11d8", "channelConfiguration 11"},
		{"14496-3 4.4.1: 960 samples", "1194", "960 samples"},
		{"14496-3 4.4.1: core coder", "1192", "scalable"},
		{"14496-3 table 1.17: USAC", "f9464040", "42 (USAC, xHE-AAC)"},
		{"14496-3 table 1.17: ELD", "f8e85000", "39 (AAC ELD)"},
		{"14496-3 table 1.17: ALS", "f8900000", "36 (ALS)"},
		{"14496-3 table 1.17: null object", "00000000", "type 0 (not AAC"},
		{"14496-3 table 1.17: SBR over SBR", "2b1194000000", "type 5 (not AAC"},
		{"14496-3 table 1.18: reserved index", "1690", "no index for a sample rate of 0 Hz"},
		{"14496-3 table 1.18: reserved index of SBR", "2b168800", "band replication is reserved"},
		{"14496-3 table 1.18: 12345 Hz", "1780181c9000", "no index for a sample rate of 12345 Hz"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := New(unhex(t, tc.config))
			if err == nil {
				t.Fatal(c)
			}
			if !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") || fault.KindOf(err) != fault.Media {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

// TestSilence compares with frames written down by hand from the syntax tables.
func TestSilence(t *testing.T) {
	for _, tc := range []struct{ name, config, want string }{
		{"14496-3 4.4.2.1: SCE", "1188", "00000007"},
		{"14496-3 4.4.2.1: CPE", "1190", "21000000001c"},
		{"14496-3 4.4.2.1: SCE CPE CPE LFE", "11b0", "00000001080000000023000000000c000000e0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := New(unhex(t, tc.config))
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(c.Silence()); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
			if h, err := parseADTS(adts(t, c)); err != nil || h.size != headerSize+len(c.Silence()) {
				t.Errorf("%+v, %v", h, err)
			}
		})
	}
}

func TestSilenceIsACopy(t *testing.T) {
	c := stereo(t)
	c.Silence()[0] = 0
	if c.Silence()[0] != 0x21 {
		t.Error("a caller changed it")
	}
}

// adts returns a silent access unit as an ADTS frame.
func adts(t *testing.T, c *Coding) []byte {
	t.Helper()
	b, err := c.AppendUnit(nil, c.Silence(), media.Place{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzNew(f *testing.F) {
	for _, seed := range []string{"1190", "2b118800", "eb098800", "131056e598", "130856e59d4880", "17805dc010", "1180", "f9464040"} {
		b, _ := hex.DecodeString(seed)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, config []byte) {
		c, err := New(config)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatal(err)
			}
			return
		}
		if c.SampleRate() <= 0 || c.Channels() < 1 || c.Channels() > 8 || c.String() == "" {
			t.Fatalf("%s: %d Hz, %d channels", c, c.SampleRate(), c.Channels())
		}
		if h, err := parseADTS(adts(t, c)); err != nil || h.size != headerSize+len(c.Silence()) {
			t.Fatalf("%+v, %v", h, err)
		}
	})
}

// TestSegments checks that every object type but the widely played ones is kept apart.
func TestSegments(t *testing.T) {
	for config, want := range map[string]media.SegmentFormat{
		"1190": media.AnySegmentFormat, "2b118800": media.AnySegmentFormat, "eb098800": media.AnySegmentFormat,
		"0990": media.FragmentedMP4, "2190": media.FragmentedMP4,
	} {
		c, err := New(unhex(t, config))
		if err != nil || c.SegmentFormat() != want {
			t.Errorf("%s: %v, %v", config, c, err)
		}
	}
}
