package monitor

import (
	"bytes"

	"github.com/Eyevinn/mp4ff/bits"
)

// maxParameterBytes is how far into an access unit its parameters are searched.
const maxParameterBytes = 4096

// parameterReader derives the sizes of a decoder's buffers from the parameter
// sets or headers of a stream. It sees packets before they are queued, so that
// the T-STD has them in time.
type parameterReader struct {
	coding coding
	atsc   bool // AC-3 as ATSC has it
	header pesHeader
	buf    []byte
	active bool
}

// packet takes the next packet of the stream.
func (r *parameterReader) packet(p packet) (Buffer, bool) {
	b := p[p.payload():]
	if p.unitStart() {
		r.header = pesHeader{}
		r.buf, r.active = r.buf[:0], true
	}
	if !r.active {
		return Buffer{}, false
	}
	b = b[r.header.write(b):]
	if r.header.bad || len(r.buf) > maxParameterBytes {
		r.active = false
		return Buffer{}, false
	}
	r.buf = append(r.buf, b...)
	buf, ok := bufferOf(r.coding, r.buf)
	if r.atsc {
		buf.Size = 736 + 64 + 1792 // BSmux + BSpad + BSdec (ATSC A/52)
	}
	return buf, ok
}

// bufferOf derives the buffers from the beginning of an access unit; ok is
// false while that is too short.
func bufferOf(c coding, b []byte) (buf Buffer, ok bool) {
	switch c {
	case codingH264: // ISO/IEC 14496-10, 7.3.2.1.1
		if sps := findUnit(b, 0x1f, 7, 4); sps != nil {
			return h264Buffer(sps[1], sps[2], sps[3])
		}
	case codingHEVC:
		return hevcParameters(b)
	case codingMPEG1Video, codingMPEG2Video:
		return mpeg2Parameters(b)
	case codingDTS:
		return dtsBuffer(b)
	case codingMPEG4Video:
		return mpeg4Buffer(), true
	case codingLATM, codingOpus:
		return audioBuffer(c, 2), true
	default:
		if n := frameHeaderSize(c); n > 0 && len(b) >= n {
			f, ok := parseFrame(c, b[:n])
			return audioBuffer(c, f.channels), ok
		}
	}
	return Buffer{}, false
}

// findUnit returns what follows the first start code whose next byte equals
// value under the mask: at least n bytes, or nil.
func findUnit(b []byte, mask, value byte, n int) []byte {
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

// hevcParameters reads profile, tier and level of an SPS (ISO/IEC 23008-2,
// 7.3.2.2 and 7.3.3), which are at fixed places in the RBSP.
func hevcParameters(b []byte) (Buffer, bool) {
	sps := findUnit(b, 0x7e, 33<<1, 24)
	rbsp := bits.NewEBSPReader(bytes.NewReader(sps)).ReadBytes(15)
	if rbsp == nil {
		return Buffer{}, false
	}
	return hevcBuffer(rbsp[3]&0x1f, rbsp[3]&0x20 != 0, rbsp[14])
}

// mpeg2Parameters reads a sequence header and its extension (ISO/IEC 13818-2,
// 6.2.2.1 and 6.2.2.3). MPEG-1 has no extension and counts as Main level.
func mpeg2Parameters(b []byte) (Buffer, bool) {
	h := findUnit(b, 0xff, 0xb3, 12)
	if h == nil {
		return Buffer{}, false
	}
	rate := int64(h[5])<<10 | int64(h[6])<<2 | int64(h[7]>>6)
	size := int64(h[7]&0x1f)<<5 | int64(h[8]>>3)
	ext := findUnit(h, 0xff, 0xb5, 7)
	if ext == nil || ext[1]>>4 != 1 {
		return mpeg2Buffer(8, size*16*1024, rate*400), len(h) > 200
	}
	rate |= (int64(ext[3]&0x1f)<<7 | int64(ext[4]>>1)) << 18
	size |= int64(ext[5]) << 10
	return mpeg2Buffer(ext[2]>>4, size*16*1024, rate*400), true
}
