package monitor

// pesHeader parses the header of a PES packet, which may span transport packets
// (ISO/IEC 13818-1, 2.4.3.6). The zero value is ready for a new one.
type pesHeader struct {
	raw  [19]byte // up to and including a DTS
	have int
	size int // of the whole header, 0 while unknown
	done bool
	bad  bool
}

const (
	pesStartSize = 6 // up to and including PES_packet_length
	pesFixedSize = 9 // up to and including PES_header_data_length
)

// write takes bytes of a PES packet and returns how many belong to its header.
func (h *pesHeader) write(b []byte) int {
	taken := 0
	for ; taken < len(b) && !h.done && !h.bad; taken++ {
		if h.have < len(h.raw) {
			h.raw[h.have] = b[taken]
		}
		h.have++
		switch h.have {
		case 3:
			h.bad = h.raw[0] != 0 || h.raw[1] != 0 || h.raw[2] != 1
		case pesStartSize:
			switch h.raw[3] { // The stream_ids without a full header (table 2-21).
			case 0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff:
				h.size = pesStartSize
			}
		case pesFixedSize:
			h.size = pesFixedSize + int(h.raw[8])
		}
		h.done = h.size > 0 && h.have >= h.size
	}
	return taken
}

// timestamps returns PTS and DTS in ticks of 90 kHz. The DTS is the PTS if only
// that is coded; ok is false without a PTS.
func (h *pesHeader) timestamps() (pts, dts int64, ok bool) {
	if h.size < pesFixedSize+5 || h.raw[7]&0x80 == 0 {
		return 0, 0, false
	}
	pts = timestamp(h.raw[9:14])
	if h.size < pesFixedSize+10 || h.raw[7]&0x40 == 0 {
		return pts, pts, true
	}
	return pts, timestamp(h.raw[14:19]), true
}

func timestamp(b []byte) int64 {
	return int64(b[0]>>1&7)<<30 | int64(b[1])<<22 | int64(b[2]>>1)<<15 | int64(b[3])<<7 | int64(b[4]>>1)
}
