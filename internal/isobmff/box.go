package isobmff

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// Handler types (8.4.3), which say what a track holds.
const (
	Video = "vide"
	Audio = "soun"
)

type integer interface{ ~int | ~int64 | ~uint32 }

// Uint16 returns 16-bit fields. Larger values are truncated.
func Uint16[T integer](values ...T) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// Uint32 returns 32-bit fields. Larger values are truncated.
func Uint32[T integer](values ...T) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return b
}

// Uint64 returns 64-bit fields.
func Uint64[T integer](values ...T) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	return b
}

// Box returns a box of type kind that holds parts (4.2).
func Box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	b := make([]byte, 0, 8+len(body))
	b = binary.BigEndian.AppendUint32(b, uint32(8+len(body)))
	return append(append(b, kind...), body...)
}

// FullBox returns a box with a version and flags before its parts (4.2.2).
func FullBox(kind string, version, flags int, parts ...[]byte) []byte {
	return Box(kind, append([][]byte{Uint32(version<<24 | flags)}, parts...)...)
}

// Matrix returns the transformation matrix that leaves pictures as they are (6.2.2).
func Matrix() []byte { return Uint32(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30) }

// PackLanguage returns an ISO 639-2/T code in the form of mdhd: three letters
// of five bits each (8.4.2.3). Anything but three lower-case letters becomes "und".
func PackLanguage(code string) int {
	if len(code) != 3 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz") != "" {
		code = "und"
	}
	packed := 0
	for _, c := range []byte(code) {
		packed = packed<<5 | int(c-0x60)
	}
	return packed
}

// HandlerBox returns the hdlr box of a track that LILO wrote (8.4.3).
func HandlerBox(handler string) []byte {
	return FullBox("hdlr", 0, 0, Uint32(0), []byte(handler), make([]byte, 12), []byte("LILO\x00"))
}

// MediaInformation returns the minf box of a track whose samples lie in the
// same file (8.4.4), with its sample table.
func MediaInformation(handler string, stbl []byte) []byte {
	header := FullBox("vmhd", 0, 1, make([]byte, 8))
	if handler == Audio {
		header = FullBox("smhd", 0, 0, make([]byte, 4))
	}
	const sameFile = 1
	dref := FullBox("dref", 0, 0, Uint32(1), FullBox("url ", 0, sameFile))
	return Box("minf", header, Box("dinf", dref), stbl)
}

// SampleDescription returns the stsd box with one sample entry (8.5.2).
func SampleDescription(entry []byte) []byte {
	return FullBox("stsd", 0, 0, Uint32(1), entry)
}
