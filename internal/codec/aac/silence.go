package aac

import (
	"bytes"

	"github.com/Eyevinn/mp4ff/bits"
)

// Syntactic elements (ISO/IEC 14496-3, table 4.85).
const (
	elementSingle  = 0
	elementPair    = 1
	elementLFE     = 3
	elementProgram = 5
	elementEnd     = 7
)

// silentBlock returns a raw_data_block (ISO/IEC 14496-3 4.4.2.1) of those elements in
// which none has a spectrum.
func silentBlock(elements []element) []byte {
	var out bytes.Buffer
	w := bits.NewWriter(&out)
	for _, e := range elements {
		w.Write(e.id, 3)
		w.Write(e.tag, 4)
		writeChannels(w, e.id)
	}
	w.Write(elementEnd, 3)
	w.Flush()
	return out.Bytes()
}

// elements lists the elements of a channelConfiguration in their order
// (ISO/IEC 14496-3, table 1.19).
func elements(layout uint) (all []element) {
	var tags [elementEnd]uint
	for _, id := range [...][]uint{
		1: {elementSingle},
		2: {elementPair},
		3: {elementSingle, elementPair},
		4: {elementSingle, elementPair, elementSingle},
		5: {elementSingle, elementPair, elementPair},
		6: {elementSingle, elementPair, elementPair, elementLFE},
		7: {elementSingle, elementPair, elementPair, elementPair, elementLFE},
	}[layout] {
		all = append(all, element{id, tags[id]})
		tags[id]++
	}
	return all
}

// writeChannels writes what follows an element's tag: one
// individual_channel_stream, or two that share their window.
func writeChannels(w *bits.Writer, element uint) {
	if element != elementPair {
		writeStream(w, true)
		return
	}
	w.Write(1, 1) // common_window
	writeWindow(w)
	w.Write(0, 2) // ms_mask_present
	writeStream(w, false)
	writeStream(w, false)
}

// writeStream writes an individual_channel_stream without sections, scale
// factors and spectrum (ISO/IEC 14496-3, table 4.50).
func writeStream(w *bits.Writer, window bool) {
	w.Write(0, 8) // global_gain
	if window {
		writeWindow(w)
	}
	w.Write(0, 3) // pulse, temporal noise shaping and gain control: none
}

// writeWindow writes an ics_info of one long sine window with max_sfb 0
// (ISO/IEC 14496-3, table 4.6).
func writeWindow(w *bits.Writer) {
	const reserved, sequence, shape, maxSFB, predictor = 1, 2, 1, 6, 1
	w.Write(0, reserved+sequence+shape+maxSFB+predictor)
}
