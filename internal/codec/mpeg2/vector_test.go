package mpeg2

import "encoding/hex"

// Headers of small streams of ffmpeg; slices are cut short.
var (
	sequenceVBR    = unhex("000001b31420f213ffffe018") // bit_rate does not say, a vbv of three units
	sequenceCBR    = unhex("000001b31420f21307532380") // 3 Mb/s, a vbv of 112 units
	extensionMain  = unhex("000001b5148a00010000")
	extension422   = unhex("000001b5185c00010000")
	extensionLarge = unhex("000001b51442a0030200") // Main@High, sizes 4096 more, bit_rate 2^18 more
	display        = unhex("000001b52305050514 2142b0")
	userData       = unhex("000001b2616263")
	groupClosed    = unhex("000001b800080040")
	groupOpen      = unhex("000001b800080000")
	pictureI       = unhex("00000100000ffff8000001b58ffff34180000001 0123f9c2")
	pictureP       = unhex("000001000017fff8000001b58ffff34180000001 0123f9c2")
	pictureB       = unhex("00000100001ffff8000001b58ffff34180000001 0123f9c2")
	sequenceEnd    = unhex("000001b7")
)

func unhex(s string) []byte {
	var digits []byte
	for i := range len(s) {
		if s[i] != ' ' {
			digits = append(digits, s[i])
		}
	}
	b, err := hex.DecodeString(string(digits))
	if err != nil {
		panic(err)
	}
	return b
}
