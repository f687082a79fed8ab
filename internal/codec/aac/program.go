package aac

import (
	"bytes"

	"github.com/Eyevinn/mp4ff/bits"
)

// element is a syntactic element of a raw_data_block.
type element struct {
	id  uint // elementSingle, elementPair or elementLFE
	tag uint // element_instance_tag
}

// program is a program_config_element (ISO/IEC 14496-3, 4.4.1.1): the channels of a
// track whose channelConfiguration is 0.
type program struct {
	elements []element // in the order in which raw_data_blocks have them
	channels int
	data     []byte // as the first element of a raw_data_block, whole bytes
}

// readProgram reads the element at the end of a GASpecificConfig. ok is false where it
// has no channels, or ends early.
func readProgram(r *bits.Reader) (p program, ok bool) {
	var out bytes.Buffer
	w := bits.NewWriter(&out)
	written := 3
	w.Write(elementProgram, 3)
	next := func(n int) uint {
		v := r.Read(n)
		w.Write(v, n)
		written += n
		return v
	}
	next(4 + 2 + 4) // element_instance_tag, object_type, sampling_frequency_index
	main := next(4)
	main += next(4) + next(4)                        // front, side, back
	lfe, data, coupling := next(2), next(3), next(4) // what follows them
	for _, n := range []int{4, 4, 3} {               // mono, stereo and matrix mixdown
		if next(1) == 1 {
			next(n)
		}
	}
	for range main {
		id := next(1) // element_is_cpe
		p.elements = append(p.elements, element{id, next(4)})
		p.channels += 1 + int(id)
	}
	for range lfe {
		p.elements = append(p.elements, element{elementLFE, next(4)})
		p.channels++
	}
	for range data {
		next(4)
	}
	for range coupling {
		next(5)
	}
	if aligned := r.NrBitsRead() % 8; aligned > 0 {
		r.Read(8 - aligned)
	}
	for written%8 != 0 {
		w.Write(0, 1)
		written++
	}
	for range next(8) { // comment_field_data
		next(8)
	}
	w.Flush()
	p.data = out.Bytes()
	return p, r.AccError() == nil && p.channels > 0
}

// beginsWithProgram reports whether a raw_data_block begins with a program_config_element of its own.
func beginsWithProgram(block []byte) bool { return len(block) > 0 && block[0]>>5 == elementProgram }
