package ac3

import (
	"bytes"

	"github.com/Eyevinn/mp4ff/bits"

	"github.com/lilo-live/lilo/internal/fault"
)

// metadata holds the fields of a syncframe's bsi, other than its format, that a
// silent frame repeats or a descriptor contains. Each holds the code of the
// standard's field of that name.
type metadata struct {
	bsmod    uint8
	dsurmod  uint8  // 0 where there are not two channels
	dialnorm uint8  // of the first programme in dual mono
	mix      uint8  // AC-3: cmixlev, surmixlev and dsurmod, concatenated
	mixing   bool   // E-AC-3: it has mixing metadata
	chanmape bool   // E-AC-3, dependent substream: it has chanmap
	chanmap  uint16 // E-AC-3: table E.1.7
	convsync bool   // E-AC-3: the frame begins a set of six blocks
	blkid    bool   // E-AC-3, converted stream: the frame begins a set of six blocks
	original uint8  // E-AC-3, converted stream: its frmsizecod in AC-3
}

// parseMetadata parses the bsi of the syncframe f at the start of data.
func parseMetadata(f syncframe, data []byte) (metadata, error) {
	r := bits.NewReader(bytes.NewReader(data[:f.size]))
	var m metadata
	if f.enhanced {
		m.readEnhanced(r, f.format)
	} else {
		m.readPlain(r, f.format)
	}
	if r.AccError() != nil {
		return m, fault.New(fault.Media, "AC-3: the bit stream information does not fit into its syncframe of %d bytes: the file is damaged; get it again", f.size)
	}
	return m, nil
}

// readPlain reads the bsi of AC-3 up to dialnorm (ETSI TS 102 366 4.3.2).
func (m *metadata) readPlain(r *bits.Reader, f format) {
	skip(r, 16, 16, 2, 6, 5) // syncinfo, bsid
	m.bsmod = uint8(r.Read(3))
	skip(r, 3) // acmod
	m.mix = uint8(r.Read(f.mixBits()))
	if f.acmod == 2 {
		m.dsurmod = m.mix
	}
	skip(r, 1) // lfeon
	m.dialnorm = uint8(r.Read(5))
}

// readEnhanced reads the bsi of E-AC-3 up to addbsie (ETSI TS 102 366 E.1.2.2).
func (m *metadata) readEnhanced(r *bits.Reader, f format) {
	skip(r, 16, 16, 8, 5) // syncinfo, strmtyp to frmsiz, fscod to lfeon, bsid
	m.dialnorm = uint8(r.Read(5))
	optional(r, 8) // compr
	if f.acmod == 0 {
		skip(r, 5)     // dialnorm2
		optional(r, 8) // compr2
	}
	if f.strmtyp == streamDependent {
		if m.chanmape = r.ReadFlag(); m.chanmape {
			m.chanmap = uint16(r.Read(16))
		}
	}
	if m.mixing = r.ReadFlag(); m.mixing {
		readMixing(r, f)
	}
	if r.ReadFlag() {
		m.readInformation(r, f)
	}
	m.readConversion(r, f)
}

// readMixing skips the mixing metadata (mixmdate in ETSI TS 102 366 E.1.2.2).
func readMixing(r *bits.Reader, f format) {
	if f.acmod > 2 {
		skip(r, 2) // dmixmod
		if f.acmod&1 != 0 {
			skip(r, 6) // ltrtcmixlev, lorocmixlev
		}
		if f.acmod&4 != 0 {
			skip(r, 6) // ltrtsurmixlev, lorosurmixlev
		}
	}
	if f.lfe {
		optional(r, 5) // lfemixlevcod
	}
	if f.strmtyp == streamIndependent {
		readProgrammeMixing(r, f)
	}
}

// readProgrammeMixing skips the part of the mixing metadata that only an
// independent substream has.
func readProgrammeMixing(r *bits.Reader, f format) {
	optional(r, 6) // pgmscl
	if f.acmod == 0 {
		optional(r, 6) // pgmscl2
	}
	optional(r, 6) // extpgmscl
	switch r.Read(2) {
	case 1:
		skip(r, 5) // premixcmpsel, drcsrc, premixcmpscl
	case 2:
		skip(r, 12) // mixdata
	case 3:
		for range r.Read(5) + 2 { // mixdeflen
			skip(r, 8)
		}
	}
	if f.acmod < 2 {
		optional(r, 14) // panmean, paninfo
		if f.acmod == 0 {
			optional(r, 14)
		}
	}
	readBlockMixing(r, f)
}

// readBlockMixing skips blkmixcfginfo, which a frame of one block has
// without a flag of its own.
func readBlockMixing(r *bits.Reader, f format) {
	if !r.ReadFlag() {
		return
	}
	if f.blocks == 1 {
		skip(r, 5)
		return
	}
	for range f.blocks {
		optional(r, 5)
	}
}

// readInformation reads the informational metadata (infomdate in ETSI TS 102 366 E.1.2.2).
func (m *metadata) readInformation(r *bits.Reader, f format) {
	m.bsmod = uint8(r.Read(3))
	skip(r, 2) // copyrightb, origbs
	if f.acmod == 2 {
		m.dsurmod = uint8(r.Read(2))
		skip(r, 2) // dheadphonmod
	}
	if f.acmod >= 6 {
		skip(r, 2) // dsurexmod
	}
	optional(r, 8) // mixlevel, roomtyp, adconvtyp
	if f.acmod == 0 {
		optional(r, 8)
	}
	if f.fscod < 3 {
		skip(r, 1) // sourcefscod
	}
}

// readConversion reads how frames relate to the six blocks of an AC-3 one.
func (m *metadata) readConversion(r *bits.Reader, f format) {
	if f.strmtyp == streamIndependent && f.blocks != 6 {
		m.convsync = r.ReadFlag()
	}
	if f.strmtyp == streamConverted {
		m.blkid = f.blocks == 6 || r.ReadFlag()
		if m.blkid {
			m.original = uint8(r.Read(6))
		}
	}
}

// skip skips fields of the given widths in bits.
func skip(r *bits.Reader, widths ...int) {
	for _, n := range widths {
		r.Read(n)
	}
}

// optional skips a flag and, where it is set, a field of n bits.
func optional(r *bits.Reader, n int) {
	if r.ReadFlag() {
		r.Read(n)
	}
}
