package avc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// Picture says how a sample depends on others: an IDR slice makes it a Refresh, a
// recovery point with recovery_frame_cnt 0 or only intra slices a RecoveryPoint, and
// anything else Dependent.
//
// Intra slices do not prove that decoding can begin with a sample, since later ones
// may refer across it. Ask only about samples that the file marks as random access
// points.
func (c *Coding) Picture(sample []byte) (media.Picture, error) {
	recovery, slices, intra := false, 0, 0
	u := c.Units(sample)
	for u.Next() {
		switch unit := u.Unit(); unitType(unit) {
		case typeIDR:
			return media.Refresh, nil
		case typeSEI:
			recovery = recovery || recoversAtOnce(unit)
		case typeSlice, typePartitionA:
			slices++
			if intraSlice(unit) {
				intra++
			}
		}
	}
	if u.Err() != nil {
		return media.Dependent, c.Damaged(u.Err())
	}
	if slices > 0 && (recovery || slices == intra) {
		return media.RecoveryPoint, nil
	}
	return media.Dependent, nil
}

// intraSlice reports whether slice_type is I or SI (ISO/IEC 14496-10 7.3.3, table 7-6).
func intraSlice(unit []byte) bool {
	b := nal.NewBitReader(unit[1:])
	b.UE() // first_mb_in_slice
	switch b.UE() {
	case 2, 4, 7, 9:
		return !b.Short()
	}
	return false
}

// recoversAtOnce reports whether an SEI unit holds a recovery point whose
// recovery_frame_cnt is 0: pictures are correct from this one on (D.1.8, D.2.8).
func recoversAtOnce(unit []byte) bool {
	const recoveryPoint = 6
	b := nal.NewBitReader(unit[1:])
	for b.Rest() > 1 && !b.Short() {
		kind, size := messageField(&b), messageField(&b)
		if kind == recoveryPoint {
			return b.UE() == 0 && !b.Short()
		}
		b.Skip(8 * uint(size))
	}
	return false
}

// messageField reads payloadType or payloadSize (7.3.2.3.1).
func messageField(b *nal.BitReader) int {
	n := 0
	for !b.Short() {
		v := int(b.Read(8))
		n += v
		if v != 0xff {
			break
		}
	}
	return n
}
