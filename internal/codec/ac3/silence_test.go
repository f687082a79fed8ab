package ac3

import (
	"bytes"
	"fmt"
	"testing"
)

// remainder divides data as a polynomial over GF(2), bit by bit as by hand, by
// x¹⁶+x¹⁵+x²+1, and returns what is left. A region with its check word leaves
// 0 (ETSI TS 102 366 6.10.1). It shares nothing with crc.
func remainder(data []byte) uint32 {
	var rest uint32
	for _, b := range data {
		for i := 7; i >= 0; i-- {
			rest = rest<<1 | uint32(b>>i&1)
			if rest >= 1<<16 {
				rest ^= 1<<16 | 1<<15 | 1<<2 | 1
			}
		}
	}
	return rest
}

// checkUnit wants every syncframe of the unit to have right check words.
func checkUnit(t testing.TB, unit []byte) {
	t.Helper()
	for len(unit) > 0 {
		f, err := parseSyncframe(unit)
		if err != nil {
			t.Fatal(err)
		}
		frame := unit[:f.size]
		if rest := remainder(frame[2:]); rest != 0 {
			t.Fatalf("102 366 6.10.1: crc2 leaves %04x: %s", rest, f)
		}
		if rest := remainder(frame[2:fiveEighths(f.size)]); rest != 0 && !f.enhanced {
			t.Fatalf("102 366 6.10.1: crc1 leaves %04x: %s", rest, f)
		}
		unit = unit[f.size:]
	}
}

// fiveEighths returns where the region of crc1 ends, in bytes (ETSI TS 102 366 6.10.1).
func fiveEighths(size int) int {
	words := size / 2
	return 2 * (words/2 + words/8)
}

// TestSilenceOfEveryFormat makes silence of every rate, length and layout of
// AC-3, and looks at its length, check words and where its blocks end.
func TestSilenceOfEveryFormat(t *testing.T) {
	for fscod := range uint8(3) {
		for size := range uint8(38) {
			for acmod := range uint8(8) {
				for _, lfe := range []bool{false, true} {
					var s substream
					s.fscod, s.frmsizecod, s.acmod, s.lfe, s.bsid, s.blocks = fscod, size, acmod, lfe, 8, 6
					s.size = 2 * s.words()
					checkSilence(t, s)
				}
			}
		}
	}
}

func checkSilence(t *testing.T, s substream) {
	t.Helper()
	frame := s.silence()
	f, err := parseSyncframe(frame)
	if err != nil || f != s.syncframe || len(frame) != s.size {
		t.Fatalf("102 366 4.3.1: %+v, %v, want %+v", f, err, s.syncframe)
	}
	checkUnit(t, frame)
	skip := skipOf(s)
	if !bytes.Equal(frame, s.seal(s.silent(skip))) {
		t.Errorf("102 366 4.3.3: the skip fields are not %d bytes: %s", skip, s)
	}
	out := new(bitString)
	s.putPlain(out)
	s.putPlainBlock(out, true, skip)
	s.putPlainBlock(out, false, skip)
	if at := fiveEighths(s.size); out.size > 8*at {
		t.Errorf("102 366 4.4.4: two blocks end at bit %d of %d: %s", out.size, 8*at, s)
	}
	if auxiliary := 8*s.size - s.silent(skip).size; auxiliary > 8*(s.size-fiveEighths(s.size)) {
		t.Errorf("102 366 4.4.4: %d bits of auxiliary data: %s", auxiliary, s)
	}
}

// skipOf finds the length of the skip fields that silence chose: the greatest that fits.
func skipOf(s substream) int {
	skip := 0
	for skip < 511 && s.silent(skip+1).size+tailBits <= 8*s.size {
		skip++
	}
	return skip
}

// TestSilenceOfEnhancedFormats does the same for E-AC-3, whose frame grows
// where the first one was too short for silence.
func TestSilenceOfEnhancedFormats(t *testing.T) {
	for acmod := range uint8(8) {
		for _, blocks := range []uint8{1, 2, 3, 6} {
			for _, size := range []int{8, 64, 300, 1792, 4096} {
				for strmtyp := range uint8(3) {
					unit := made(size, func(s *substream) {
						s.acmod, s.blocks, s.strmtyp, s.lfe = acmod, blocks, strmtyp, acmod%2 == 1
					})
					if len(unit) < size || len(unit) > max(size, 128) {
						t.Errorf("102 366 E.1.3.1.3: %d bytes for %d", len(unit), size)
					}
					checkUnit(t, unit)
				}
			}
		}
	}
}

// TestLeadingCRC checks the inverse against the forward computation, with data
// that make crc1 take many values.
func TestLeadingCRC(t *testing.T) {
	data := make([]byte, 50)
	for n := range 2000 {
		copy(data, fmt.Sprint(n*n))
		word := leadingCRC(data)
		if rest := remainder(append([]byte{byte(word >> 8), byte(word)}, data...)); rest != 0 {
			t.Fatalf("102 366 6.10.1: crc1 %04x leaves %04x", word, rest)
		}
	}
}

// TestCRCNeverLooksLikeSync makes frames until the check word would be the
// syncword, and wants crcrsv to turn it into another (ETSI TS 102 366 4.4.5.1).
func TestCRCNeverLooksLikeSync(t *testing.T) {
	s := substream{syncframe: syncframe{format: format{enhanced: true, acmod: 1, blocks: 1}, size: 64}}
	turned := 0
	for n := range uint32(1 << 16) {
		out := new(bitString)
		out.put(syncword, 16)
		out.put(n, 16)
		frame := s.seal(out)
		turned += int(frame[61] & 1)
		if frame[62] == 0x0b && frame[63] == 0x77 {
			t.Fatalf("%x", frame)
		}
		if rest := remainder(frame[2:]); rest != 0 {
			t.Fatalf("102 366 6.10.1: crc2 leaves %04x", rest)
		}
	}
	if turned != 1 {
		t.Errorf("crcrsv was set in %d of 65536 frames, want the one whose check word is the syncword", turned)
	}
}
