package monitor

// crcTable is the lookup table of the CRC of ISO/IEC 13818-1, annex A:
// polynomial 0x04c11db7, most significant bit first, initially all ones. The
// standard library has only CRCs with the least significant bit first.
type crcTable [256]uint32

func newCRCTable() *crcTable {
	t := new(crcTable)
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			carry := c >> 31
			c = c<<1 ^ carry*0x04c11db7
		}
		t[i] = c
	}
	return t
}

// remainder returns 0 for a section with a correct CRC.
func (t *crcTable) remainder(b []byte) uint32 {
	c := ^uint32(0)
	for _, v := range b {
		c = c<<8 ^ t[byte(c>>24)^v]
	}
	return c
}
