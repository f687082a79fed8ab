package mp4

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
)

// compress returns the file with its moov box, which comes last, compressed.
func compress(file []byte, method string, size int) []byte {
	at := bytes.LastIndex(file, []byte("moov")) - 4
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(file[at:]); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	if size == 0 {
		size = len(file) - at
	}
	dcom := isobmff.Box("dcom", []byte(method))
	return append(bytes.Clone(file[:at]), isobmff.Box("moov", isobmff.Box("cmov", dcom, isobmff.Box("cmvd", isobmff.Uint32(size), b.Bytes())))...)
}

func TestCompressedMovie(t *testing.T) {
	m := &movieSpec{tracks: []*trackSpec{video(20), sound(30)}, moovLast: true}
	file := m.build()
	a := opened(t, compress(file, "zlib", 0))
	same(t, a.Video, m.tracks[0])
	same(t, a.Audio[0], m.tracks[1])
	if len(a.Notes) > 0 {
		t.Errorf("notes %q", a.Notes)
	}

	good := compress(file, "zlib", 0)
	refused(t, compress(file, "adec", 0), "the moov box is compressed with adec, and LILO reads zlib only")
	refused(t, compress(file, "zlib", 1<<30), "hold 1073741824")
	refused(t, compress(file, "zlib", 1<<15), "says that it holds 32768 bytes and ends after")
	refused(t, compress(file, "zlib", 500), "where the box around it has")
	for _, box := range []string{"dcom", "cmvd"} {
		other := bytes.Clone(good)
		other = bytes.Replace(other, []byte(box), []byte("free"), 1)
		refused(t, other, "holds no "+box+" box")
	}
	other := bytes.Clone(good)
	binary.BigEndian.PutUint16(other[bytes.Index(other, []byte("cmvd"))+8:], 0)
	refused(t, other, "does not hold what zlib compresses")
}
