package ac3

import "testing"

// TestEnhancedMetadata writes a bsi with every optional field, most of them
// ones so that a wrong width shows, and reads it back (ETSI TS 102 366 E.1.2.2).
func TestEnhancedMetadata(t *testing.T) {
	for _, tc := range []struct {
		name  string
		f     format
		write func(*bitString)
		want  metadata
	}{
		{"102 366 E.1.2.2: 5.1", format{acmod: 7, lfe: true, blocks: 6}, func(s *bitString) {
			s.put(0x1ff, 9)      // compre, compr
			s.put(1, 1)          // mixmdate
			s.put(0x3fff, 14)    // dmixmod, ltrtcmixlev, lorocmixlev, ltrtsurmixlev, lorosurmixlev
			s.put(0x3f, 6)       // lfemixlevcode, lfemixlevcod
			s.put(0x3fff, 14)    // pgmscle, pgmscl, extpgmscle, extpgmscl
			s.put(0b11_00010, 7) // mixdef, mixdeflen
			s.put(0xffffffff, 32)
			s.put(0x7f, 7) // frmmixcfginfoe, the first block's flag and blkmixcfginfo
			s.zeros(5)
			s.put(1, 1)         // infomdate
			s.put(0b011_11, 5)  // bsmod, copyrightb, origbs
			s.put(0b11, 2)      // dsurexmod
			s.put(0x1ff, 9)     // audprodie, mixlevel, roomtyp, adconvtyp
			s.put(0b1, 1)       // sourcefscod
			s.put(0xffffff, 24) // addbsie
		}, metadata{bsmod: 3, dialnorm: 27, mixing: true}},
		{"102 366 E.1.2.2: stereo of one block", format{acmod: 2, blocks: 1}, func(s *bitString) {
			s.put(0, 1)        // compre
			s.put(1, 1)        // mixmdate
			s.put(0b00_01, 4)  // pgmscle, extpgmscle, mixdef
			s.put(0x1f, 5)     // premixcmpsel, drcsrc, premixcmpscl
			s.put(0b111111, 6) // frmmixcfginfoe, blkmixcfginfo
			s.put(1, 1)        // infomdate
			s.put(0b010_00, 5) // bsmod
			s.put(0b10_11, 4)  // dsurmod, dheadphonmod
			s.put(0b00, 2)     // audprodie, sourcefscod
			s.put(1, 1)        // convsync
		}, metadata{bsmod: 2, dsurmod: 2, dialnorm: 27, mixing: true, convsync: true}},
		{"102 366 E.1.2.2: dual mono", format{acmod: 0, blocks: 6}, func(s *bitString) {
			s.put(0, 1)
			s.put(0b11111, 5) // dialnorm2
			s.put(0, 1)
			s.put(1, 1)          // mixmdate
			s.put(0x3fff, 14)    // pgmscle, pgmscl, pgmscl2e, pgmscl2
			s.put(0b0_10, 3)     // extpgmscle, mixdef
			s.put(0xfff, 12)     // mixdata
			s.put(0x7fff, 15)    // paninfoe, panmean, paninfo
			s.put(0x7fff, 15)    // paninfo2e, panmean2, paninfo2
			s.put(0, 1)          // frmmixcfginfoe
			s.put(1, 1)          // infomdate
			s.put(0b101_00, 5)   // bsmod
			s.put(0b1_0000_0, 6) // audprodie
			s.put(0, 3)
			s.put(0x1ff, 9) // audprodi2e
			s.zeros(1)
		}, metadata{bsmod: 5, dialnorm: 27, mixing: true}},
		{"102 366 E.1.2.2: converted", format{acmod: 1, blocks: 2, strmtyp: streamConverted}, func(s *bitString) {
			s.zeros(3)           // compre, mixmdate, infomdate
			s.put(0b1_010100, 7) // blkid, frmsizecod
		}, metadata{dialnorm: 27, blkid: true, original: 20}},
		{"102 366 E.1.2.2: dependent", format{acmod: 6, blocks: 6, strmtyp: streamDependent}, func(s *bitString) {
			s.put(0, 1)
			s.put(1, 1) // chanmape
			s.put(0x1a00, 16)
			s.put(1, 1)       // mixmdate, which ends before the programme's scale
			s.put(0xff, 8)    // dmixmod, ltrtsurmixlev, lorosurmixlev
			s.put(0, 1)       // infomdate
			s.put(0xffff, 16) // addbsie
		}, metadata{dialnorm: 27, mixing: true, chanmape: true, chanmap: 0x1a00}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := syncframe{format: tc.f, size: 64}
			f.enhanced = true
			out := new(bitString)
			out.zeros(16 + 16 + 8 + 5)
			out.put(27, 5)
			tc.write(out)
			out.zeros(8*f.size - out.size)
			got, err := parseMetadata(f, out.data)
			if err != nil || got != tc.want {
				t.Errorf("%+v, %v, want %+v", got, err, tc.want)
			}
		})
	}
}
