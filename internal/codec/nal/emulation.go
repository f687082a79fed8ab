package nal

// AppendPayload appends a unit without its emulation prevention bytes (ISO/IEC
// 14496-10, 7.3.1; 23008-2, 7.3.1.1).
func AppendPayload(dst, unit []byte) []byte {
	zeros := 0
	for _, v := range unit {
		if zeros >= 2 && v == 3 {
			zeros = 0
			continue
		}
		dst = append(dst, v)
		if zeros++; v != 0 {
			zeros = 0
		}
	}
	return dst
}

// AppendPrevented is the inverse of AppendPayload: it appends a unit with an
// emulation prevention byte wherever a start code or such a byte would appear
// (7.4.1).
func AppendPrevented(dst, payload []byte) []byte {
	zeros := 0
	for _, v := range payload {
		if zeros >= 2 && v <= 3 {
			dst = append(dst, 3)
			zeros = 0
		}
		dst = append(dst, v)
		if zeros++; v != 0 {
			zeros = 0
		}
	}
	if zeros >= 2 { // The payload ends with a cabac_zero_word.
		dst = append(dst, 3)
	}
	return dst
}
