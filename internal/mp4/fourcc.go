package mp4

import (
	"fmt"
	"slices"
)

// fourCC is a box type, a sample entry's format or a handler type.
type fourCC [4]byte

func newFourCC(b []byte) fourCC { return fourCC(b[:4]) }

// String returns the code, in hexadecimal if it is not printable. QuickTime
// uses © (0xa9) too.
func (c fourCC) String() string {
	for _, b := range c {
		if (b < 0x20 || b > 0x7e) && b != 0xa9 {
			return fmt.Sprintf("0x%08x", c[:])
		}
	}
	return string(c[:])
}

// is reports whether the code is one of names.
func (c fourCC) is(names ...string) bool {
	return slices.Contains(names, string(c[:]))
}
