package avc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// Picture says how a sample depends on others: an IDR slice makes it a Refresh, a
// recovery point a RecoveryPoint, or a GradualRefresh if recovery_frame_cnt is above 0,
// intra slices alone IntraOnly, and anything else Dependent.
func (c *Coding) Picture(sample []byte) (media.Picture, error) {
	u := c.Units(sample)
	p, _ := survey(&u)
	return p, nil
}

// Peek is Picture of the first bytes of a sample, up to its first slice that is not intra.
func (c *Coding) Peek(head []byte) (media.Picture, bool) {
	u := c.Head(head)
	return survey(&u)
}

// survey goes through the units of a sample until they say how it depends on others.
// If they have not at their end, more slices could say otherwise, and sure is false.
func survey(u *nal.Units) (p media.Picture, sure bool) {
	recovery := media.IntraOnly // or what an SEI says
	for u.Next() {
		switch unit := u.Unit(); unitType(unit) {
		case typeIDR:
			return media.Refresh, true
		case typeSEI:
			if frames, _, ok := recoveryPoint(unit); ok && frames == 0 {
				recovery = media.RecoveryPoint
			} else if ok {
				recovery = media.GradualRefresh
			}
		case typeSlice, typePartitionA:
			switch intra, ok := intraSlice(unit); {
			case !ok: // The slice is cut off or damaged.
				return media.Dependent, false
			case recovery != media.IntraOnly:
				return recovery, true
			case !intra:
				return media.Dependent, true
			}
			p = media.IntraOnly
		}
	}
	return p, false
}

// intraSlice reports whether slice_type is I or SI (ISO/IEC 14496-10 7.3.3, table 7-6).
func intraSlice(unit []byte) (intra, ok bool) {
	b := nal.NewBitReader(unit[1:])
	b.UE() // first_mb_in_slice
	kind := b.UE()
	return kind%5 == 2 || kind%5 == 4, kind < 10 && !b.Short()
}

// BrokenLink reports whether a sample has a recovery point with broken_link_flag (D.2.8): pictures
// that are shown before it may be damaged.
func (c *Coding) BrokenLink(_, sample []byte) bool {
	for u := c.Units(sample); u.Next(); {
		if unitType(u.Unit()) != typeSEI {
			continue
		}
		if _, broken, ok := recoveryPoint(u.Unit()); ok {
			return broken
		}
	}
	return false
}

// recoveryPoint returns recovery_frame_cnt and broken_link_flag of an SEI unit (D.1.8, D.2.8): how
// many frames after this one pictures are correct. ok is false for other messages.
func recoveryPoint(unit []byte) (frames uint32, broken, ok bool) {
	const payloadType = 6
	b := nal.NewBitReader(unit[1:])
	for b.Rest() > 1 && !b.Short() {
		kind, size := messageField(&b), messageField(&b)
		if kind == payloadType {
			frames = b.UE()
			b.Flag() // exact_match_flag
			broken = b.Flag()
			return frames, broken, !b.Short()
		}
		b.Skip(8 * uint(size))
	}
	return 0, false, false
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
