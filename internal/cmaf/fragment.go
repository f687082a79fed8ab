package cmaf

import (
	"encoding/binary"

	"github.com/lilo-live/lilo/internal/isobmff"
)

// Lengths of the boxes of a fragment, in bytes.
const (
	trunEntrySize = 16
	trunHeader    = 20
	moofSize      = 8 + 16 + 8 + 16 + 20 + trunHeader // moof, mfhd, traf, tfhd, tfdt, trun
	mdatHeader    = 8
)

// fragmentSize returns the length of a fragment of n samples, without the samples.
func fragmentSize(n int) int { return moofSize + n*trunEntrySize + mdatHeader }

// sample_flags (ISO/IEC 14496-12, 8.8.3.1) of a sample that depends on no other,
// and of one that does and is not a sync sample.
const (
	flagsSync    = 0x02000000
	flagsDepends = 0x01010000
)

// appendFragment appends a movie fragment (8.8.4) and the header of the mdat
// box that holds the samples, fragmentSize bytes in all. time is the decode time of the first one.
func appendFragment(dst []byte, number, time int64, samples []sample) []byte {
	const (
		defaultBaseIsMoof = 0x020000
		trunFlags         = 0x000f01 // data offset; duration, size, flags and composition offset of each sample
		trunVersion       = 1        // signed composition offsets
	)
	size := mdatHeader
	entries := make([]byte, 0, len(samples)*trunEntrySize)
	for _, s := range samples {
		size += s.size
		entries = s.appendEntry(entries)
	}
	traf := isobmff.Box("traf",
		isobmff.FullBox("tfhd", 0, defaultBaseIsMoof, isobmff.Uint32(trackID)),
		isobmff.FullBox("tfdt", 1, 0, isobmff.Uint64(time)),
		isobmff.FullBox("trun", trunVersion, trunFlags, isobmff.Uint32(len(samples), fragmentSize(len(samples))), entries))
	dst = append(dst, isobmff.Box("moof", isobmff.FullBox("mfhd", 0, 0, isobmff.Uint32(number+1)), traf)...)
	return append(binary.BigEndian.AppendUint32(dst, uint32(size)), "mdat"...)
}

// appendEntry appends the sample's row of a trun box.
func (s sample) appendEntry(b []byte) []byte {
	be, flags := binary.BigEndian, uint32(flagsDepends)
	if s.sync {
		flags = flagsSync
	}
	b = be.AppendUint32(b, uint32(s.duration))
	b = be.AppendUint32(b, uint32(s.size))
	b = be.AppendUint32(b, flags)
	return be.AppendUint32(b, uint32(int32(s.offset)))
}
