package monitor

import (
	"bytes"
	"slices"
	"testing"
)

func TestParseFrame(t *testing.T) {
	dolby := func(fscod, frmsizecod byte) []byte { return []byte{0x0b, 0x77, 0, 0, fscod<<6 | frmsizecod, 8 << 3, 0} }
	enhanced := func(strmtyp byte, frmsiz uint16, codes byte) []byte {
		return []byte{0x0b, 0x77, strmtyp<<6 | byte(frmsiz>>8), byte(frmsiz), codes, 16 << 3, 0}
	}
	tests := []struct {
		name   string
		coding coding
		header []byte
		want   audioFrame // size 0: not a frame
	}{
		{"11172-3 layer I, 384 kb/s, 48 kHz", codingMPEGAudio, []byte{0xff, 0xff, 0xc4, 0}, audioFrame{384, 384, 48000, 0}},
		{"11172-3 layer I with padding", codingMPEGAudio, []byte{0xff, 0xff, 0xc6, 0}, audioFrame{388, 384, 48000, 0}},
		{"11172-3 layer II, 192 kb/s, 48 kHz", codingMPEGAudio, []byte{0xff, 0xfd, 0xa4, 0}, audioFrame{576, 1152, 48000, 0}},
		{"11172-3 layer III, 128 kb/s, 44.1 kHz", codingMPEGAudio, []byte{0xff, 0xfb, 0x90, 0}, audioFrame{417, 1152, 44100, 0}},
		{"11172-3 layer III with padding", codingMPEGAudio, []byte{0xff, 0xfb, 0x92, 0}, audioFrame{418, 1152, 44100, 0}},
		{"13818-3 layer I, 128 kb/s, 24 kHz", codingMPEGAudio, []byte{0xff, 0xf7, 0x84, 0}, audioFrame{256, 384, 24000, 0}},
		{"13818-3 layer II, 64 kb/s, 16 kHz", codingMPEGAudio, []byte{0xff, 0xf5, 0x88, 0}, audioFrame{576, 1152, 16000, 0}},
		{"13818-3 layer III, 64 kb/s, 24 kHz", codingMPEGAudio, []byte{0xff, 0xf3, 0x84, 0}, audioFrame{192, 576, 24000, 0}},
		{"MPEG-2.5 layer III, 16 kb/s, 8 kHz", codingMPEGAudio, []byte{0xff, 0xe3, 0x28, 0}, audioFrame{144, 576, 8000, 0}},
		{"reserved version", codingMPEGAudio, []byte{0xff, 0xeb, 0x90, 0}, audioFrame{}},
		{"reserved layer", codingMPEGAudio, []byte{0xff, 0xf9, 0x90, 0}, audioFrame{}},
		{"reserved sampling rate", codingMPEGAudio, []byte{0xff, 0xfb, 0x9c, 0}, audioFrame{}},
		{"free bit rate", codingMPEGAudio, []byte{0xff, 0xfb, 0x00, 0}, audioFrame{}},
		{"no sync word", codingMPEGAudio, []byte{0xfe, 0xfb, 0x90, 0}, audioFrame{}},

		{"14496-3 ADTS, stereo, 48 kHz, 371 bytes", codingADTS, []byte{0xff, 0xf1, 0x4c, 0x80, 371 >> 3, 371 & 7 << 5, 0}, audioFrame{371, 1024, 48000, 2}},
		{"ADTS, four blocks, 7.1, 7350 Hz, 8191 bytes", codingADTS, []byte{0xff, 0xf9, 0x71, 0xc3, 0xff, 0xe0, 3}, audioFrame{8191, 4096, 7350, 8}},
		{"ADTS shorter than its header", codingADTS, []byte{0xff, 0xf1, 0x4c, 0x80, 0, 6 << 5, 0}, audioFrame{}},
		{"ADTS of a reserved sampling rate", codingADTS, []byte{0xff, 0xf1, 0x74, 0x80, 0x40, 0, 0}, audioFrame{}},
		{"ADTS with layer bits", codingADTS, []byte{0xff, 0xf3, 0x4c, 0x80, 0x40, 0, 0}, audioFrame{}},

		{"TS 102 366 table 4.13: 384 kb/s, 48 kHz", codingAC3, dolby(0, 28), audioFrame{1536, 1536, 48000, 0}},
		{"384 kb/s, 44.1 kHz, 835 words", codingAC3, dolby(1, 28), audioFrame{1670, 1536, 44100, 0}},
		{"384 kb/s, 44.1 kHz, 836 words", codingAC3, dolby(1, 29), audioFrame{1672, 1536, 44100, 0}},
		{"640 kb/s, 32 kHz", codingAC3, dolby(2, 37), audioFrame{3840, 1536, 32000, 0}},
		{"a reserved sampling rate", codingAC3, dolby(3, 28), audioFrame{}},
		{"a reserved size", codingAC3, dolby(0, 38), audioFrame{}},
		{"no sync word", codingAC3, []byte{0x0b, 0x76, 0, 0, 28, 8 << 3, 0}, audioFrame{}},
		{"TS 102 366 E.1.3.1: 6 blocks, 48 kHz", codingEAC3, enhanced(0, 767, 0x30), audioFrame{1536, 1536, 48000, 0}},
		{"1 block, 44.1 kHz", codingEAC3, enhanced(0, 99, 0x40), audioFrame{200, 256, 44100, 0}},
		{"half the sampling rate: 22.05 kHz", codingEAC3, enhanced(0, 99, 0xd0), audioFrame{200, 1536, 22050, 0}},
		{"a dependent substream lasts nothing", codingEAC3, enhanced(1, 99, 0x30), audioFrame{200, 0, 48000, 0}},
		{"AC-3 in a stream of E-AC-3", codingEAC3, dolby(0, 28), audioFrame{1536, 1536, 48000, 0}},
		{"H.264 has no audio frames", codingH264, []byte{0xff, 0xfb, 0x90, 0}, audioFrame{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parseFrame(tt.coding, tt.header)
			if want := tt.want.size > 0; ok != want || ok && got != tt.want {
				t.Errorf("%+v, %v; want %+v, %v", got, ok, tt.want, want)
			}
		})
	}
}

// TestFramesAcrossPieces cuts a stream with garbage in it into pieces of every
// size, and finds the same frames.
func TestFramesAcrossPieces(t *testing.T) {
	frame := func(n int) []byte {
		return append([]byte{0xff, 0xf1, 0x4c, 0x80, byte(n >> 3), byte(n&7) << 5, 0}, bytes.Repeat([]byte{0x55}, n-7)...)
	}
	b := slices.Concat(frame(20), frame(7), []byte("garbage"), frame(30), frame(25))
	want := []int{20, 7, 30, 25}
	for size := 1; size <= len(b); size++ {
		f := audioFrames{coding: codingADTS}
		var got []int
		for piece := range slices.Chunk(b, size) {
			for len(piece) > 0 {
				taken, _, parsed := f.next(piece)
				if parsed {
					got = append(got, f.last.size)
				}
				piece = piece[taken:]
			}
		}
		if !slices.Equal(got, want) || f.count != 4 {
			t.Errorf("pieces of %d: frames of %v bytes, want %v", size, got, want)
		}
	}
	f := audioFrames{coding: codingADTS}
	f.next(b[:10])
	f.reset()
	if taken, began, parsed := f.next(frame(20)); taken != 7 || !began || !parsed {
		t.Errorf("after a reset: %d bytes, began %v, parsed %v; want a whole header", taken, began, parsed)
	}
}

func TestCodings(t *testing.T) {
	tests := []struct {
		streamType  byte
		descriptors string
		want        string
		kind        string
	}{
		{0x01, "", "MPEG-1 video", "video"},
		{0x02, "", "MPEG-2 video", "video"},
		{0x1b, "", "H.264", "video"},
		{0x24, "", "HEVC", "video"},
		{0x03, "", "MPEG audio", "audio"},
		{0x04, "", "MPEG audio", "audio"},
		{0x0f, "", "AAC (ADTS)", "audio"},
		{0x11, "", "AAC (LATM)", "audio"},
		{0x81, "", "AC-3", "audio"},
		{0x87, "", "E-AC-3", "audio"},
		{0x06, "\x0a\x04eng\x00\x6a\x01\x00", "AC-3", "audio"},
		{0x06, "\x7a\x01\x00", "E-AC-3", "audio"},
		{0x06, "\x05\x04AC-3", "AC-3", "audio"},
		{0x06, "\x05\x04EAC3", "E-AC-3", "audio"},
		{0x06, "\x59\x00", "data", ""},
		{0x06, "\x05\x04AC", "data", ""}, // shorter than it says
		{0x86, "", "data", ""},
	}
	for _, tt := range tests {
		c := codingOf(pmtEntry{streamType: tt.streamType, descriptors: []byte(tt.descriptors)})
		kind := ""
		if c.video() {
			kind = "video"
		} else if c.audio() {
			kind = "audio"
		}
		if c.String() != tt.want || kind != tt.kind {
			t.Errorf("stream_type %#x, descriptors %q: %v, %q; want %s, %q", tt.streamType, tt.descriptors, c, kind, tt.want, tt.kind)
		}
	}
}

// TestDTSFrames: a core frame of 428 bytes lasts 512 samples, and the extension
// substream behind it no time of its own (ETSI TS 102 114, 5.3.1 and 7.4.1).
func TestDTSFrames(t *testing.T) {
	core := []byte{0x7f, 0xfe, 0x80, 0x01, 0xfc, 0x3c, 0x1a, 0xb0, 0xb5, 0x20}
	if f, ok := parseFrame(codingDTS, core); !ok || f != (audioFrame{size: 428, samples: 512, rate: 48000}) {
		t.Errorf("core: %+v, %v", f, ok)
	}
	// A header of 12 bytes, and 300 bytes in all, in fields of 8 and 16 bits, and of 12 and 20.
	for name, b := range map[string][]byte{
		"short fields": {0x64, 0x58, 0x20, 0x25, 0, 0x01, 0x60, 0x25, 0x60, 0},
		"long fields":  {0x64, 0x58, 0x20, 0x25, 0, 0x20, 0x16, 0x00, 0x25, 0x60},
	} {
		if f, ok := parseFrame(codingDTS, b); !ok || f != (audioFrame{size: 300, rate: -1}) {
			t.Errorf("%s: %+v, %v", name, f, ok)
		}
	}
	frames := audioFrames{coding: codingDTS}
	data := append(append(core, make([]byte, 418)...), append([]byte{0x64, 0x58, 0x20, 0x25, 0, 0x01, 0x60, 0x25, 0x60, 0}, make([]byte, 290)...)...)
	for len(data) > 0 {
		n, _, _ := frames.next(data)
		data = data[n:]
	}
	if frames.count != 2 || frames.lost || frames.last != (audioFrame{size: 300, rate: 48000}) {
		t.Errorf("%+v", frames)
	}
}
