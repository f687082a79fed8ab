package monitor

import (
	"bytes"
	"slices"
	"testing"
)

// sectionPackets puts sections into packets one after another, with a
// pointer_field where one begins.
func sectionPackets(sections ...[]byte) []packet {
	var list []packet
	starts, b := []int{}, []byte{}
	for _, s := range sections {
		starts = append(starts, len(b))
		b = append(b, s...)
	}
	for at := 0; at < len(b); {
		first := slices.IndexFunc(starts, func(n int) bool { return n >= at && n < at+183 })
		p := header(pidPAT, first >= 0, 0x10)
		stuff(p[4:])
		if first >= 0 {
			p[4] = byte(starts[first] - at)
			at += copy(p[5:], b[at:])
		} else {
			at += copy(p[4:], b[at:])
		}
		list = append(list, p)
	}
	return list
}

func TestSections(t *testing.T) {
	short, long, longest := makeSection(tablePAT, []byte{0, 1, 0xe1, 0}), makeSection(tablePMT, make([]byte, 300)), makeSection(tableSDT, make([]byte, 1000))
	tests := []struct {
		name    string
		packets []packet
		want    [][]byte
	}{
		{"one in a packet", sectionPackets(short), [][]byte{short}},
		{"three in a packet", sectionPackets(short, short, short), [][]byte{short, short, short}},
		{"one in two packets", sectionPackets(long), [][]byte{long}},
		{"one ends where the next begins", sectionPackets(longest, short, long), [][]byte{longest, short, long}},
		{"one that began before the first packet", sectionPackets(long, short)[1:], [][]byte{short}},
		{"one without its first packet", sectionPackets(longest)[1:], nil},
		{"one that another interrupts", append(sectionPackets(longest)[:3], sectionPackets(short)...), [][]byte{short}},
		{"a header of three bytes in two packets", sectionPackets(make184(short), short), [][]byte{make184(short), short}},
	}
	for _, tt := range tests {
		var got [][]byte
		r := newSectionReader(func(s section) { got = append(got, slices.Clone(s)) })
		for _, p := range tt.packets {
			r.packet(p)
		}
		if !slices.EqualFunc(got, tt.want, bytes.Equal) {
			t.Errorf("%s: %d sections, want %d", tt.name, len(got), len(tt.want))
		}
	}
}

// make184 returns a section that leaves two bytes of the first packet for the next one.
func make184(like []byte) []byte { return makeSection(like[0], make([]byte, 181-12)) }

// TestPointerBeyondThePacket: such a packet is no section, and ends the one in progress.
func TestPointerBeyondThePacket(t *testing.T) {
	n := 0
	r := newSectionReader(func(section) { n++ })
	packets := sectionPackets(makeSection(tablePMT, make([]byte, 300)))
	bad := header(pidPAT, true, 0x10)
	bad[4] = 183
	r.packet(packets[0])
	bad[4] = 184
	r.packet(bad)
	r.packet(packets[1])
	if n != 0 {
		t.Errorf("%d sections, want none", n)
	}
}

func TestEntriesOfShortTables(t *testing.T) {
	for _, content := range [][]byte{nil, {0xe1}, {0xe1, 0, 0xf0, 9}, {0xe1, 0, 0xf0, 0, 0x1b, 0xe1}} {
		s := section(makeSection(tablePMT, content))
		for e := range s.entries() {
			t.Errorf("%d bytes of content: entry %+v", len(content), e)
		}
	}
	if pid := section(makeSection(tablePMT, []byte{0xe1})).pcrPID(); pid != pidNull {
		t.Errorf("PCR PID %d of a PMT without one", pid)
	}
}
