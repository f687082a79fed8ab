package monitor

// frame is what the header of an audio frame says of it.
type frame struct {
	size, samples, rate, channels int
}

// frameHeader is how many bytes parseFrame needs of a coding.
func frameHeader(c coding) int {
	switch c {
	case codingMPEGAudio:
		return 4
	case codingEAC3, codingAC3:
		return 7
	case codingADTS:
		return 7
	default:
		return 0
	}
}

// parseFrame reads the header of an audio frame; b has frameHeader bytes.
func parseFrame(c coding, b []byte) (frame, bool) {
	var f frame
	switch c {
	case codingADTS:
		f = parseADTS(b)
	case codingMPEGAudio:
		f = parseMPEGAudio(b)
	case codingAC3, codingEAC3:
		f = parseDolby(b)
	default:
		return f, false
	}
	return f, f.size >= len(b) && f.rate > 0
}

// parseADTS reads an adts_fixed_header and what follows it (ISO/IEC 14496-3, 1.A.2.2).
func parseADTS(b []byte) frame {
	rates := [16]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}
	if b[0] != 0xff || b[1]&0xf6 != 0xf0 {
		return frame{}
	}
	channels := int(b[2]&1)<<2 | int(b[3]>>6)
	if channels == 7 {
		channels = 8
	}
	return frame{
		size:     int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5]>>5),
		samples:  1024 * (int(b[6]&3) + 1),
		rate:     rates[b[2]>>2&15],
		channels: channels,
	}
}

// parseMPEGAudio reads the header of ISO/IEC 11172-3, 2.4.1.3, with the lower
// sampling rates of 13818-3.
func parseMPEGAudio(b []byte) frame {
	layer, rate, kbps := 4-int(b[1]>>1&3), mpegRate(b), mpegBitRate(b)
	if b[0] != 0xff || b[1]&0xe0 != 0xe0 || layer == 4 || rate == 0 || kbps == 0 {
		return frame{}
	}
	f := frame{rate: rate, channels: 2, samples: 1152}
	padding := int(b[2] >> 1 & 1)
	if layer == 1 {
		f.samples = 384
		f.size = (12*kbps*1000/rate + padding) * 4
		return f
	}
	if layer == 3 && b[1]&8 == 0 {
		f.samples = 576
	}
	f.size = f.samples/8*kbps*1000/rate + padding
	return f
}

func mpegRate(b []byte) int {
	rate := [4]int{44100, 48000, 32000, 0}[b[2]>>2&3]
	switch b[1] >> 3 & 3 {
	case 3:
		return rate
	case 2:
		return rate / 2
	case 0:
		return rate / 4
	default:
		return 0
	}
}

func mpegBitRate(b []byte) int {
	var table [16]int
	switch one, layer := b[1]&8 != 0, 4-int(b[1]>>1&3); {
	case one && layer == 1:
		table = [16]int{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}
	case one && layer == 2:
		table = [16]int{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384}
	case one:
		table = [16]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
	case layer == 1:
		table = [16]int{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256}
	default:
		table = [16]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
	}
	return table[b[2]>>4]
}

// parseDolby reads a syncframe of AC-3 or E-AC-3, which bsid tells apart
// (ETSI TS 102 366, 4.4.1 and E.1.3.1).
func parseDolby(b []byte) frame {
	if b[0] != 0x0b || b[1] != 0x77 {
		return frame{}
	}
	if b[5]>>3 <= 10 {
		return parseAC3(b)
	}
	return parseEAC3(b)
}

func parseAC3(b []byte) frame {
	rates := [4]int{48000, 44100, 32000, 0}
	kbps := [19]int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640}
	rate, code := rates[b[4]>>6], int(b[4]&63)
	if rate == 0 || code/2 >= len(kbps) {
		return frame{}
	}
	words := kbps[code/2] * 1000 / 16 * 1536 / rate
	if rate == 44100 {
		words += code & 1
	}
	return frame{size: words * 2, samples: 1536, rate: rate, channels: int(b[6] >> 5)}
}

func parseEAC3(b []byte) frame {
	f := frame{size: 2 * (int(b[2]&7)<<8 + int(b[3]) + 1)}
	blocks := [4]int{1, 2, 3, 6}
	f.rate = [4]int{48000, 44100, 32000, 0}[b[4]>>6]
	f.samples = 256 * blocks[b[4]>>4&3]
	if f.rate == 0 {
		f.rate = [4]int{24000, 22050, 16000, 0}[b[4]>>4&3]
		f.samples = 1536
	}
	if b[2]>>6 == 1 {
		f.samples = 0
	}
	return f
}

// frames follows the frames of an audio stream from header to header, over
// the bounds of packets.
type frames struct {
	coding coding
	head   [8]byte
	have   int
	left   int
	lost   bool
	last   frame
	count  int64
}

// reset forgets the frame in progress.
func (f *frames) reset() { f.have, f.left, f.lost = 0, 0, false }

// next takes bytes up to the beginning of a frame, or to the whole header of
// one, whichever comes first, and returns how many. began says that a frame
// begins before the first of them, ended that its header is complete.
func (f *frames) next(b []byte) (taken int, began, ended bool) {
	if f.left > 0 {
		taken = min(f.left, len(b))
		f.left -= taken
		return taken, false, false
	}
	began = f.have == 0 && !f.lost
	need := frameHeader(f.coding)
	taken = min(need-f.have, len(b))
	f.have += copy(f.head[f.have:need], b[:taken])
	if f.have < need {
		return taken, began, false
	}
	hunting := f.lost
	ended = f.header(need)
	return taken, began || hunting && ended, ended
}

// header judges the header that is complete. Where it is none, it is looked for a byte further on.
func (f *frames) header(need int) bool {
	h, ok := parseFrame(f.coding, f.head[:need])
	if !ok {
		f.lost = true
		copy(f.head[:], f.head[1:need])
		f.have = need - 1
		return false
	}
	f.last, f.left, f.have, f.lost = h, h.size-need, 0, false
	f.count++
	return true
}
