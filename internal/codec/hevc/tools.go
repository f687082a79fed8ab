package hevc

import "github.com/lilo-live/lilo/internal/codec/nal"

// skipTools passes over log2_max_pic_order_cnt_lsb_minus4 up to
// vui_parameters_present_flag (ISO/IEC 23008-2 7.3.2.2.1) and returns the latter.
func skipTools(b *nal.Bits, layers uint32) bool {
	order := b.Golomb() + 4
	skipOrdering(b, layers)
	for range 6 {
		b.Golomb() // Sizes of coding and transform blocks.
	}
	if enabled := b.Flag(); enabled && b.Flag() {
		skipScaling(b)
	}
	b.Skip(2) // amp_enabled_flag, sample_adaptive_offset_enabled_flag
	if b.Flag() {
		b.Skip(8) // pcm_sample_bit_depth
		b.Golomb()
		b.Golomb()
		b.Flag()
	}
	if !skipShortTerm(b) || !skipLongTerm(b, order) {
		return false
	}
	b.Skip(2) // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
	return b.Flag() && !b.Short()
}

// skipOrdering passes over the sizes of the decoded picture buffer.
func skipOrdering(b *nal.Bits, layers uint32) {
	if !b.Flag() {
		layers = 1
	}
	for range 3 * layers {
		b.Golomb()
	}
}

// skipScaling passes over scaling_list_data (7.3.4).
func skipScaling(b *nal.Bits) {
	for size := range 4 {
		matrices := 6
		if size == 3 {
			matrices = 2
		}
		for range matrices {
			skipList(b, size)
		}
	}
}

// skipList passes over one list: a reference to another, or its coefficients.
func skipList(b *nal.Bits, size int) {
	if !b.Flag() {
		b.Golomb() // scaling_list_pred_matrix_id_delta
		return
	}
	if size > 1 {
		b.Golomb() // scaling_list_dc_coef_minus8
	}
	for range min(64, 1<<(4+2*size)) {
		b.Golomb()
	}
}

// skipShortTerm passes over the short-term reference picture sets (7.3.7). It
// returns false where there are more of anything than 7.4.3.2.1 and 7.4.8 allow.
func skipShortTerm(b *nal.Bits) bool {
	const maxSets, maxPictures = 64, 16
	n := b.Golomb()
	if n > maxSets {
		return false
	}
	pictures := uint32(0) // NumDeltaPocs of the set before
	for i := range n {
		if i > 0 && b.Flag() {
			pictures = skipPredicted(b, pictures)
		} else {
			negative, positive := b.Golomb(), b.Golomb()
			pictures = negative + positive
			if negative > maxPictures || positive > maxPictures {
				return false
			}
			for range pictures {
				b.Golomb() // delta_poc_minus1
				b.Flag()   // used_by_curr_pic_flag
			}
		}
		if pictures > maxPictures {
			return false
		}
	}
	return true
}

// skipPredicted passes over a set that is predicted from the one before, of n
// pictures, and returns how many it has.
func skipPredicted(b *nal.Bits, n uint32) uint32 {
	b.Flag()   // delta_rps_sign
	b.Golomb() // abs_delta_rps_minus1
	pictures := uint32(0)
	for range n + 1 {
		if used := b.Flag(); used || b.Flag() {
			pictures++
		}
	}
	return pictures
}

// skipLongTerm passes over the long-term reference pictures, whose order count
// takes order bits.
func skipLongTerm(b *nal.Bits, order uint32) bool {
	const maxPictures, maxOrder = 32, 16
	if !b.Flag() {
		return true
	}
	n := b.Golomb()
	if n > maxPictures || order > maxOrder {
		return false
	}
	b.Skip(uint(n * (order + 1)))
	return true
}
