package ac3

import "github.com/lilo-live/lilo/internal/media"

// Values of ATSC (A/53 part 3, 5.7; A/52, annexes A and G).
const (
	atscStreamType         = 0x81
	atscEnhancedStreamType = 0x87
	tagATSC                = 0x81
	tagATSCEnhanced        = 0xcc
)

// ATSC returns stream_type 0x81 or 0x87, the registration descriptor of AC-3 or
// E-AC-3 (A/52 A.4.2, G.3.4) and the audio stream descriptor (A.4.3, G.3.5).
func (c *Coding) ATSC() (streamType byte, descriptors []byte) {
	first := c.programmes[0]
	if first.enhanced {
		return atscEnhancedStreamType, append([]byte{5, 4, 'E', 'A', 'C', '3'}, c.atscEnhanced()...)
	}
	const notSpecified, latin1, reserved = 3, 1, 0x3f
	d := []byte{
		tagATSC, 0,
		first.fscod<<5 | first.bsid,
		first.frmsizecod>>1<<2 | first.dsurmod,
		first.bsmod<<5 | first.acmod<<1 | first.service()>>6&1,
		0xff, // langcod
	}
	if first.acmod == 0 {
		d = append(d, 0xff) // langcod2
	}
	service := byte(notSpecified<<3 | 7) // mainid 0 and its priority
	if first.bsmod >= 2 {
		service = 1 // asvcflags: goes with the main service 0
	}
	d = append(d, service, latin1, reserved) // no text, no language: the ISO_639_language_descriptor has it
	d[1] = byte(len(d) - 2)
	return atscStreamType, append([]byte{5, 4, 'A', 'C', '-', '3'}, d...)
}

// ATSCBuffer is the main audio buffer BSn of A/52 for AC-3, which has 736 bytes for the
// multiplex, 64 of padding and 1,792, a frame of the 448 kb/s that ATSC allows (A/53
// part 3). It has none for E-AC-3, whose frames may be longer than that: it is DVB's.
func (c *Coding) ATSCBuffer() media.Buffer {
	b := c.Buffer()
	if !c.frames[0].enhanced {
		b.Size = 736 + 64 + 1792
	}
	return b
}

// atscEnhanced returns the E-AC-3_audio_stream_descriptor, which has the fields of
// DVB's in another order.
func (c *Coding) atscEnhanced() []byte {
	const bsidFlag, reserved = 0x40, 0x80
	dvb := c.Descriptors()
	flags := dvb[2]&(flagMixInfo|7) | reserved | bsidFlag
	d := append([]byte{tagATSCEnhanced, 0, flags, dvb[3] | reserved, 0x20 | dvb[4]}, dvb[5:]...)
	d[1] = byte(len(d) - 2)
	return d
}
