package encode

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
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

// encryptedAs returns the format of the first encrypted sample entry of an MP4
// (ISO/IEC 14496-12, 8.12), "" where there is none. ffmpeg decodes such
// samples without a word, to noise.
func encryptedAs(r io.ReaderAt, size int64) string {
	at, end, err := findBox(r, "moov", 0, size)
	for err == nil {
		var trak int64
		if trak, at, err = findBox(r, "trak", at+8, end); err != nil {
			return ""
		}
		if kind := entryOf(r, trak+8, at); slices.Contains([]string{"encv", "enca", "drms", "drmi", "drmv"}, kind) {
			return kind
		}
		at -= 8
	}
	return ""
}

// entryOf returns the format of a track's first sample entry.
func entryOf(r io.ReaderAt, from, end int64) string {
	for _, kind := range []string{"mdia", "minf", "stbl", "stsd"} {
		at, next, err := findBox(r, kind, from, end)
		if err != nil {
			return ""
		}
		from, end = at+8, next
	}
	var h [16]byte // version, flags, entry_count; then the entry's own header
	if n, _ := r.ReadAt(h[:], from); n < len(h) {
		return ""
	}
	return string(h[12:])
}
