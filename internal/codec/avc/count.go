package avc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// LapCount returns how far a lap without an IDR picture counts, so that the next one
// can count on: the samples are those of its units that are decoded first and last, and
// of those that are shown first and last. ok is false where they do not tell.
func (c *Coding) LapCount(first, last, firstShown, lastShown []byte) (n media.Count, head media.Head, ok bool) {
	var all [4]numbers
	for i, sample := range [...][]byte{first, last, firstShown, lastShown} {
		if all[i], ok = c.numbers(sample); !ok || all[i].order.layout() != all[0].order.layout() {
			return n, head, false
		}
	}
	n.Frames = all[1].frame.value - all[0].frame.value
	if all[1].reference { // 7.4.3: frame_num counts reference frames.
		n.Frames++
	}
	n.Order = all[3].lsb.value - all[2].lsb.value + 2 // 8.2.1: of both fields of a frame
	head = media.Head{Frame: all[0].frame.value, Units: 1 << all[0].frame.bits}
	return n, head, true
}

// layout is what must not change within a lap that counts on.
func (o order) layout() order {
	return order{frameBits: o.frameBits, orderType: o.orderType, orderBits: o.orderBits}
}

// numbers are the fields of a slice header that count pictures.
type numbers struct {
	order      order
	pps        pps
	kind       uint32 // slice_type modulo 5
	field      bool   // field_pic_flag
	reference  bool
	frame, lsb field // frame_num, and pic_order_cnt_lsb, which may have no bits
}

// field is a number of up to 16 bits in a NAL unit.
type field struct {
	value uint32
	bits  uint
	index [16]int // of the byte of each bit, after the unit's header
	mask  [16]byte
}

func readField(b *nal.BitReader, bits uint) field {
	f := field{bits: min(bits, 16)}
	for i := range f.bits {
		f.value = f.value<<1 | b.Read(1)
		f.index[i], f.mask[i] = b.Last()
	}
	return f
}

// add adds n to the number in the payload of a unit.
func (f *field) add(payload []byte, n uint32) {
	v := f.value + n
	for i := range f.bits {
		payload[f.index[i]] &^= f.mask[i]
		if v>>(f.bits-1-i)&1 != 0 {
			payload[f.index[i]] |= f.mask[i]
		}
	}
}

// numbers returns the numbers of a sample's first slice, which is not one of an IDR picture.
func (c *Coding) numbers(sample []byte) (numbers, bool) {
	for u := c.Units(sample); u.Next(); {
		switch t := unitType(u.Unit()); t {
		case typeIDR:
			return numbers{}, false
		case typeSlice, typePartitionA:
			return parseNumbers(u.Unit(), c.Sets(sample))
		}
	}
	return numbers{}, false
}

// parseNumbers parses the header of a slice that is not one of an IDR picture (7.3.3).
func parseNumbers(slice []byte, sets nal.Sets) (n numbers, ok bool) {
	b := nal.NewBitReader(slice[1:])
	return n, n.read(&b, slice[0], sets)
}

// read reads a slice header behind the unit's header up to pic_order_cnt_lsb.
func (n *numbers) read(b *nal.BitReader, header byte, sets nal.Sets) (ok bool) {
	b.UE() // first_mb_in_slice
	n.kind = b.UE() % 5
	if n.order, n.pps, ok = parameters(b.UE(), sets); !ok {
		return false
	}
	n.reference = header>>5&3 != 0
	if n.order.separatePlanes {
		b.Read(2) // colour_plane_id
	}
	n.frame = readField(b, n.order.frameBits)
	if n.field = !n.order.framesOnly && b.Flag(); n.field {
		b.Flag() // bottom_field_flag
	}
	if n.order.orderType == 0 {
		n.lsb = readField(b, n.order.orderBits)
	}
	return !b.Short()
}

// maxCounted is how many bytes of a slice hold its numbers, with three codes of 63
// bits before them and emulation prevention bytes.
const maxCounted = 48

// hasZeros reports whether two zero bytes follow each other.
func hasZeros(b []byte) bool {
	for i := 1; i < len(b); i++ {
		if b[i-1]|b[i] == 0 {
			return true
		}
	}
	return false
}

// countOn makes the numbers of a slice at the end of dst run on from those of the laps before.
func countOn(dst []byte, slice int, by media.Count, sets nal.Sets) []byte {
	n, ok := parseNumbers(dst[slice:], sets)
	if !ok || by == (media.Count{}) {
		return dst
	}
	end := n.frame.index[max(n.frame.bits, 1)-1]
	if n.lsb.bits > 0 {
		end = n.lsb.index[n.lsb.bits-1]
	}
	header := dst[slice+1 : min(len(dst), slice+1+end+3)]
	if len(header) > maxCounted {
		return dst
	}
	var copied [maxCounted]byte
	before := copied[:copy(copied[:], header)]
	n.frame.add(header, by.Frames)
	n.lsb.add(header, by.Order)
	if !hasZeros(before) && !hasZeros(header) {
		return dst // No start code and no emulation prevention byte appears or goes.
	}
	var changed [maxCounted]byte
	after := changed[:copy(changed[:], header)]
	copy(header, before)
	payload := nal.AppendPayload(nil, dst[slice:])
	for i := range end + 1 {
		if at := len(nal.AppendPayload(nil, dst[slice:slice+2+i])) - 1; after[i] != before[i] {
			payload[at] = after[i]
		}
	}
	return nal.AppendPrevented(dst[:slice], payload)
}
