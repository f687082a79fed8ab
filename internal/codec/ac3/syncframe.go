package ac3

import (
	"encoding/binary"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	// syncword opens every syncframe (ETSI TS 102 366 4.4.1.1).
	syncword = 0x0b77
	// headerSize is the number of bytes with the format and length of a syncframe.
	headerSize = 8
	// blockSamples is the number of samples of each channel in an audio block.
	blockSamples = 256
	// advice follows messages about a stream that cannot be carried.
	advice = "--encode avc would turn it into AAC LC"
)

// Stream types of E-AC-3 (ETSI TS 102 366 E.1.3.1.1).
const (
	streamIndependent = 0
	streamDependent   = 1
	streamConverted   = 2
)

// format is what is the same in every syncframe of a substream. Fields without a
// unit hold the code of the standard's field of that name.
type format struct {
	enhanced bool  // E-AC-3 syntax (annex E), else AC-3
	strmtyp  uint8 // 0 in AC-3
	substrm  uint8 // substreamid, 0 in AC-3
	fscod    uint8
	fscod2   uint8 // where fscod is 3
	blocks   uint8 // audio blocks in the syncframe: 1, 2, 3 or 6
	acmod    uint8
	lfe      bool
	bsid     uint8
}

// syncframe is one frame of one substream.
type syncframe struct {
	format
	size       int   // length in bytes
	frmsizecod uint8 // AC-3 only
}

// parseSyncframe parses the header of the syncframe that data begins with and
// contains.
func parseSyncframe(data []byte) (syncframe, error) {
	if len(data) < headerSize {
		return syncframe{}, fault.New(fault.Media, "AC-3: %d bytes are too few for a syncframe: the file is damaged; get it again", len(data))
	}
	if got := binary.BigEndian.Uint16(data); got != syncword {
		return syncframe{}, fault.New(fault.Media, "AC-3: %04x instead of the syncword 0b77: the file is damaged or encrypted; get it again", got)
	}
	var f syncframe
	var err error
	// bsid is at the same place in both syntaxes (ETSI TS 102 366, E.1.3.1.6).
	switch bsid := data[5] >> 3; {
	case bsid <= 8:
		f, err = parsePlain(data)
	case bsid >= 11 && bsid <= 16:
		f, err = parseEnhanced(data)
	default:
		err = fault.New(fault.Media, "AC-3: bit stream identification %d is neither AC-3 nor E-AC-3: %s", bsid, advice)
	}
	if err == nil && f.size > len(data) {
		err = fault.New(fault.Media, "AC-3: a syncframe of %d bytes in %d: the file is damaged; get it again", f.size, len(data))
	}
	if err != nil {
		return syncframe{}, err
	}
	return f, nil
}

// parsePlain parses syncinfo and the start of bsi of AC-3 (ETSI TS 102 366, 4.3.1, 4.3.2).
func parsePlain(data []byte) (syncframe, error) {
	f := syncframe{frmsizecod: data[4] & 0x3f}
	f.fscod, f.bsid, f.blocks = data[4]>>6, data[5]>>3, 6
	f.acmod = data[6] >> 5
	f.lfe = data[6]<<(3+f.mixBits())&0x80 != 0
	if f.fscod == 3 || f.frmsizecod >= 38 {
		return f, fault.New(fault.Media, "AC-3: sample rate code %d with frame size code %d is reserved: the file is damaged; get it again", f.fscod, f.frmsizecod)
	}
	f.size = 2 * f.words()
	return f, nil
}

// mixBits returns the number of bits of down-mix levels and Dolby Surround mode
// between acmod and lfeon in the bsi of AC-3 (ETSI TS 102 366, 4.3.2).
func (f format) mixBits() int {
	n := 0
	if f.acmod&1 != 0 && f.acmod != 1 {
		n += 2 // cmixlev
	}
	if f.acmod&4 != 0 {
		n += 2 // surmixlev
	}
	if f.acmod == 2 {
		n += 2 // dsurmod
	}
	return n
}

// parseEnhanced parses the start of bsi of E-AC-3 (ETSI TS 102 366 E.1.2.2).
func parseEnhanced(data []byte) (syncframe, error) {
	f := syncframe{size: 2 * (int(data[2]&7)<<8 + int(data[3]) + 1)}
	f.enhanced = true
	f.strmtyp, f.substrm = data[2]>>6, data[2]>>3&7
	f.fscod, f.bsid = data[4]>>6, data[5]>>3
	f.blocks = [...]uint8{1, 2, 3, 6}[data[4]>>4&3]
	if f.fscod == 3 {
		f.fscod2, f.blocks = data[4]>>4&3, 6
	}
	f.acmod, f.lfe = data[4]>>1&7, data[4]&1 != 0
	if f.strmtyp == 3 || f.fscod2 == 3 || f.size < headerSize {
		return f, fault.New(fault.Media, "E-AC-3: a syncframe of stream type %d, %d bytes, sample rate code %d.%d is reserved: the file is damaged; get it again",
			f.strmtyp, f.size, f.fscod, f.fscod2)
	}
	return f, nil
}

// rate returns the sample rate in Hz; E-AC-3 has halves of the three (ETSI TS 102
// 366, tables 4.1 and E.1.3).
func (f format) rate() int {
	rates := [...]int{48000, 44100, 32000}
	if f.fscod == 3 {
		return rates[f.fscod2] / 2
	}
	return rates[f.fscod]
}

// words returns the length of an AC-3 syncframe in 16-bit words (ETSI TS 102
// 366, table 4.13). At 44.1 kHz it is not a whole number, and the lowest bit
// of frmsizecod adds a word.
func (f syncframe) words() int {
	kilobits := [...]int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640}
	words := kilobits[f.frmsizecod>>1] * 1000 * 6 * blockSamples / 16 / f.rate()
	if f.fscod == 1 {
		words += int(f.frmsizecod & 1)
	}
	return words
}

// fullChannels returns the number of channels without the low frequency one,
// 1 to 5 (ETSI TS 102 366, table 4.3).
func (f format) fullChannels() int {
	return [...]int{2, 1, 2, 3, 3, 4, 4, 5}[f.acmod]
}
