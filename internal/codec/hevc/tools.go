package hevc

import "github.com/lilo-live/lilo/internal/codec/nal"

// skipTools skips log2_max_pic_order_cnt_lsb_minus4 up to
// vui_parameters_present_flag (ISO/IEC 23008-2 7.3.2.2.1) and returns the latter.
func skipTools(b *nal.BitReader, layers uint32) bool {
	order := b.UE() + 4
	skipOrdering(b, layers)
	b.SkipUE(6) // sizes of coding and transform blocks
	if enabled := b.Flag(); enabled && b.Flag() {
		skipScaling(b)
	}
	b.Skip(2) // amp_enabled_flag, sample_adaptive_offset_enabled_flag
	if b.Flag() {
		b.Skip(8)   // pcm_sample_bit_depth
		b.SkipUE(2) // sizes of coding blocks
		b.Flag()    // pcm_loop_filter_disabled_flag
	}
	if !skipShortTerm(b) || !skipLongTerm(b, order) {
		return false
	}
	b.Skip(2) // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
	return b.Flag() && !b.Short()
}

// skipOrdering skips the sizes of the decoded picture buffer.
func skipOrdering(b *nal.BitReader, layers uint32) {
	if !b.Flag() {
		layers = 1
	}
	b.SkipUE(3 * int(layers))
}

// skipScaling skips scaling_list_data (7.3.4).
func skipScaling(b *nal.BitReader) {
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

// skipList skips one list: a reference to another, or its coefficients.
func skipList(b *nal.BitReader, size int) {
	if !b.Flag() {
		b.UE() // scaling_list_pred_matrix_id_delta
		return
	}
	if size > 1 {
		b.UE() // scaling_list_dc_coef_minus8
	}
	b.SkipUE(min(64, 1<<(4+2*size)))
}

// skipShortTerm skips the short-term reference picture sets (7.3.7). It returns
// false where there are more of anything than 7.4.3.2.1 and 7.4.8 allow.
func skipShortTerm(b *nal.BitReader) bool {
	const maxSets, maxPictures = 64, 16
	n := b.UE()
	if n > maxSets {
		return false
	}
	pictures := uint32(0) // NumDeltaPocs of the set before
	for i := range n {
		if i > 0 && b.Flag() {
			pictures = skipPredicted(b, pictures)
		} else {
			negative, positive := b.UE(), b.UE()
			pictures = negative + positive
			if negative > maxPictures || positive > maxPictures {
				return false
			}
			for range pictures {
				b.UE()   // delta_poc_minus1
				b.Flag() // used_by_curr_pic_flag
			}
		}
		if pictures > maxPictures {
			return false
		}
	}
	return true
}

// skipPredicted skips a set that is predicted from the one before, of n
// pictures, and returns how many it has.
func skipPredicted(b *nal.BitReader, n uint32) uint32 {
	b.Flag() // delta_rps_sign
	b.UE()   // abs_delta_rps_minus1
	pictures := uint32(0)
	for range n + 1 {
		if used := b.Flag(); used || b.Flag() {
			pictures++
		}
	}
	return pictures
}

// skipLongTerm skips the long-term reference pictures, whose order count
// takes order bits.
func skipLongTerm(b *nal.BitReader, order uint32) bool {
	const maxPictures, maxOrder = 32, 16
	if !b.Flag() {
		return true
	}
	n := b.UE()
	if n > maxPictures || order > maxOrder {
		return false
	}
	b.Skip(uint(n * (order + 1)))
	return true
}
