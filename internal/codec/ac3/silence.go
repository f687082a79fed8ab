package ac3

import "encoding/binary"

const (
	// tailBits is what ends every syncframe: auxdatae, crcrsv (encinfo in
	// E-AC-3) and crc2 (ETSI TS 102 366 4.3.4, 4.3.5).
	tailBits = 1 + 1 + 16
	// skipBits is the width of skipl, which counts the bytes of a skip field.
	skipBits = 9
	// deepest is the greatest first exponent, a magnitude of 2 to the −15.
	deepest = 15
)

// Exponents that stay at their first value: strategy D45, which codes 4 bins
// with one difference and 3 differences in a group (ETSI TS 102 366 6.1.3).
const (
	strategyD45 = 3
	// levelGroup is three differences of 0, each coded as 2: 2·25 + 2·5 + 2.
	levelGroup = 62
	// fullGroups are needed for the 73 bins of the narrowest channel (chbwcod 0).
	fullGroups = 6
	// lowGroups are needed for the 7 bins of the low frequency channel, one by one.
	lowGroups = 2
)

// silence returns a syncframe of the same format and length in which SNR offsets
// of 0 leave every coefficient without bits (ETSI TS 102 366, 6.2.2.1) and dither
// is off, so that decoders output zeros.
//
// The remaining bytes are spread over the skip fields of all blocks. After the last
// block they would break the rules that two blocks end within the first 5/8 of an
// AC-3 frame and that auxiliary data is in the last 3/8.
func (s substream) silence() []byte {
	bare := s.silent(0).size
	s.size = max(s.size, (bare+tailBits+15)/16*2)
	room := (8*s.size-bare-tailBits)/int(s.blocks) - skipBits
	return s.seal(s.silent(min(max(room/8, 0), 1<<skipBits-1)))
}

// silent returns the frame up to its last block, with skip bytes in the skip
// field of each.
func (s substream) silent(skip int) *bitString {
	out := new(bitString)
	if !s.enhanced {
		s.putPlain(out)
		for block := range s.blocks {
			s.putPlainBlock(out, block == 0, skip)
		}
		return out
	}
	s.putEnhanced(out)
	s.putAudioFrame(out)
	for block := range s.blocks {
		s.putEnhancedBlock(out, block == 0, skip)
	}
	return out
}

// seal fills the frame with auxiliary bits and sets its check words. crc1 covers the
// first 5/8 of an AC-3 frame, crc2 the whole frame, which equals the rest since
// crc1 leaves the register at 0 (ETSI TS 102 366, 6.10.1). crcrsv keeps crc2 from
// looking like a syncword (4.4.5.1).
func (s substream) seal(out *bitString) []byte {
	out.zeros(8*s.size - out.size)
	frame := out.data
	if !s.enhanced {
		words := s.size / 2
		binary.BigEndian.PutUint16(frame[2:], leadingCRC(frame[4:2*(words>>1+words>>3)]))
	}
	end := s.size - 2
	sum := crc(0, frame[2:end])
	if sum == syncword {
		frame[end-1] ^= 1
		sum = crc(0, frame[2:end])
	}
	binary.BigEndian.PutUint16(frame[end:], sum)
	return frame
}

// putPlain writes syncinfo and bsi of AC-3 (ETSI TS 102 366 4.3.1, 4.3.2);
// seal puts crc1 in.
func (s substream) putPlain(out *bitString) {
	out.put(syncword, 16)
	out.zeros(16) // crc1
	out.put(uint32(s.fscod), 2)
	out.put(uint32(s.frmsizecod), 6)
	out.put(uint32(s.bsid), 5)
	out.put(uint32(s.bsmod), 3)
	out.put(uint32(s.acmod), 3)
	out.put(uint32(s.mix), s.mixBits())
	out.flag(s.lfe)
	out.put(uint32(s.dialnorm), 5)
	out.zeros(3) // compre, langcode, audprodie
	if s.acmod == 0 {
		out.put(uint32(s.dialnorm), 5)
		out.zeros(3)
	}
	out.zeros(5) // copyrightb, origbs, timecod1e, timecod2e, addbsie
}

// putPlainBlock writes an audio block of AC-3 (ETSI TS 102 366 4.3.3): the
// first one everything, the others that nothing changes.
func (s substream) putPlainBlock(out *bitString, first bool, skip int) {
	n := s.fullChannels()
	out.zeros(2 * n) // blksw, dithflag
	s.putRange(out)
	out.flag(first) // cplstre
	if first {
		out.zeros(1) // cplinu
	}
	if s.acmod == 2 {
		out.flag(first) // rematstr
		if first {
			out.zeros(4) // rematflg
		}
	}
	s.putStrategies(out, first)
	channels := n
	if s.lfe {
		channels++
		out.flag(first) // lfeexpstr
	}
	if first {
		s.putExponents(out)
	}
	out.flag(first) // baie
	if first {
		out.zeros(2 + 2 + 2 + 2 + 3) // sdcycod, fdcycod, sgaincod, dbpbcod, floorcod
	}
	out.flag(first) // snroffste
	if first {
		out.zeros(6 + 7*channels) // csnroffst, and fsnroffst and fgaincod of each: silence
	}
	out.zeros(1) // deltbaie
	putSkip(out, skip)
}

// putRange writes the flags of dynamic range words: none.
func (s substream) putRange(out *bitString) {
	out.zeros(1) // dynrnge
	if s.acmod == 0 {
		out.zeros(1) // dynrng2e
	}
}

// putStrategies writes chexpstr: D45 in the first block, reuse in the others.
func (s substream) putStrategies(out *bitString, first bool) {
	strategy := uint32(0)
	if first {
		strategy = strategyD45
	}
	for range s.fullChannels() {
		out.put(strategy, 2)
	}
}

// putExponents writes chbwcod and the exponents of every channel.
func (s substream) putExponents(out *bitString) {
	out.zeros(6 * s.fullChannels()) // chbwcod
	for range s.fullChannels() {
		putLevel(out, fullGroups)
		out.zeros(2) // gainrng
	}
	if s.lfe {
		putLevel(out, lowGroups)
	}
}

// putLevel writes exponents that all have the deepest value.
func putLevel(out *bitString, groups int) {
	out.put(deepest, 4)
	for range groups {
		out.put(levelGroup, 7)
	}
}

// putSkip writes skiple and, where there is one, a skip field of n bytes.
func putSkip(out *bitString, n int) {
	out.flag(n > 0)
	if n > 0 {
		out.put(uint32(n), skipBits)
		out.zeros(8 * n)
	}
}
