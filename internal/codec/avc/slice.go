package avc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// Rewrite makes an IDR picture keep those before it that are yet to be shown, drops the
// signature of an encoder, and makes clock timestamps run on from the epoch, and the
// numbers of pictures where no IDR picture begins a lap.
func (s syntax) Rewrite(dst []byte, unit int, at media.Place, sets nal.Sets) []byte {
	switch unitType(dst[unit:]) {
	case typeIDR:
		dst = keepPriorPictures(dst, unit, sets)
		if at.PictureID > 0 {
			dst = renumber(dst, unit, at.PictureID-1, sets)
		}
	case typeSlice, typePartitionA:
		return dropBefore(countOn(dst, unit, at.Count, sets), unit, at, sets)
	case typeSEI:
		if at.KeepES || s.clock == nil && !nal.Signed(dst[unit:]) {
			return dst
		}
		return nal.RewriteMessages(dst, unit, 1, func(m nal.SEIMessage) { s.clock.run(m, at) })
	}
	return dst
}

// keepPriorPictures clears no_output_of_prior_pics_flag (ISO/IEC 14496-10, C.4.4).
func keepPriorPictures(dst []byte, slice int, sets nal.Sets) []byte {
	b := nal.NewBitReader(dst[slice+1:])
	h, ok := parseSlice(&b, sets)
	if !ok || !h.discards {
		return dst
	}
	discards := &dst[slice+1+h.discardsAt]
	*discards &^= h.discardsMask
	if *discards > 3 {
		return dst // No zeros and no start code appear.
	}
	unit := nal.AppendPrevented(nil, nal.AppendPayload(nil, dst[slice:]))
	if len(unit) > len(dst)-slice+1 {
		*discards |= h.discardsMask
		return dst
	}
	return append(dst[:slice], unit...)
}

// Values of slice_type modulo 5 (table 7-6).
const (
	kindB  = 1
	kindI  = 2
	kindSP = 3
	kindSI = 4
)

// sliceHeader holds fields of the header of an IDR picture's slice (7.3.3).
type sliceHeader struct {
	pps
	kind uint32 // slice_type modulo 5
	id   uint32 // idr_pic_id
	// idAt and idEnd are where idr_pic_id begins and ends, in bits of a plain payload.
	idAt, idEnd int
	// discards is no_output_of_prior_pics_flag, the bit discardsMask of byte
	// discardsAt after the unit's header.
	discards     bool
	discardsAt   int
	discardsMask byte
}

// parseSlice parses the header of a slice of an IDR picture up to
// no_output_of_prior_pics_flag. ok is false where a parameter set is missing or the
// slice is damaged.
func parseSlice(b *nal.BitReader, sets nal.Sets) (h sliceHeader, ok bool) {
	b.UE() // first_mb_in_slice
	h.kind = b.UE() % 5
	o, p, ok := parameters(b.UE(), sets)
	if h.pps = p; !ok || h.kind != kindI && h.kind != kindSI { // 7.4.3
		return h, false
	}
	if o.separatePlanes {
		b.Read(2) // colour_plane_id
	}
	b.Read(o.frameBits)
	field := !o.framesOnly && b.Flag()
	if field {
		b.Flag() // bottom_field_flag
	}
	h.idAt = b.Position()
	h.id = b.UE()
	h.idEnd = b.Position()
	o.skipOrder(b, p.orderPresent && !field)
	if p.redundant {
		b.UE() // redundant_pic_cnt
	}
	h.discards = b.Flag()
	h.discardsAt, h.discardsMask = b.Last()
	return h, !b.Short()
}

// skipOrder skips the picture order count of a slice. bottom says that it has one for the
// bottom field too.
func (o *order) skipOrder(b *nal.BitReader, bottom bool) {
	if o.orderType == 0 {
		b.Read(o.orderBits) // pic_order_cnt_lsb
	}
	o.skipDeltas(b, bottom)
}

// skipDeltas is skipOrder behind pic_order_cnt_lsb.
func (o *order) skipDeltas(b *nal.BitReader, bottom bool) {
	switch {
	case o.orderType == 0:
		if bottom {
			b.UE() // delta_pic_order_cnt_bottom
		}
	case o.orderType == 1 && !o.deltaAlwaysZero:
		b.UE() // delta_pic_order_cnt[0]
		if bottom {
			b.UE() // delta_pic_order_cnt[1]
		}
	}
}

// pps holds the fields of a picture parameter set that a slice header depends on.
type pps struct {
	cabac        bool // entropy_coding_mode_flag
	deblocking   bool // deblocking_filter_control_present_flag
	orderPresent bool // bottom_field_pic_order_in_frame_present_flag
	redundant    bool // redundant_pic_cnt_present_flag

	active         [2]uint32 // num_ref_idx_l0_default_active_minus1 + 1, and of l1
	weighted       bool      // weighted_pred_flag
	weightedBipred uint32    // weighted_bipred_idc
}

// parameters returns what the parameter sets say that a slice refers to.
func parameters(id uint32, sets nal.Sets) (o order, p pps, ok bool) {
	unit := sets.Find(nal.PictureSet, typePPS<<16|id)
	if unit == nil || id > 0xffff {
		return o, p, false
	}
	b := nal.NewBitReader(unit[1:])
	b.UE() // pic_parameter_set_id
	sequence := b.UE()
	p.cabac = b.Flag()
	p.orderPresent = b.Flag()
	p.readRest(&b)
	unit = sets.Find(nal.SequenceSet, typeSPS<<16|sequence&0xffff)
	if unit == nil || b.Short() {
		return o, p, false
	}
	s, err := parseSPS(unit)
	return s.order, p, err == nil
}

// readRest reads the fields of a picture parameter set from num_slice_groups_minus1 to
// redundant_pic_cnt_present_flag (7.3.2.2).
func (p *pps) readRest(b *nal.BitReader) {
	if groups := b.UE(); groups > 0 {
		skipGroups(b, groups)
	}
	p.active = [2]uint32{b.UE() + 1, b.UE() + 1}
	p.weighted = b.Flag()
	p.weightedBipred = b.Read(2)
	b.SkipUE(3) // pic_init_qp_minus26, pic_init_qs_minus26, chroma_qp_index_offset
	p.deblocking = b.Flag()
	b.Flag() // constrained_intra_pred_flag
	p.redundant = b.Flag()
}

// skipGroups skips the map of slice groups of the Baseline and Extended profiles.
func skipGroups(b *nal.BitReader, groups uint32) {
	const most = 7 // A.2.1: num_slice_groups_minus1
	if groups > most {
		b.Skip(8 * uint(b.Rest()+16))
		return
	}
	switch b.UE() { // slice_group_map_type
	case 0:
		b.SkipUE(int(groups) + 1) // run_length_minus1
	case 2:
		b.SkipUE(2 * int(groups)) // top_left, bottom_right
	case 3, 4, 5:
		b.Flag() // slice_group_change_direction_flag
		b.UE()   // slice_group_change_rate_minus1
	case 6:
		bits := uint(1)
		for n := groups; n > 1; n >>= 1 {
			bits++
		}
		for range b.UE() + 1 {
			if b.Read(bits); b.Short() {
				return
			}
		}
	}
}
