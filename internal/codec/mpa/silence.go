package mpa

import "encoding/binary"

// silence returns a frame of the same rates and mode with only zeros after its
// header. Zeros allocate no bits to any subband (ISO/IEC 11172-3, 2.4.1.5 and
// 2.4.1.6), and in layer III mean main_data_begin 0 and part2_3_length 0 (2.4.1.7).
// The rest is ancillary data. The frame has no CRC and no padding.
func (h header) silence() []byte {
	h = h&^(bitPadding|bitPrivate|maskExtension) | bitUnguarded
	frame := make([]byte, h.frameSize())
	binary.BigEndian.PutUint32(frame, uint32(h))
	return frame
}
