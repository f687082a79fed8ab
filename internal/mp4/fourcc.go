package mp4

import (
	"fmt"
	"slices"
)

// fourCC is a box type, a sample entry's format or a handler type.
type fourCC [4]byte

func newFourCC(b []byte) fourCC { return fourCC(b[:4]) }

// String returns the code as it is written, with its bytes where it is not printable.
func (c fourCC) String() string {
	if c.printable() {
		return string(c[:])
	}
	return fmt.Sprintf("0x%08x", c[:])
}

// printable reports whether the code could be one: QuickTime uses © (0xa9) too.
func (c fourCC) printable() bool {
	for _, b := range c {
		if (b < 0x20 || b > 0x7e) && b != 0xa9 {
			return false
		}
	}
	return true
}

// is reports whether the code is one of names.
func (c fourCC) is(names ...string) bool {
	return slices.Contains(names, string(c[:]))
}
