package mpeg2

import "bytes"

// Start code values (ISO/IEC 13818-2, table 6-1).
const (
	codePicture   = 0x00
	codeFirstPart = 0x01 // slice_start_code, up to 0xaf
	codeUserData  = 0xb2
	codeSequence  = 0xb3
	codeExtension = 0xb5
	codeEnd       = 0xb7
	codeGroup     = 0xb8
)

// startSize is the length of a start code with its value, in bytes.
const startSize = 4

// start returns the offset of the first start code in data from an offset on, or −1.
func start(data []byte, from int) int {
	at := bytes.Index(data[from:], []byte{0, 0, 1})
	if at < 0 || from+at+startSize > len(data) {
		return -1
	}
	return from + at
}

// headers are the offsets of the headers before the first picture of a sample, −1 for
// missing ones.
type headers struct {
	sequence, group, picture int
}

// findHeaders looks for start codes up to the first picture's or slice's.
func findHeaders(data []byte) headers {
	h := headers{sequence: -1, group: -1, picture: -1}
	for at := start(data, 0); at >= 0; at = start(data, at+startSize-1) {
		switch code := data[at+3]; {
		case code == codePicture:
			h.picture = at
			return h
		case code == codeSequence:
			h.sequence = at
		case code == codeGroup:
			h.group = at
		case code >= codeFirstPart && code < codeUserData:
			return h
		}
	}
	return h
}
