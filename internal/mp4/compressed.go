package mp4

import (
	"bytes"
	"compress/zlib"
	"io"

	"github.com/lilo-live/lilo/internal/fault"
)

// Limits of a compressed moov box, so that a small file costs little. Tables of
// samples shrink to a half or a tenth.
const (
	maxRatio     = 64
	compressFree = 1 << 16 // bytes that any compressed box may expand to
)

// decompressed returns the moov box that a moov box with a cmov box stands for
// (QuickTime File Format, compressed movie resources). Others it returns as they are.
func decompressed(moov box) (box, error) {
	cmov, found, err := moov.find("cmov")
	if err != nil || !found {
		return moov, nil //nolint:nilerr // Whoever reads the box finds the damage.
	}
	dcom, err := cmov.require("dcom")
	if err != nil {
		return box{}, err
	}
	f := fieldReader{box: dcom}
	if method := newFourCC(f.next(4)); !method.is("zlib") {
		return box{}, fault.New(fault.Media, "the moov box is compressed with %s, and LILO reads zlib only: save the movie without compression in the program that wrote it", method)
	}
	cmvd, err := cmov.require("cmvd")
	if err != nil {
		return box{}, err
	}
	f = fieldReader{box: cmvd}
	size := int64(f.u32())
	if err := f.err(); err != nil {
		return box{}, err
	}
	if limit := int64(len(f.rest()))*maxRatio + compressFree; size > min(limit, maxBox) {
		return box{}, cmvd.damaged("says that its %d bytes hold %d", len(f.rest()), size)
	}
	return expanded(cmvd, f.rest(), size)
}

// expanded returns the box whose size bytes are compressed in data.
func expanded(cmvd box, data []byte, size int64) (box, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return box{}, cmvd.damaged("does not hold what zlib compresses (%v)", err)
	}
	b, err := io.ReadAll(io.LimitReader(z, size))
	if err != nil || int64(len(b)) < size {
		return box{}, cmvd.damaged("says that it holds %d bytes and ends after %d (%v)", size, len(b), err)
	}
	whole := box{offset: cmvd.offset, body: b}
	moov, err := whole.require("moov")
	moov.parent = ""
	return moov, err
}
