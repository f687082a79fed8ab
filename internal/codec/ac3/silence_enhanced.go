package ac3

// putEnhanced writes syncinfo and bsi of E-AC-3 (ETSI TS 102 366 E.1.2.1, E.1.2.2).
func (s substream) putEnhanced(out *bitString) {
	out.put(syncword, 16)
	out.put(uint32(s.strmtyp), 2)
	out.put(uint32(s.substrm), 3)
	out.put(uint32(s.size/2-1), 11) // frmsiz
	out.put(uint32(s.fscod), 2)
	out.put(s.blocksCode(), 2)
	out.put(uint32(s.acmod), 3)
	out.flag(s.lfe)
	out.put(uint32(s.bsid), 5)
	out.put(uint32(s.dialnorm), 5)
	out.zeros(1) // compre
	if s.acmod == 0 {
		out.put(uint32(s.dialnorm), 5)
		out.zeros(1) // compr2e
	}
	if s.strmtyp == streamDependent {
		out.flag(s.chanmape)
		if s.chanmape {
			out.put(uint32(s.chanmap), 16)
		}
	}
	out.zeros(2) // mixmdate, infomdate
	s.putConversion(out)
	out.zeros(1) // addbsie
}

// blocksCode returns numblkscod, or fscod2 which takes its place.
func (f format) blocksCode() uint32 {
	switch {
	case f.fscod == 3:
		return uint32(f.fscod2)
	case f.blocks == 6:
		return 3
	}
	return uint32(f.blocks - 1)
}

// putConversion writes how the frame relates to the six blocks of an AC-3 one.
func (s substream) putConversion(out *bitString) {
	if s.strmtyp == streamIndependent && s.blocks != 6 {
		out.flag(s.convsync)
	}
	if s.strmtyp != streamConverted {
		return
	}
	if s.blocks != 6 {
		out.flag(s.blkid)
	}
	if s.blkid {
		out.put(uint32(s.original), 6)
	}
}

// putAudioFrame writes audfrm (ETSI TS 102 366 E.1.2.3): exponent strategies
// by block, SNR offsets for the whole frame, dither flags and skip fields in the
// blocks, and no other coding tool.
func (s substream) putAudioFrame(out *bitString) {
	if s.blocks == 6 {
		out.put(0b10, 2) // expstre, ahte
	}
	out.zeros(2)     // snroffststr: one offset for the frame
	out.zeros(2)     // transproce, blkswe
	out.put(1, 1)    // dithflage
	out.zeros(3)     // bamode, frmfgaincode, dbaflde
	out.put(1, 1)    // skipflde
	out.zeros(1)     // spxattene
	if s.acmod > 1 { // cplinu of the first block, cplstre of the others
		out.zeros(int(s.blocks))
	}
	s.putFrameStrategies(out)
	out.zeros(6 + 4) // frmcsnroffst, frmfsnroffst
	if s.blocks != 1 {
		out.zeros(1) // blkstrtinfoe
	}
}

// putFrameStrategies writes the exponent strategies of all blocks, and their number
// for a converter to AC-3: 0 is new exponents in the first block that the five
// others keep (table E.1.10).
func (s substream) putFrameStrategies(out *bitString) {
	for block := range s.blocks {
		s.putStrategies(out, block == 0)
	}
	if s.lfe {
		for block := range s.blocks {
			out.flag(block == 0) // lfeexpstr
		}
	}
	if s.strmtyp != streamIndependent {
		return
	}
	if s.blocks != 6 {
		out.flag(s.convsync) // convexpstre
	}
	if s.blocks == 6 || s.convsync {
		out.zeros(5 * s.fullChannels()) // convexpstr
	}
}

// putEnhancedBlock writes an audio block of E-AC-3 (ETSI TS 102 366, E.1.2.4), most
// of which is in audfrm.
func (s substream) putEnhancedBlock(out *bitString, first bool, skip int) {
	out.zeros(s.fullChannels()) // dithflag
	s.putRange(out)
	out.zeros(1) // spxinu in the first block, spxstre in the others
	if s.acmod == 2 {
		if first {
			out.zeros(4) // rematflg; rematstr is implied
		} else {
			out.zeros(1) // rematstr
		}
	}
	if first {
		s.putExponents(out)
	}
	if s.strmtyp == streamIndependent {
		out.zeros(1) // convsnroffste
	}
	putSkip(out, skip)
}
