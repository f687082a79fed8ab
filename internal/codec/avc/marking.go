package avc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// dropBefore leaves the commands out of a slice at the end of dst that take back a reference to
// a picture before the lap (8.2.5.4.1). Where a file begins within an open GOP, a decoder
// has none of the pictures that they mean: it has those of the end of the lap before,
// and would complain, and keep more than max_num_ref_frames. Without commands, the sliding
// window (8.2.5.3) takes back the oldest ones, which are those.
func dropBefore(dst []byte, slice int, at media.Place, sets nal.Sets) []byte {
	if at.HeadFrame == 0 || dst[slice]>>5&3 == 0 {
		return dst
	}
	found := false
	b := nal.NewBitReader(dst[slice+1:])
	if _, ok := readMarking(&b, dst[slice], at, sets, func(_, _ int, before bool) { found = found || before }); !ok || !found {
		return dst
	}
	payload := nal.AppendPayload(nil, dst[slice+1:])
	b = nal.NewPlainBitReader(payload)
	var w, kept bitAppender
	n, _ := readMarking(&b, dst[slice], at, sets, func(from, to int, before bool) {
		if !before {
			kept.copy(payload, from, to)
		}
	})
	w.copy(payload, 0, n.marking)
	if kept.n > 0 {
		w.bit(1) // adaptive_ref_pic_marking_mode_flag
		w.copy(kept.bytes, 0, kept.n)
		w.ue(0) // the end of the commands
	} else {
		w.bit(0)
	}
	unit := w.appendRest(dst[slice:slice+1:slice+1], payload, b.Position(), &b, n.pps, n.kind)
	if len(unit) > len(dst)-slice { // By emulation prevention bytes that appear.
		return dst
	}
	return append(dst[:slice], unit...)
}

// marked are the fields of a slice header up to dec_ref_pic_marking.
type marked struct {
	numbers
	marking int // where adaptive_ref_pic_marking_mode_flag is, in bits of a plain payload
}

// readMarking reads the header of a slice of a reference picture, behind the unit's header, to the
// end of dec_ref_pic_marking (7.3.3). It calls command for each command with its bits,
// and whether it takes back a picture before the lap.
func readMarking(b *nal.BitReader, header byte, at media.Place, sets nal.Sets, command func(from, to int, before bool)) (m marked, ok bool) {
	if !m.read(b, header, sets) {
		return m, false
	}
	m.order.skipDeltas(b, m.pps.orderPresent && !m.field)
	if m.pps.redundant {
		b.UE() // redundant_pic_cnt
	}
	if !m.skipReferences(b) {
		return m, false
	}
	m.marking = b.Position()
	if !b.Flag() {
		return m, !b.Short()
	}
	// How many frames there are since the lap's first one; the slice counts on already.
	number := (m.frame.value - at.Count.Frames - (at.HeadFrame - 1)) & (1<<m.frame.bits - 1)
	if m.field {
		number = 2*number + 1 // 8.2.4.1
	}
	for !b.Short() {
		from := b.Position()
		switch op := b.UE(); op {
		case 0:
			return m, !b.Short()
		case 1:
			difference := b.UE() // difference_of_pic_nums_minus1
			command(from, b.Position(), difference >= number)
			continue
		case 2, 4, 6:
			b.UE()
		case 3:
			b.SkipUE(2)
		}
		command(from, b.Position(), false)
	}
	return m, false
}

// skipReferences skips the fields that say which pictures a slice refers to and how it
// weights them: from direct_spatial_mv_pred_flag to pred_weight_table.
func (n *numbers) skipReferences(b *nal.BitReader) (ok bool) {
	if n.kind == kindI || n.kind == kindSI {
		return true
	}
	lists := 1
	if n.kind == kindB {
		lists = 2
		b.Flag() // direct_spatial_mv_pred_flag
	}
	active := n.pps.active
	if b.Flag() { // num_ref_idx_active_override_flag
		for i := range lists {
			active[i] = b.UE() + 1
		}
	}
	for range lists {
		const end = 3
		if !b.Flag() { // ref_pic_list_modification_flag_l0 or _l1
			continue
		}
		for b.UE() != end { // modification_of_pic_nums_idc
			if b.UE(); b.Short() {
				return false
			}
		}
	}
	if n.pps.weighted && lists == 1 || n.pps.weightedBipred == 1 && lists == 2 {
		n.skipWeights(b, active[:lists])
	}
	return !b.Short()
}

// skipWeights skips pred_weight_table (7.3.3.2).
func (n *numbers) skipWeights(b *nal.BitReader, active []uint32) {
	b.UE() // luma_log2_weight_denom
	if n.order.chroma {
		b.UE() // chroma_log2_weight_denom
	}
	for _, count := range active {
		for i := uint32(0); i < count && !b.Short(); i++ {
			if b.Flag() {
				b.SkipUE(2) // luma_weight, luma_offset
			}
			if n.order.chroma && b.Flag() {
				b.SkipUE(4) // chroma_weight, chroma_offset
			}
		}
	}
}

// skipToData skips the rest of the header of a slice behind dec_ref_pic_marking, in a
// stream without slice groups.
func (p pps) skipToData(b *nal.BitReader, kind uint32) {
	if p.cabac && kind != kindI && kind != kindSI {
		b.UE() // cabac_init_idc
	}
	b.UE() // slice_qp_delta
	if kind == kindSP {
		b.Flag() // sp_for_switch_flag
	}
	if kind == kindSP || kind == kindSI {
		b.UE() // slice_qs_delta
	}
	const disabled = 1
	if p.deblocking && b.UE() != disabled { // disable_deblocking_filter_idc
		b.SkipUE(2) // slice_alpha_c0_offset_div2, slice_beta_offset_div2
	}
}
