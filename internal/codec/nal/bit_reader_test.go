package nal

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/Eyevinn/mp4ff/bits"
)

func TestUE(t *testing.T) {
	for _, c := range []struct {
		name  string
		bytes string
		want  uint32
		short bool
	}{
		{"14496-10 table 9-2: 1", "80", 0, false},
		{"14496-10 table 9-2: 010", "40", 1, false},
		{"14496-10 table 9-2: 011", "60", 2, false},
		{"14496-10 table 9-2: 00111", "38", 6, false},
		{"14496-10 9.1: the largest, 2^32-2", "00000001fffffffe", 1<<32 - 2, false},
		{"14496-10 9.1: 32 zeros are none", "0000000080000000", 0, true},
		{"14496-10 9.1: no end", "00", 0, true},
		{"14496-10 9.1: half a value", "01", 127, true},
	} {
		data, _ := hex.DecodeString(c.bytes)
		b := NewBitReader(data)
		if got := b.UE(); got != c.want || b.Short() != c.short {
			t.Errorf("%s: got %d, short %v", c.name, got, b.Short())
		}
	}
}

func TestEmulationPrevention(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"7.3.1: 3 after two zeros goes", "0000030112", "00000112"},
		{"7.3.1: 3 after one zero stays", "00030112", "00030112"},
		{"7.3.1: zeros count anew behind it", "00000300000301", "0000000001"},
		{"7.3.1: at the end (cabac_zero_word)", "000003", "0000"},
	} {
		raw, _ := hex.DecodeString(c.raw)
		want, _ := hex.DecodeString(c.want)
		b := NewBitReader(raw)
		var got []byte
		for range want {
			got = append(got, byte(b.Read(8)))
		}
		if !bytes.Equal(got, want) || b.Short() {
			t.Errorf("%s: got %x", c.name, got)
		}
		if b.Read(8); !b.Short() {
			t.Errorf("%s: there is more", c.name)
		}
	}
}

func TestSkipStopsAtTheEnd(t *testing.T) {
	b := NewBitReader(make([]byte, 100))
	b.Skip(1 << 62)
	if !b.Short() || b.Rest() != 0 {
		t.Errorf("short %v, %d bytes left", b.Short(), b.Rest())
	}
}

// FuzzBitReader reads the same fields as mp4ff's reader does, where there are not
// three zeros in a row: no unit has them (7.4.1), and mp4ff then misses a 3.
func FuzzBitReader(f *testing.F) {
	f.Add([]byte{0x64, 0, 0, 3, 1, 0x88, 0, 0, 3}, []byte{8, 3, 0, 1, 17, 0, 32, 33})
	f.Fuzz(func(t *testing.T, data, steps []byte) {
		if bytes.Contains(data, []byte{0, 0, 0}) {
			return
		}
		ours, theirs := NewBitReader(data), bits.NewEBSPReader(bytes.NewReader(data))
		for _, step := range steps {
			n := uint(step % 34)
			var a uint32
			var b uint
			if n == 33 {
				a, b = ours.UE(), theirs.ReadExpGolomb()
			} else {
				a, b = ours.Read(n), theirs.Read(int(n))
			}
			if theirs.AccError() != nil || ours.Short() {
				return
			}
			if uint(a) != b {
				t.Fatalf("%d bits: got %d, want %d", n, a, b)
			}
		}
	})
}
