package dts

import (
	"bytes"
	"encoding/binary"

	"github.com/Eyevinn/mp4ff/bits"

	"github.com/lilo-live/lilo/internal/fault"
)

// Synchronization words of the core and of an extension substream.
const (
	syncCore      = 0x7ffe8001
	syncExtension = 0x64582025
)

// advice follows messages about a track that cannot be carried.
const advice = "--encode avc would turn it into AAC"

// frame holds the fields of a core frame's header (ETSI TS 102 114, 5.3.1).
type frame struct {
	blocks    int // NBLKS + 1, of 32 samples
	size      int // FSIZE + 1, in bytes
	mode      uint
	rateCode  uint // SFREQ
	bitRate   uint // RATE
	lfe       uint // LFF
	precision uint // PCMR
}

// headerSize is the length of a core frame's header without its CRC, in bytes.
const headerSize = 13

// parseFrame parses the core frame that a sample begins with.
func parseFrame(sample []byte) (frame, error) {
	var f frame
	if len(sample) < headerSize {
		return f, fault.New(fault.Media, "DTS: a sample of %d bytes is too short for a frame: the file is damaged; get it again", len(sample))
	}
	switch sync := binary.BigEndian.Uint32(sample); sync {
	case syncCore:
	case syncExtension:
		return f, fault.New(fault.Media, "DTS: a frame without a core (DTS Express, or lossless alone) cannot be announced to receivers: %s", advice)
	default:
		return f, fault.New(fault.Media, "DTS: %08x instead of the synchronization word 7ffe8001: %s", sync, advice)
	}
	r := bits.NewReader(bytes.NewReader(sample[4:headerSize]))
	normal, short := r.Read(1) == 1, r.Read(5)
	r.Read(1) // CPF
	f.blocks, f.size = int(r.Read(7))+1, int(r.Read(14))+1
	f.mode, f.rateCode, f.bitRate = r.Read(6), r.Read(4), r.Read(5)
	r.Read(1 + 1 + 1 + 1 + 1 + 3 + 1 + 1)
	f.lfe = r.Read(2)
	r.Read(1 + 1 + 4 + 2)
	f.precision = r.Read(3)
	switch {
	case f.rate() == 0 || f.channels() == 0 || f.blocks%8 != 0 || f.lfe == 3:
		return f, fault.New(fault.Media, "DTS: the header %x has reserved values: the file is damaged; get it again", sample[:headerSize])
	case !normal || short != 31:
		return f, fault.New(fault.Media, "DTS: the first frame is a shorter one that ends a stream: %s", advice)
	case f.size < 96 || f.size > len(sample):
		return f, fault.New(fault.Media, "DTS: a frame of %d bytes in a sample of %d: the file is damaged; get it again", f.size, len(sample))
	}
	return f, nil
}

// rate returns the sample rate in Hz, 0 for a reserved code (table 5-5).
func (f *frame) rate() int {
	return [16]int{1: 8000, 2: 16000, 3: 32000, 6: 11025, 7: 22050, 8: 44100, 11: 12000, 12: 24000, 13: 48000}[f.rateCode]
}

// channels returns the number of channels without the low frequency one, 0 for a mode
// that the standard leaves to users (table 5-4).
func (f *frame) channels() int {
	if f.mode > 15 {
		return 0
	}
	return [16]int{1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 6, 6, 7, 8, 8}[f.mode]
}

// silence returns a frame of the same configuration in which no subband has bits
// (5.3 to 5.5).
func (f *frame) silence() []byte {
	// A subframe has up to four parts of 8 samples of each of the 32 subbands.
	parts, perSubframe := f.blocks/8, 4
	for parts%perSubframe != 0 {
		perSubframe /= 2
	}
	channels, subframes := f.channels(), parts/perSubframe
	var out bytes.Buffer
	w := bits.NewWriter(&out)
	for range headerSize { // The header follows when the size is known.
		w.Write(0, 8)
	}
	w.Write(uint(subframes-1), 4)
	w.Write(uint(channels-1), 3)
	const activity, vectors, linear = 0, 1, 5 // SUBS: 2 subbands; VQSUB: none by vectors; BHUFF: 4 bits
	for _, field := range [...]struct{ value, bits uint }{{activity, 5}, {vectors, 5}, {0, 3}, {0, 2}, {0, 3}, {linear, 3}} {
		for range channels {
			w.Write(field.value, int(field.bits))
		}
	}
	// Quantization index codebooks: the last of each set, which has no scale factor adjustment.
	for set := range 10 {
		n := [...]int{1, 2, 2, 2, 2, 3, 3, 3, 3, 3}[set]
		for range channels {
			w.Write(1<<n-1, n)
		}
	}
	for range subframes {
		w.Write(uint(perSubframe-1), 2)
		w.Write(0, 3)          // PSC
		w.Write(0, 2*channels) // PMODE: no prediction
		for range channels {
			w.Write(0, 2*4) // ABITS
		}
		if f.lfe > 0 {
			for range 2*int(f.lfe)*perSubframe + 1 { // samples, and their scale factor
				w.Write(0, 8)
			}
		}
		w.Write(0xffff, 16) // DSYNC
	}
	w.Flush()
	b := out.Bytes()
	for len(b) < 96 {
		b = append(b, 0)
	}
	copy(b, f.header(len(b)))
	return b
}

// header returns the header of a normal frame of size bytes without extensions.
func (f *frame) header(size int) []byte {
	var out bytes.Buffer
	w := bits.NewWriter(&out)
	for _, field := range [...]struct {
		value uint
		bits  int
	}{
		{syncCore >> 16, 16},
		{syncCore & 0xffff, 16},
		{1, 1},
		{31, 5},
		{0, 1},
		{uint(f.blocks - 1), 7},
		{uint(size - 1), 14},
		{f.mode, 6},
		{f.rateCode, 4},
		{f.bitRate, 5},
		{0, 1 + 1 + 1 + 1 + 1 + 3 + 1 + 1},
		{f.lfe, 2},
		{0, 1},
		{0, 1},
		{7, 4},
		{0, 2},
		{f.precision, 3},
		{0, 1 + 1 + 4},
	} {
		w.Write(field.value, field.bits)
	}
	w.Flush()
	return out.Bytes()
}
