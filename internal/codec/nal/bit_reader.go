package nal

// BitReader reads the raw byte sequence payload of a NAL unit and skips
// emulation prevention bytes (ISO/IEC 14496-10, 7.3.1; 23008-2, 7.3.1.1). After
// the end it reads zeros and Short reports it, so that a parser checks once, when
// it is done. It never allocates.
type BitReader struct {
	data  []byte
	at    int    // next byte of data
	word  uint64 // the last bytes read, the latest lowest
	left  uint   // unread bits of word
	zeros int    // zero bytes in a row before at
	short bool
	plain bool // there are no emulation prevention bytes
}

// NewBitReader returns a reader of payload, a NAL unit without its header.
func NewBitReader(payload []byte) BitReader { return BitReader{data: payload} }

// NewPlainBitReader returns a reader of a payload without emulation prevention bytes.
func NewPlainBitReader(payload []byte) BitReader { return BitReader{data: payload, plain: true} }

// Position returns how many bits of a plain payload were read.
func (b *BitReader) Position() int { return b.at*8 - int(b.left) }

// Read returns the next n bits, 0 to 32, the first one highest.
func (b *BitReader) Read(n uint) uint32 {
	for b.left < n {
		b.word = b.word<<8 | uint64(b.next())
		b.left += 8
	}
	b.left -= n
	return uint32(b.word >> b.left & (1<<n - 1))
}

// Flag returns the next bit.
func (b *BitReader) Flag() bool { return b.Read(1) == 1 }

// UE returns the next ue(v), an Exp-Golomb code of 0 to 2³²−2 (ISO/IEC 14496-10,
// 9.1; 23008-2, 9.2). An se(v) takes the same bits. A longer code counts as a
// damaged end.
func (b *BitReader) UE() uint32 {
	var zeros uint
	for ; !b.Flag(); zeros++ {
		if b.short || zeros == 31 {
			b.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + b.Read(zeros)
}

// SkipUE skips n codes, ue(v) or se(v).
func (b *BitReader) SkipUE(n int) {
	for range n {
		b.UE()
	}
}

// Skip skips n bits and stops at the end of the payload.
func (b *BitReader) Skip(n uint) {
	for ; n > 0 && !b.short; n -= min(n, 32) {
		b.Read(min(n, 32))
	}
}

// Last returns where the bit read last is: the index in the payload, and a mask.
func (b *BitReader) Last() (index int, mask byte) { return b.at - 1, 1 << b.left }

// Rest returns how many bytes of the payload are untouched.
func (b *BitReader) Rest() int { return len(b.data) - b.at }

// Short reports whether more was read than there is.
func (b *BitReader) Short() bool { return b.short }

// next returns the next byte of the payload. A 3 after two zeros is not part of it.
func (b *BitReader) next() byte {
	if !b.plain && b.zeros >= 2 && b.at < len(b.data) && b.data[b.at] == 3 {
		b.at++
		b.zeros = 0
	}
	if b.at >= len(b.data) {
		b.short = true
		return 0
	}
	v := b.data[b.at]
	b.at++
	b.zeros++
	if v != 0 {
		b.zeros = 0
	}
	return v
}
