package hevc

import (
	"encoding/binary"
	"encoding/hex"
)

// Parameter sets and messages of small streams of x265; slices are cut short
// behind their headers.
var (
	unitVPS       = unhex("40010c01ffff01600000030090000003000003003c959809")
	unitSPS       = unhex("42010101600000030090000003000003003ca00a480f9c9265959a4932bc05a02000000300200000030321")
	unitPPS       = unhex("4401c172b46240")
	unitSPSHRD    = unhex("42010202200000030090000003000003003c0000a00a480f9c923659598acd24995e02d0100000030010000003019610c905e0030d4000dbbae0030d4000dbba20")
	unitSPS422    = unhex("4201010408000003009d0800000300003cb00a480f9c93b65959a4932bc05a020000030002000003003210")
	unitSPSTools  = unhex("42010101600000030090000003000003007ba00d080f1f596566924e57ff80058006da808080d216db80000003008000000cb086482f00186a0006ddd1")
	unitLight     = unhex("4e01900403e8019080") // content light level
	unitSettings  = unhex("4e0105ffffffffffffffffee2ca2de09b51747dbbb55a4fe7fc2fc4e78323635")
	unitDelimiter = unhex("460110")
	unitIDR       = unhex("2801af1d20bd70bbded4")
	unitCRA       = unhex("2a01ac645b4971920bde")
	unitBLA       = unhex("2001ac645b4971920bde")
	unitRADL      = unhex("0c01e2e6fffd22c2821f")
	unitRASL      = unhex("1201e30225dff7184a41")
	unitTrail     = unhex("0201d0195f84318e1057")
	unitLayer1    = unhex("0209d0195f84318e1057") // of nuh_layer_id 1
	unitTSA       = unhex("0403d0195f84318e1057") // of TemporalId 2
	unitEndSeq    = unhex("4801")
	unitEndStream = unhex("4a01")

	startDelimiter = unhex("00000001460150")
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// record makes an HEVCDecoderConfigurationRecord for lengths of size bytes with
// one array for each unit.
func record(size int, units ...[]byte) []byte {
	out := unhex("0101600000009000000000003cf000fcfdf8f800000c00")
	out[21] |= byte(size - 1)
	out[22] = byte(len(units))
	for _, unit := range units {
		out = append(out, unit[0]>>1, 0, 1, 0, byte(len(unit)))
		out = append(out, unit...)
	}
	return out
}

// sample makes a sample of units with lengths of size bytes.
func sample(size int, units ...[]byte) []byte {
	var out []byte
	for _, unit := range units {
		length := binary.BigEndian.AppendUint32(nil, uint32(len(unit)))
		out = append(out, length[4-size:]...)
		out = append(out, unit...)
	}
	return out
}

// stream makes a byte stream of units with 4-byte start codes.
func stream(units ...[]byte) []byte {
	var out []byte
	for _, unit := range units {
		out = append(out, 0, 0, 0, 1)
		out = append(out, unit...)
	}
	return out
}

// bitWriter writes the fields of a parameter set, without emulation prevention.
type bitWriter struct {
	bytes []byte
	n     int
}

func (b *bitWriter) put(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		if b.n%8 == 0 {
			b.bytes = append(b.bytes, 0)
		}
		b.bytes[b.n/8] |= byte(v>>i&1) << (7 - b.n%8)
		b.n++
	}
}

func (b *bitWriter) golomb(values ...uint64) {
	for _, v := range values {
		n := 0
		for v+1 >= 2<<n {
			n++
		}
		b.put(0, n)
		b.put(v+1, n+1)
	}
}

// escaped returns the unit with emulation prevention (7.3.1.1).
func (b *bitWriter) escaped() []byte {
	var out []byte
	zeros := 0
	for _, v := range b.bytes {
		if zeros >= 2 && v <= 3 {
			out = append(out, 3)
			zeros = 0
		}
		zeros++
		if v != 0 {
			zeros = 0
		}
		out = append(out, v)
	}
	return out
}

// layeredSPS is a sequence parameter set of three sub-layers that uses what
// x265 does not: levels of sub-layers, a predicted reference picture set,
// long-term pictures, PCM, and schedules for every sub-layer.
func layeredSPS() []byte {
	var b bitWriter
	b.put(0x4201, 16)
	b.put(0b0000_010_1, 8) // Three sub-layers.
	b.put(0b00_1_00001, 8) // High tier, Main.
	b.put(0x60000000, 32)
	b.put(0x900000000000, 48)
	b.put(120, 8)
	b.put(0b11_01_0000_0000_0000, 16) // One with profile and level, one with a level.
	b.put(0x01600000_00900000, 64)
	b.put(0, 24)
	b.put(90, 8)
	b.put(93, 8)
	b.golomb(3, 1, 1920, 1088)
	b.put(1, 1)
	b.golomb(0, 0, 0, 4)
	b.golomb(0, 0, 4)
	b.put(1, 1)
	b.golomb(1, 0, 0, 2, 1, 0, 4, 2, 0)
	b.golomb(0, 3, 0, 3, 1, 1)
	b.put(0, 1)       // scaling_list_enabled_flag
	b.put(0b11_1, 3)  // Tools, PCM.
	b.put(0x77, 8)    // Bit depths.
	b.golomb(0, 2)    // Block sizes.
	b.put(0, 1)       // pcm_loop_filter_disabled_flag
	b.golomb(2, 1, 1) // Two sets, the first with a picture before and one behind.
	b.golomb(0)
	b.put(1, 1)
	b.golomb(0)
	b.put(1, 1)
	b.put(0b1_0, 2) // Predicted, delta_rps_sign.
	b.golomb(0)
	b.put(0b1_01_00, 5) // Used; not used but kept; neither.
	b.put(1, 1)
	b.golomb(2) // Long-term pictures of 8 + 1 bits.
	b.put(0x1ff, 9)
	b.put(0, 9)
	b.put(0b00_1, 3)
	putVUI(&b)
	b.put(0b0_1, 2) // sps_extension_present_flag, rbsp_stop_one_bit
	return b.escaped()
}

func putVUI(b *bitWriter) {
	b.put(0b1_11111111, 9)
	b.put(0x00010001, 32)
	b.put(0b11, 2)
	b.put(0b1_0000_1, 6)
	b.put(0x010101, 24)
	b.put(1, 1)
	b.golomb(1, 1)
	b.put(0b000_1, 4)
	b.golomb(0, 0, 0, 4)
	b.put(1, 1)
	b.put(1, 32)
	b.put(25, 32)
	b.put(1, 1)
	b.golomb(0)
	b.put(0b1_1_1_1, 4) // Schedules, for NAL units and VCL, with parts.
	b.put(0, 19)
	b.put(0x25, 8)
	b.put(0, 4)
	b.put(0, 15)
	for layer := range uint64(3) {
		b.put(0b0_0_0, 3)
		b.golomb(1)
		for range 2 {
			for schedule := range uint64(2) {
				b.golomb(1000*(layer+1)+schedule, 2000*(layer+1)+schedule, 5, 6)
				b.put(0, 1)
			}
		}
	}
	b.put(0, 1)
}
