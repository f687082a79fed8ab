package avc

import (
	"math/bits"
	"slices"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// seamReserve is by how many bytes another idr_pic_id may make a sample longer: two bits
// a slice and what that moves, and the emulation prevention bytes that appear by it.
const seamReserve = 64

// SeamID returns the idr_pic_id that the last picture of a lap must have so that it
// differs from that of the first one and that of the picture before it: two IDR pictures
// in a row must differ in it (7.4.3). ok is false if it does so already, or one of the two is not
// an IDR picture. before is the sample before the last one.
func (c *Coding) SeamID(first, before, last []byte) (id uint32, ok bool) {
	next, ok := c.pictureID(first)
	if !ok {
		return 0, false
	}
	own, ok := c.pictureID(last)
	if !ok || own != next {
		return 0, false
	}
	previous, consecutive := c.pictureID(before)
	for id := range uint32(8) { // Of three ids one differs from both, of eight one has the same length if any has.
		if id != next && (!consecutive || id != previous) && codeLength(id) == codeLength(own) {
			return id, true
		}
	}
	for id = range uint32(3) {
		if id != next && (!consecutive || id != previous) {
			break
		}
	}
	return id, true
}

// codeLength returns the length of ue(v) in bits.
func codeLength(v uint32) int { return 2*bits.Len32(v+1) - 1 }

// pictureID returns the idr_pic_id of a sample. ok is false if it is not an IDR picture.
func (c *Coding) pictureID(sample []byte) (id uint32, ok bool) {
	for u := c.Units(sample); u.Next(); {
		if unitType(u.Unit()) == typeIDR {
			b := nal.NewBitReader(u.Unit()[1:])
			h, ok := parseSlice(&b, c.Sets(sample))
			return h.id, ok
		}
	}
	return 0, false
}

// Extra is that of the byte stream, and more where idr_pic_id changes.
func (c *Coding) Extra(marks media.Marks) int {
	n := c.ByteStream.Extra(marks)
	if marks&media.Renumbered != 0 {
		n += seamReserve
	}
	return n
}

// AppendUnit is that of the byte stream. Where another idr_pic_id makes the sample too
// long it keeps its own.
func (c *Coding) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	got, err := c.ByteStream.AppendUnit(dst, sample, at)
	if at.PictureID > 0 && len(got)-len(dst) > len(sample)+c.Extra(at.Marks) {
		at.PictureID = 0
		return c.ByteStream.AppendUnit(dst, sample, at)
	}
	return got, err
}

// renumber gives the slice that is dst from an index on another idr_pic_id.
func renumber(dst []byte, slice int, id uint32, sets nal.Sets) []byte {
	payload := nal.AppendPayload(nil, dst[slice+1:])
	b := nal.NewPlainBitReader(payload)
	h, ok := parseSlice(&b, sets)
	if !ok || h.id == id {
		return dst
	}
	var w bitAppender
	w.copy(payload, 0, h.idAt)
	w.ue(id)
	b.Flag() // long_term_reference_flag
	return w.appendRest(dst[:slice+1], payload, h.idEnd, &b, h.pps, h.kind)
}

// appendRest appends what w holds to dst, and behind it the payload of a slice from a
// bit on. b stands behind dec_ref_pic_marking of the payload.
func (w *bitAppender) appendRest(dst, payload []byte, from int, b *nal.BitReader, p pps, kind uint32) []byte {
	if !p.cabac {
		w.copy(payload, from, trailingBits(payload))
		w.bit(1) // rbsp_stop_one_bit
		return nal.AppendPrevented(dst, w.bytes)
	}
	p.skipToData(b, kind)
	w.copy(payload, from, b.Position())
	for w.n%8 != 0 {
		w.bit(1) // cabac_alignment_one_bit
	}
	data := payload[min((b.Position()+7)/8, len(payload)):]
	return nal.AppendPrevented(dst, append(w.bytes, data...))
}

// trailingBits returns where the last bit of a payload is that is 1: rbsp_stop_one_bit.
func trailingBits(payload []byte) int {
	for i, v := range slices.Backward(payload) {
		if v != 0 {
			return 8*i + 7 - bits.TrailingZeros8(v)
		}
	}
	return 0
}

// bitAppender appends bits, the first one highest.
type bitAppender struct {
	bytes []byte
	n     int // bits written
}

func (w *bitAppender) bit(v byte) {
	if w.n%8 == 0 {
		w.bytes = append(w.bytes, 0)
	}
	w.bytes[w.n/8] |= v << (7 - w.n%8)
	w.n++
}

// copy appends bits from to end − 1 of b.
func (w *bitAppender) copy(b []byte, from, end int) {
	for ; end-from >= 16; from += 8 { // So that the byte after the current one is there.
		v := uint16(b[from/8])<<8 | uint16(b[from/8+1])
		w.byte(byte(v << (from % 8) >> 8))
	}
	for ; from < end; from++ {
		w.bit(b[from/8] >> (7 - from%8) & 1)
	}
}

func (w *bitAppender) byte(v byte) {
	if shift := w.n % 8; shift > 0 {
		w.bytes[w.n/8] |= v >> shift
		v <<= 8 - shift
	}
	w.bytes = append(w.bytes, v)
	w.n += 8
}

// ue appends ue(v).
func (w *bitAppender) ue(v uint32) {
	for i := codeLength(v) - 1; i >= 0; i-- {
		w.bit(byte(uint64(v+1) >> i & 1))
	}
}
