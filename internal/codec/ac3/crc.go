package ac3

import "slices"

// polynomial is x¹⁶+x¹⁵+x²+1, without its highest term (ETSI TS 102 366 6.10.1).
const polynomial = 0x8005

// crc continues the standard's cyclic redundancy check over data. The register
// begins at 0 and ends at 0 after a region with its correct check word.
func crc(register uint16, data []byte) uint16 {
	for _, b := range data {
		register ^= uint16(b) << 8
		for range 8 {
			register = shift(register)
		}
	}
	return register
}

// leadingCRC returns the check word that, placed before data as crc1 is, makes the
// register end at 0. It runs the register backwards from 0, through data and then
// through the word itself.
func leadingCRC(data []byte) uint16 {
	register := uint16(0)
	for _, b := range slices.Backward(data) {
		for range 8 {
			register = unshift(register)
		}
		register ^= uint16(b) << 8
	}
	for range 16 {
		register = unshift(register)
	}
	return register
}

// shift moves the register on by one bit.
func shift(register uint16) uint16 {
	if register&0x8000 != 0 {
		return register<<1 ^ polynomial
	}
	return register << 1
}

// unshift undoes shift: the polynomial's lowest term shows whether it was added.
func unshift(register uint16) uint16 {
	if register&1 != 0 {
		return (register^polynomial)>>1 | 0x8000
	}
	return register >> 1
}
