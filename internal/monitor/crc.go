package monitor

import (
	"hash/crc32"
	"math/bits"
)

// crcRemainder returns 0 for a section with a correct CRC (ISO/IEC 13818-1,
// annex A). That CRC has the polynomial of [crc32.IEEE] but takes the most
// significant bit of each byte first.
func crcRemainder(s section) uint32 {
	reversed := make([]byte, len(s))
	for i, b := range s {
		reversed[i] = bits.Reverse8(b)
	}
	return bits.Reverse32(^crc32.ChecksumIEEE(reversed))
}
