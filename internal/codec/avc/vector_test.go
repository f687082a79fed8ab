package avc

import (
	"encoding/binary"
	"encoding/hex"
)

// Records of small streams of x264.
const (
	recordOpen       = "0164000dffe1001b6764000dacd94150878888c044000003000400000300c83c50a65801000668ebe3cb22c0fdf8f800"
	recordHRD        = "0164000dffe100256764000dacd94150878888c044000003000400000300c990800c3500036eea4930078a14cb01000568ebecb22cfdf8f800"
	recordInterlaced = "01640015ffe1001a67640015acd941510f11260220000003002000000643e28532c001000668fba3cb22c0fdf8f800"
	record422        = "017a000dffe1001b677a000db6cd9415087888fc0440000003004000000c83c50a658001000668ebe3cb22c0fefafa00"
	recordTimed      = "014d000affe1001e674d000af416274200000300020000030065c00001e848000f4245ef701401000668ebe3cb22c0" // an HRD with delays of 24 bits, pic_struct_present_flag, 25 frames a second
	recordEmpty      = "0164000dffe000"
)

// Units of the same streams; slices are cut short behind their headers.
var (
	unitSPS        = unhex("6764000dacd94150878888c044000003000400000300c83c50a658")
	unitPPS        = unhex("68ebe3cb22c0")
	unitSEI        = unhex("0605ffffb1dc45e9bde6d948b796")
	unitRecovery   = unhex("060601c480")         // recovery_frame_cnt 0
	unitGradual    = unhex("0606020bc480")       // recovery_frame_cnt 22
	unitBoth       = unhex("060102aabb0601c480") // a picture timing message, then a recovery point
	unitDelimiter  = unhex("0910")
	unitDelimiter7 = unhex("09f0") // with any primary_pic_type
	unitIDR        = unhex("658884009fd9674d6278ad3ceb11")
	unitI          = unhex("4188ee42ff63537352defe605d0b")
	unitP          = unhex("419a236c49ffb7ee3d1a1b7ebabb")
	unitB          = unhex("019e626a42dfbc60db2c41ffc93d")
	unitEndSeq     = unhex("0a")
	unitEndStream  = unhex("0b")
	unitSPSOther   = unhex("6764000dac8ecb050bb011000003000100000300320f08846a") // seq_parameter_set_id 0, other contents
	startDelimiter = unhex("0000000109f0")
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
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
