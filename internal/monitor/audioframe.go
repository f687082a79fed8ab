package monitor

import "encoding/binary"

// audioFrame is what the header of an audio frame says. Channels is known of ADTS only.
type audioFrame struct {
	size, samples, rate, channels int
}

// frameHeaderSize returns how many bytes parseFrame needs, 0 for codings whose
// frames are not followed.
func frameHeaderSize(c coding) int {
	switch c {
	case codingMPEGAudio:
		return 4
	case codingADTS, codingAC3, codingEAC3:
		return 7
	case codingDTS:
		return 10
	default:
		return 0
	}
}

// parseFrame parses the header of an audio frame; b has frameHeaderSize bytes.
func parseFrame(c coding, b []byte) (f audioFrame, ok bool) {
	switch {
	case len(b) < frameHeaderSize(c):
	case c == codingDTS:
		f = parseDTS(b)
	case c == codingADTS && b[0] == 0xff && b[1]&0xf6 == 0xf0:
		f = parseADTS(b)
	case c == codingMPEGAudio && b[0] == 0xff && b[1]&0xe0 == 0xe0:
		f = parseMPEGAudio(b)
	case (c == codingAC3 || c == codingEAC3) && b[0] == 0x0b && b[1] == 0x77:
		if b[5]>>3 <= 10 { // bsid (ETSI TS 102 366, 4.4.2.1 and E.1.3.1.6)
			f = parseAC3(b)
		} else {
			f = parseEAC3(b)
		}
	}
	return f, f.size >= len(b) && f.rate != 0
}

// parseADTS parses an ADTS header (ISO/IEC 14496-3, 1.A.2.2).
func parseADTS(b []byte) audioFrame {
	rates := [16]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}
	channels := int(b[2]&1)<<2 | int(b[3]>>6)
	if channels == 7 {
		channels = 8
	}
	return audioFrame{
		size:     int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5]>>5),
		samples:  1024 * (int(b[6]&3) + 1),
		rate:     rates[b[2]>>2&15],
		channels: channels,
	}
}

// parseMPEGAudio parses the header of ISO/IEC 11172-3, 2.4.1.3, with the lower
// sampling rates of 13818-3 and MPEG-2.5.
func parseMPEGAudio(b []byte) audioFrame {
	version, layer := b[1]>>3&3, 4-int(b[1]>>1&3)
	mpeg1 := version == 3
	rate := [4]int{44100, 48000, 32000, 0}[b[2]>>2&3] / [4]int{4, 1 << 30, 2, 1}[version]
	var kbps [16]int
	switch {
	case mpeg1 && layer == 1:
		kbps = [16]int{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}
	case mpeg1 && layer == 2:
		kbps = [16]int{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384}
	case mpeg1:
		kbps = [16]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
	case layer == 1:
		kbps = [16]int{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256}
	default:
		kbps = [16]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
	}
	bitRate, padding := kbps[b[2]>>4]*1000, int(b[2]>>1&1)
	switch {
	case layer == 4, rate == 0, bitRate == 0:
		return audioFrame{}
	case layer == 1:
		return audioFrame{size: (12*bitRate/rate + padding) * 4, samples: 384, rate: rate}
	case layer == 3 && !mpeg1:
		return audioFrame{size: 72*bitRate/rate + padding, samples: 576, rate: rate}
	}
	return audioFrame{size: 144*bitRate/rate + padding, samples: 1152, rate: rate}
}

// parseAC3 parses an AC-3 syncframe (ETSI TS 102 366, 4.3 and table 4.13).
func parseAC3(b []byte) audioFrame {
	kbps := [19]int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640}
	rate, code := [4]int{48000, 44100, 32000, 0}[b[4]>>6], int(b[4]&63)
	if rate == 0 || code/2 >= len(kbps) {
		return audioFrame{}
	}
	words := kbps[code/2] * 1000 / 16 * 1536 / rate
	if rate == 44100 {
		words += code & 1
	}
	return audioFrame{size: words * 2, samples: 1536, rate: rate}
}

// parseEAC3 parses an E-AC-3 syncframe (ETSI TS 102 366, E.1.3.1). Frames of a
// dependent substream last no time of their own.
func parseEAC3(b []byte) audioFrame {
	f := audioFrame{size: 2 * (int(b[2]&7)<<8 + int(b[3]) + 1)}
	f.rate = [4]int{48000, 44100, 32000, 0}[b[4]>>6]
	f.samples = 256 * [4]int{1, 2, 3, 6}[b[4]>>4&3]
	if f.rate == 0 {
		f.rate, f.samples = [4]int{24000, 22050, 16000, 0}[b[4]>>4&3], 1536
	}
	if b[2]>>6 == 1 {
		f.samples = 0
	}
	return f
}

// parseDTS parses the header of a DTS core frame (ETSI TS 102 114, 5.3.1), or of the
// extension substream behind it (7.4.1), which lasts no time of its own and has the
// rate −1, that of the core.
func parseDTS(b []byte) audioFrame {
	v := binary.BigEndian.Uint64(b[2:])
	switch binary.BigEndian.Uint32(b) {
	case 0x7ffe8001:
		rate := [16]int{1: 8000, 2: 16000, 3: 32000, 6: 11025, 7: 22050, 8: 44100, 11: 12000, 12: 24000, 13: 48000}[b[8]>>2&15]
		return audioFrame{size: int(b[5]&3)<<12 | int(b[6])<<4 | int(b[7]>>4) + 1, samples: 32 * (int(b[4]&1)<<6 | int(b[5]>>2) + 1), rate: rate}
	case 0x64582025:
		if b[5]&0x20 == 0 { // 8 bits of header size, 16 of the substream's
			return audioFrame{size: int(v>>13&0xffff) + 1, rate: -1}
		}
		return audioFrame{size: int(v>>5&0xfffff) + 1, rate: -1}
	}
	return audioFrame{}
}

// audioFrames follows the frames of an audio stream from header to header,
// across the borders of packets.
type audioFrames struct {
	coding coding
	header [10]byte
	have   int // bytes of header
	left   int // bytes of the frame behind its header
	lost   bool
	last   audioFrame
	count  int64
}

// reset forgets the frame in progress.
func (f *audioFrames) reset() { f.have, f.left, f.lost = 0, 0, false }

// next takes bytes up to the start of a frame or to the end of its header,
// whichever comes first, and returns how many. began reports that a frame
// starts before the first of them, parsed that its header is complete.
func (f *audioFrames) next(b []byte) (taken int, began, parsed bool) {
	if f.left > 0 {
		taken = min(f.left, len(b))
		f.left -= taken
		return taken, false, false
	}
	began = f.have == 0 && !f.lost
	size := frameHeaderSize(f.coding)
	taken = copy(f.header[f.have:size], b)
	f.have += taken
	if f.have < size {
		return taken, began, false
	}
	hunting := f.lost
	parsed = f.parse(size)
	return taken, began || hunting && parsed, parsed
}

// parse parses the complete header. Without a valid one it looks one byte further on.
func (f *audioFrames) parse(size int) bool {
	h, ok := parseFrame(f.coding, f.header[:size])
	if !ok {
		f.lost = true
		f.have = copy(f.header[:], f.header[1:size])
		return false
	}
	if h.rate < 0 {
		h.rate = f.last.rate
	}
	f.last, f.left, f.have, f.lost = h, h.size-size, 0, false
	f.count++
	return true
}
