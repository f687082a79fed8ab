package ac3

import (
	"math/bits"

	"github.com/lilo-live/lilo/internal/fault"
)

// substream is one syncframe of the first access unit, in full.
type substream struct {
	syncframe
	metadata
}

// parseUnit reads the syncframes that the sample, an access unit, consists of.
// It must begin with independent substream 0 (ETSI TS 102 366 E.1.3.1.2).
func parseUnit(sample []byte) ([]substream, error) {
	var frames []substream
	for at := 0; at < len(sample); {
		f, err := parseSyncframe(sample[at:])
		if err != nil {
			return nil, err
		}
		m, err := parseMetadata(f, sample[at:])
		if err != nil {
			return nil, err
		}
		frames = append(frames, substream{f, m})
		at += f.size
	}
	if len(frames) == 0 || !frames[0].leads() {
		return nil, fault.New(fault.Media, "AC-3: the first sample of %d bytes does not begin with independent substream 0: the file is damaged, make it anew", len(sample))
	}
	return frames, nil
}

// leads reports whether the frame is of the substream that gives the stream
// its time, independent substream 0.
func (f format) leads() bool { return f.strmtyp != streamDependent && f.substrm == 0 }

// duration returns how many samples of each channel the unit lasts.
func duration(frames []substream) int {
	n := 0
	for _, f := range frames {
		if f.leads() {
			n += blockSamples * int(f.blocks)
		}
	}
	return n
}

// programme is an independent substream with what its dependent ones add.
type programme struct {
	substream
	speakers uint16 // set of places as in chanmap (ETSI TS 102 366, table E.1.7)
}

// programmes returns the programmes of a unit in the order of their numbers as
// they come, each once, however many frames it takes.
func programmes(frames []substream) []programme {
	var all []programme
	current := -1
	for _, f := range frames {
		if f.strmtyp != streamDependent {
			if current = find(all, f.substrm); current < 0 {
				all = append(all, programme{substream: f})
				current = len(all) - 1
			}
		}
		all[current].speakers |= f.speakers()
	}
	return all
}

// find returns the place of the programme with that number, -1 where there is none.
func find(all []programme, number uint8) int {
	for i, p := range all {
		if p.substrm == number {
			return i
		}
	}
	return -1
}

// Places of loudspeakers, most significant bit first as in chanmap (ETSI TS
// 102 366, table E.1.7).
const (
	left          = 1 << 15
	centre        = 1 << 14
	right         = 1 << 13
	leftSurround  = 1 << 12
	rightSurround = 1 << 11
	backSurround  = 1 << 8 // Cs, the only one of 2/1 and 3/1
	lowFrequency  = 1 << 0
	secondLow     = 1 << 1
	// pairs are the places that stand for two loudspeakers.
	pairs = 1<<10 | 1<<9 | 1<<6 | 1<<5 | 1<<4
)

// speakers returns the places that the substream's channels belong to.
func (s substream) speakers() uint16 {
	if s.chanmape {
		return s.chanmap
	}
	set := [...]uint16{
		left | right,
		centre,
		left | right,
		left | centre | right,
		left | right | backSurround,
		left | centre | right | backSurround,
		left | right | leftSurround | rightSurround,
		left | centre | right | leftSurround | rightSurround,
	}[s.acmod]
	if s.lfe {
		set |= lowFrequency
	}
	return set
}

// full returns the number of channels without the low frequency ones.
func (p programme) full() int {
	set := p.speakers &^ (lowFrequency | secondLow)
	return bits.OnesCount16(set) + bits.OnesCount16(set&pairs)
}

// low returns the number of low frequency channels.
func (p programme) low() int {
	return bits.OnesCount16(p.speakers & (lowFrequency | secondLow))
}
