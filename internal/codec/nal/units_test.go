package nal

import "testing"

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		name   string
		format Format
		sample string
		count  int
		err    string
	}{
		{"14496-15 5.3.4.2: nothing", Format{4, 1}, "", 0, ""},
		{"14496-15 5.3.4.2: two units", Format{4, 1}, "\x00\x00\x00\x01a\x00\x00\x00\x02bc", 2, ""},
		{"14496-15 5.3.3.1: lengths of 1 byte", Format{1, 1}, "\x01a\x02bc", 2, ""},
		{"14496-15 5.3.3.1: lengths of 2 bytes", Format{2, 1}, "\x00\x01a\x00\x02bc", 2, ""},
		{"14496-15 5.3.3.1: lengths of 3 bytes", Format{3, 1}, "\x00\x00\x01a", 1, ""},
		{
			"too long",
			Format{4, 1},
			"\x00\x00\x00\x01a\x00\x01\x00\x00bc", 0,
			"NAL unit 2 at byte 5 claims 65536 bytes, 2 are left",
		},
		{
			"longer than 31 bits",
			Format{4, 1},
			"\xff\xff\xff\xffa", 0,
			"NAL unit 1 at byte 0 claims 4294967295 bytes, 1 are left",
		},
		{
			"no unit",
			Format{4, 1},
			"\x00\x00\x00\x01a\x00\x00\x00\x00", 0,
			"NAL unit 2 at byte 5 has 0 bytes, its header alone takes 1",
		},
		{
			"23008-2 7.3.1.2: half a header",
			Format{2, 2},
			"\x00\x01a", 0,
			"NAL unit 1 at byte 0 has 1 bytes, its header alone takes 2",
		},
		{
			"no length",
			Format{4, 1},
			"\x00\x00\x00\x01a\x00\x00", 0,
			"NAL unit 2 at byte 5 has 2 bytes left for its length, which takes 4",
		},
		{"lengths of 0 bytes", Format{0, 1}, "a", 0, "NAL units have lengths of 0 bytes, wanted 1 to 4"},
	} {
		n, err := c.format.Count([]byte(c.sample))
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != c.err || err == nil && n != c.count {
			t.Errorf("%s: got %d, %q", c.name, n, text)
		}
	}
}
