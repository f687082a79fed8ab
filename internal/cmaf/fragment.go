package cmaf

import "encoding/binary"

// Lengths of the boxes of a fragment, in bytes.
const (
	sampleSize = 16
	trunHeader = 20
	moofSize   = 8 + 16 + 8 + 16 + 20 + trunHeader // moof, mfhd, traf, tfhd, tfdt, trun
	mdatHeader = 8
)

// fragmentSize is the length of a fragment of n samples without these.
func fragmentSize(n int) int { return moofSize + n*sampleSize + mdatHeader }

// Flags of samples (ISO/IEC 14496-12, 8.8.3.1): one that depends on no other, and
// one that does and that decoding cannot begin with.
const (
	flagsSync    = 0x02000000
	flagsDepends = 0x01010000
)

// appendFragment appends a moof and the header of the mdat that the samples'
// bytes follow: one movie fragment of one track, its samples behind it
// (default-base-is-moof), and when the first of them is decoded.
func appendFragment(dst []byte, number, at int64, samples []sample) []byte {
	be := binary.BigEndian
	const (
		baseIsMoof  = 0x020000
		trunFlags   = 0x000f01 // data offset; duration, size, flags and offset of each sample
		trunVersion = 1        // signed offsets
	)
	dst = box(dst, "moof", func(b []byte) []byte {
		b = box(b, "mfhd", func(b []byte) []byte {
			return be.AppendUint32(be.AppendUint32(b, 0), uint32(number+1))
		})
		return box(b, "traf", func(b []byte) []byte {
			b = box(b, "tfhd", func(b []byte) []byte {
				return be.AppendUint32(be.AppendUint32(b, baseIsMoof), trackID)
			})
			b = box(b, "tfdt", func(b []byte) []byte {
				return be.AppendUint64(be.AppendUint32(b, 1<<24), uint64(at))
			})
			return box(b, "trun", func(b []byte) []byte {
				b = be.AppendUint32(b, trunVersion<<24|trunFlags)
				b = be.AppendUint32(b, uint32(len(samples)))
				b = be.AppendUint32(b, uint32(fragmentSize(len(samples))))
				for _, s := range samples {
					b = s.append(b)
				}
				return b
			})
		})
	})
	size := mdatHeader
	for _, s := range samples {
		size += s.size
	}
	return append(be.AppendUint32(dst, uint32(size)), "mdat"...)
}

// append appends the sample's entry of a trun.
func (s sample) append(b []byte) []byte {
	be, flags := binary.BigEndian, uint32(flagsDepends)
	if s.sync {
		flags = flagsSync
	}
	b = be.AppendUint32(b, uint32(s.duration))
	b = be.AppendUint32(b, uint32(s.size))
	b = be.AppendUint32(b, flags)
	return be.AppendUint32(b, uint32(int32(s.offset)))
}
