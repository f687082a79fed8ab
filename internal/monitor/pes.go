package monitor

// pesHeader reads the header of a PES packet, which may be spread over
// transport packets (ISO/IEC 13818-1, 2.4.3.6).
type pesHeader struct {
	// raw holds the bytes up to and including a DTS.
	raw  [19]byte
	have int
	// size is the length of the whole header, 0 while it is unknown.
	size int
	done bool
	bad  bool
}

const (
	pesFixed = 9
	pesPlain = 6
)

// begin starts a new PES packet.
func (h *pesHeader) begin() { *h = pesHeader{} }

// feed takes bytes of a PES packet and returns how many belong to its header.
func (h *pesHeader) feed(b []byte) int {
	taken := 0
	for taken < len(b) && !h.done && !h.bad {
		if h.have < len(h.raw) {
			h.raw[h.have] = b[taken]
		}
		h.have++
		taken++
		h.progress()
	}
	return taken
}

func (h *pesHeader) progress() {
	switch h.have {
	case 3:
		h.bad = h.raw[0] != 0 || h.raw[1] != 0 || h.raw[2] != 1
	case pesPlain:
		if !h.optional() {
			h.size = pesPlain
		}
	case pesFixed:
		h.size = pesFixed + int(h.raw[8])
	}
	h.done = h.size > 0 && h.have >= h.size
}

// optional reports whether the stream_id is one of those with a full header (table 2-21).
func (h *pesHeader) optional() bool {
	switch h.raw[3] {
	case 0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff:
		return false
	default:
		return true
	}
}

// stamps returns PTS and DTS in ticks of 90 kHz, the DTS being the PTS where
// there is only that. ok is false without a PTS.
func (h *pesHeader) stamps() (pts, dts int64, ok bool) {
	if h.size < pesFixed+5 || h.raw[7]&0x80 == 0 {
		return 0, 0, false
	}
	pts = timestamp(h.raw[9:14])
	if h.size < pesFixed+10 || h.raw[7]&0x40 == 0 {
		return pts, pts, true
	}
	return pts, timestamp(h.raw[14:19]), true
}

func timestamp(b []byte) int64 {
	return int64(b[0]>>1&7)<<30 | int64(b[1])<<22 | int64(b[2]>>1)<<15 | int64(b[3])<<7 | int64(b[4]>>1)
}
