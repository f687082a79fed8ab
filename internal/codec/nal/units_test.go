package nal

import (
	"slices"
	"testing"
)

func TestUnits(t *testing.T) {
	avc, hevc := Format{4, 1}, Format{4, 2}
	for _, c := range []struct {
		name    string
		format  Format
		sample  string
		want    []string
		skipped int
		text    string
	}{
		{"14496-15 5.3.4.2: nothing", avc, "", nil, 0, ""},
		{"14496-15 5.3.4.2: two units", avc, "\x00\x00\x00\x01a\x00\x00\x00\x02bc", []string{"a", "bc"}, 0, ""},
		{"14496-15 5.3.3.1: lengths of 1 byte", Format{1, 1}, "\x01a\x02bc", []string{"a", "bc"}, 0, ""},
		{"14496-15 5.3.3.1: lengths of 2 bytes", Format{2, 1}, "\x00\x01a\x00\x02bc", []string{"a", "bc"}, 0, ""},
		{"14496-15 5.3.3.1: lengths of 3 bytes", Format{3, 1}, "\x00\x00\x01a", []string{"a"}, 0, ""},
		{
			"too long", avc,
			"\x00\x00\x00\x02aa\x00\x01\x00\x00bc",
			[]string{"aa"},
			1, "the NAL unit at byte 6 of the sample claims 65536 bytes, 2 are left",
		},
		{
			"longer than 31 bits", avc, "\xff\xff\xff\xffa",
			nil, 1, "the NAL unit at byte 0 of the sample claims 4294967295 bytes, 1 are left",
		},
		{
			"no bytes, and a unit behind it", avc, "\x00\x00\x00\x02aa\x00\x00\x00\x00\x00\x00\x00\x01b",
			[]string{"aa", "b"},
			1, "the NAL unit at byte 6 of the sample has no bytes",
		},
		{
			"zeros to the end count once", avc, "\x00\x00\x00\x02aa" + string(make([]byte, 100)),
			[]string{"aa"},
			1, "the NAL unit at byte 6 of the sample has no bytes",
		},
		{
			"23008-2 7.3.1.2: half a header",
			Format{2, 2},
			"\x00\x01a\x00\x02bc",
			[]string{"bc"},
			1, "the NAL unit at byte 0 of the sample has 1 bytes, its header alone takes 2",
		},
		{
			"half a length", avc, "\x00\x00\x00\x02aa\x00\x00",
			[]string{"aa"},
			1, "the NAL unit at byte 6 of the sample ends within its length",
		},
		{
			"7.4.1: forbidden_zero_bit", avc, "\x00\x00\x00\x02\xe5a\x00\x00\x00\x02bc",
			[]string{"bc"},
			1, "the NAL unit at byte 0 of the sample has a header that no unit has, e5",
		},
		{
			"7.4.1: a unit of zeros", avc, "\x00\x00\x00\x02\x00\x00\x00\x00\x00\x02bc",
			[]string{"bc"},
			1, "the NAL unit at byte 0 of the sample has a header that no unit has, 00",
		},
		{
			"23008-2 7.4.2.2: nuh_temporal_id_plus1 is 0", hevc, "\x00\x00\x00\x03\x02\x00a\x00\x00\x00\x03\x02\x01b",
			[]string{"\x02\x01b"},
			1, "the NAL unit at byte 0 of the sample has a header that no unit has, 0200",
		},
		{"unspecified types are carried", avc, "\x00\x00\x00\x02\x7ca", []string{"\x7ca"}, 0, ""},
		{"a start code inside", avc, "\x00\x00\x00\x09aa\x00\x00\x00\x01bcd", []string{"aa", "bcd"}, 0, ""},
		{"a short one", avc, "\x00\x00\x00\x08aa\x00\x00\x01bcd\x00\x00\x00\x01e", []string{"aa", "bcd", "e"}, 0, ""},
		{"one before the unit", avc, "\x00\x00\x00\x06\x00\x00\x00\x01ab", []string{"ab"}, 0, ""},
		{"one at the end", avc, "\x00\x00\x00\x05ab\x00\x00\x01", []string{"ab"}, 0, ""},
		{"a byte stream, annex B", avc, "\x00\x00\x00\x01abc\x00\x00\x01de\x00\x00\x00\x01f", []string{"abc", "de", "f"}, 0, ""},
		{"with the short start code", avc, "\x00\x00\x01abc\x00\x00\x01de", []string{"abc", "de"}, 0, ""},
		{"a length that looks like one", avc, "\x00\x00\x00\x01a", []string{"a"}, 0, ""},
		{"another", avc, "\x00\x00\x01\x01" + string(slices.Repeat([]byte{'x'}, 257)), []string{string(slices.Repeat([]byte{'x'}, 257))}, 0, ""},
	} {
		var got []string
		u := c.format.Units([]byte(c.sample))
		for u.Next() {
			got = append(got, string(u.Unit()))
		}
		if !slices.Equal(got, c.want) || u.damage.Units != c.skipped || u.damage.Text != c.text {
			t.Errorf("%s: got %q, %+v", c.name, got, u.damage)
		}
	}
}

// TestHead checks that the end of a head is no damage.
func TestHead(t *testing.T) {
	u := Format{4, 1}.Head([]byte("\x00\x00\x00\x02aa\x00\x01\x00\x00bc"))
	var got []string
	for u.Next() {
		got = append(got, string(u.Unit()))
	}
	if !slices.Equal(got, []string{"aa", "bc"}) {
		t.Errorf("got %q", got)
	}
}

// FuzzUnits checks that units lie in the sample one after another.
func FuzzUnits(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x09aa\x00\x00\x00\x01bcd"), byte(4), byte(1))
	f.Add([]byte("\x00\x00\x01abc\x00\x00\x01de\x00"), byte(4), byte(2))
	f.Add([]byte("\x00\x02aa\x00\x00\x00\x01b"), byte(2), byte(1))
	f.Fuzz(func(t *testing.T, sample []byte, length, header byte) {
		u := Format{1 + int(length-1)&3, 1 + int(header-1)&1}.Units(sample)
		size := 0
		for u.Next() {
			if len(u.Unit()) < u.format.HeaderSize {
				t.Fatalf("a unit of %d bytes", len(u.Unit()))
			}
			size += len(u.Unit())
		}
		if size > len(sample) || u.number > len(sample) || u.damage.Units > len(sample) {
			t.Fatalf("%d bytes hold %d in %d units, %d are skipped", len(sample), size, u.number, u.damage.Units)
		}
	})
}
