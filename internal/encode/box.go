package encode

import (
	"encoding/binary"
	"errors"
	"io"
)

// Boxes of an MP4 (ISO/IEC 14496-12), as this package writes them.

func be16(v ...int) (b []byte) {
	for _, x := range v {
		b = binary.BigEndian.AppendUint16(b, uint16(x))
	}
	return b
}

func be32(v ...int) (b []byte) {
	for _, x := range v {
		b = binary.BigEndian.AppendUint32(b, uint32(x))
	}
	return b
}

func be64(v ...int64) (b []byte) {
	for _, x := range v {
		b = binary.BigEndian.AppendUint64(b, uint64(x))
	}
	return b
}

func join(parts [][]byte) (b []byte) {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// atom writes a box.
func atom(kind string, parts ...[]byte) []byte {
	body := join(parts)
	return append(append(be32(8+len(body)), kind...), body...)
}

// full writes a box with version and flags.
func full(kind string, version, flags int, parts ...[]byte) []byte {
	return atom(kind, append([][]byte{be32(version<<24 | flags)}, parts...)...)
}

var errNoBox = errors.New("it has no sample description")

// sampleDescription returns the stsd box of the first track as it lies in the file.
func sampleDescription(r io.ReaderAt, size int64) ([]byte, error) {
	from, end := int64(0), size
	for _, kind := range []string{"moov", "trak", "mdia", "minf", "stbl", "stsd"} {
		at, next, err := findBox(r, kind, from, end)
		if err != nil {
			return nil, err
		}
		if kind == "stsd" {
			box := make([]byte, next-at)
			_, err := r.ReadAt(box, at)
			return box, err
		}
		from, end = at+8, next
	}
	return nil, errNoBox
}

// findBox returns where the first box of that kind lies between from and end.
func findBox(r io.ReaderAt, kind string, from, end int64) (at, next int64, err error) {
	var h [16]byte
	for from+8 <= end {
		n, err := r.ReadAt(h[:], from)
		if n < 8 {
			return 0, 0, err
		}
		size := int64(binary.BigEndian.Uint32(h[:]))
		if size == 1 && n == 16 {
			size = int64(binary.BigEndian.Uint64(h[8:]))
		}
		if size < 8 || size > end-from {
			return 0, 0, errNoBox
		}
		if string(h[4:8]) == kind {
			return from, from + size, nil
		}
		from += size
	}
	return 0, 0, errNoBox
}
