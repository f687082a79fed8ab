package monitor

import "bytes"

// sniffSize is how far into an access unit its parameters are looked for.
const sniffSize = 4096

// sniffer finds out from the first bytes of a stream how large its decoder's
// buffers are. It sees packets before they wait for their time, so that the
// answer is there when the model needs it.
type sniffer struct {
	coding coding
	header pesHeader
	buf    []byte
	active bool
}

// packet takes the next packet of the stream.
func (s *sniffer) packet(p packet) (Buffer, bool) {
	b := p[p.body():]
	if p.unitStart() {
		s.header.begin()
		s.buf, s.active = s.buf[:0], true
	}
	if !s.active {
		return Buffer{}, false
	}
	b = b[s.header.feed(b):]
	if s.header.bad || len(s.buf) > sniffSize {
		s.active = false
		return Buffer{}, false
	}
	s.buf = append(s.buf, b...)
	return bufferOf(s.coding, s.buf)
}

// bufferOf derives the buffers from the beginning of an access unit, if it says enough.
func bufferOf(c coding, b []byte) (Buffer, bool) {
	switch c {
	case codingH264:
		return h264Parameters(b)
	case codingHEVC:
		return hevcParameters(b)
	case codingMPEG1Video, codingMPEG2Video:
		return mpeg2Parameters(b)
	case codingLATM:
		return audioBuffer(c, 2), true
	default:
		return audioParameters(c, b)
	}
}

func audioParameters(c coding, b []byte) (Buffer, bool) {
	n := frameHeader(c)
	if n == 0 || len(b) < n {
		return Buffer{}, false
	}
	f, ok := parseFrame(c, b[:n])
	return audioBuffer(c, f.channels), ok
}

// unitWith returns what follows the first start code whose next byte, under
// the mask, has that value: at least n bytes of it.
func unitWith(b []byte, mask, value byte, n int) []byte {
	for {
		i := bytes.Index(b, []byte{0, 0, 1})
		if i < 0 || len(b) < i+3+n {
			return nil
		}
		b = b[i+3:]
		if b[0]&mask == value {
			return b
		}
	}
}

// h264Parameters reads profile and level of a sequence parameter set (ISO/IEC 14496-10, 7.3.2.1.1).
func h264Parameters(b []byte) (Buffer, bool) {
	u := unitWith(b, 0x1f, 7, 4)
	if u == nil {
		return Buffer{}, false
	}
	return h264Buffer(u[1], u[2], u[3])
}

// hevcParameters reads profile, tier and level of a sequence parameter set
// (ISO/IEC 23008-2, 7.3.2.2 and 7.3.3): all at fixed places, once the bytes
// that emulation prevention put in are gone.
func hevcParameters(b []byte) (Buffer, bool) {
	u := unitWith(b, 0x7e, 33<<1, 24)
	if u == nil {
		return Buffer{}, false
	}
	var raw [15]byte
	if !unescape(raw[:], u) {
		return Buffer{}, false
	}
	return hevcBuffer(raw[3]&0x1f, raw[3]&0x20 != 0, raw[14])
}

// unescape fills dst with the bytes of a NAL unit without emulation prevention (7.4.2).
func unescape(dst, b []byte) bool {
	n, zeros := 0, 0
	for _, v := range b {
		if zeros >= 2 && v == 3 {
			zeros = 0
			continue
		}
		if n == len(dst) {
			break
		}
		dst[n] = v
		n++
		if v != 0 {
			zeros = -1
		}
		zeros++
	}
	return n == len(dst)
}

// mpeg2Parameters reads a sequence header and its extension (ISO/IEC 13818-2,
// 6.2.2.1 and 6.2.2.3); MPEG-1 has none and counts as Main level.
func mpeg2Parameters(b []byte) (Buffer, bool) {
	u := unitWith(b, 0xff, 0xb3, 12)
	if u == nil {
		return Buffer{}, false
	}
	rate := int64(u[5])<<10 | int64(u[6])<<2 | int64(u[7]>>6)
	size := int64(u[7]&0x1f)<<5 | int64(u[8]>>3)
	ext := unitWith(u, 0xff, 0xb5, 7)
	if ext == nil || ext[1]>>4 != 1 {
		return mpeg2Buffer(8, size*16*1024, rate*400), len(u) > 200
	}
	rate |= (int64(ext[3]&0x1f)<<7 | int64(ext[4]>>1)) << 18
	size |= int64(ext[5]) << 10
	return mpeg2Buffer(ext[2]>>4, size*16*1024, rate*400), true
}
