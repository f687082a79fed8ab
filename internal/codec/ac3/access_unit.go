package ac3

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
)

// substream is a syncframe of the first access unit with its metadata.
type substream struct {
	syncframe
	metadata
}

// parseUnit parses the syncframes of a sample, which must begin with independent
// substream 0 (ETSI TS 102 366, E.1.3.1.2).
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
		return nil, fault.New(fault.Media, "AC-3: the first sample of %d bytes does not begin with independent substream 0: the file is damaged; get it again", len(sample))
	}
	return frames, nil
}

// leads reports whether the frame belongs to independent substream 0, which
// times the stream.
func (f format) leads() bool { return f.strmtyp != streamDependent && f.substrm == 0 }

// programme is an independent substream with what its dependent ones add.
type programme struct {
	substream
	speakers uint16 // a set of places as in chanmap (ETSI TS 102 366, table E.1.7)
}

// programmes returns the programmes of a unit in order, each once however many
// frames it takes.
func programmes(frames []substream) []programme {
	var all []programme
	current := -1
	for _, f := range frames {
		if f.strmtyp != streamDependent {
			current = slices.IndexFunc(all, func(p programme) bool { return p.substrm == f.substrm })
			if current < 0 {
				all = append(all, programme{substream: f})
				current = len(all) - 1
			}
		}
		all[current].speakers |= f.speakers()
	}
	return all
}

// Places of loudspeakers, most significant bit first as in chanmap (ETSI TS 102
// 366, table E.1.7).
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

// speakers returns the places of the substream's channels.
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

func (p programme) layout() string {
	switch full, low := p.full(), p.low(); {
	case p.acmod == 0:
		return "dual mono"
	case full == 1 && low == 0:
		return "mono"
	case full == 2 && low == 0:
		return "stereo"
	default:
		return fmt.Sprintf("%d.%d", full, low)
	}
}
