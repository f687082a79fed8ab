package nal

import "bytes"

// SEIMessage is an SEI message in a payload without emulation prevention bytes.
type SEIMessage struct {
	Kind       int // payloadType
	Start, End int // with its header, in the payload
	Data       []byte
}

// NextMessage returns the message at an offset of an SEI payload (ISO/IEC 14496-10,
// 7.3.2.3.1; 23008-2, 7.3.5). ok is false at the end and where the payload is damaged.
func NextMessage(payload []byte, at int) (m SEIMessage, ok bool) {
	m.Start = at
	field := func() (n int) {
		for at < len(payload) {
			v := int(payload[at])
			at++
			if n += v; v != 0xff {
				break
			}
		}
		return n
	}
	m.Kind = field()
	size := field()
	if at >= len(payload) || size > len(payload)-at {
		return m, false
	}
	m.Data, m.End = payload[at:at+size], at+size
	return m, true
}

// Signed reports whether an SEI unit holds the signature of an encoder: a
// user_data_unregistered message of x264 or x265, with its version and settings. It
// stands before the first picture that the encoder made, and so once a lap.
func Signed(unit []byte) bool {
	return bytes.Contains(unit, []byte(signatureX264)) || bytes.Contains(unit, []byte(signatureX265))
}

// The uuid_iso_iec_11578 of the signatures. No emulation prevention bytes are in them.
const (
	signatureX264 = "\xdc\x45\xe9\xbd\xe6\xd9\x48\xb7\x96\x2c\xd8\x20\xd9\x23\xee\xef"
	signatureX265 = "\x2c\xa2\xde\x09\xb5\x17\x47\xdb\xbb\x55\xa4\xfe\x7f\xc2\xfc\x4e"
)

// IsSignature reports whether a message is the signature of an encoder.
func (m *SEIMessage) IsSignature() bool {
	const unregistered = 5 // D.1.7; 23008-2, D.2.7
	return m.Kind == unregistered && Signed(m.Data[:min(len(m.Data), len(signatureX264))])
}

// RewriteMessages rewrites the SEI unit that is dst from an index on: without signatures,
// and with what change makes of the other messages, in place. A unit of which nothing
// is left disappears.
func RewriteMessages(dst []byte, unit, headerSize int, change func(m SEIMessage)) []byte {
	from, scratch := unit+headerSize, len(dst)
	dst = AppendPayload(dst, dst[from:])
	payload := dst[scratch:]
	kept, at := 0, 0
	for {
		m, ok := NextMessage(payload, at)
		if !ok {
			break
		}
		at = m.End
		if !m.IsSignature() {
			change(m)
			kept += copy(payload[kept:], payload[m.Start:m.End])
		}
	}
	if kept == 0 && at > 0 {
		return dst[:unit]
	}
	kept += copy(payload[kept:], payload[at:]) // The trailing bits, or what is damaged.
	end := len(dst)
	dst = AppendPrevented(dst, payload[:kept])
	return dst[:from+copy(dst[from:], dst[end:])]
}
