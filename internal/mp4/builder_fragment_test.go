package mp4

import (
	"bytes"

	"github.com/lilo-live/lilo/internal/isobmff"
)

// defaults returns what stands at that place of a track: durations and sizes
// that are the same for all samples, zeros elsewhere.
func (m *movieSpec) defaults(t *trackSpec, place string) (d sampleSpec) {
	if m.fragment.defaults == place && len(t.samples) > 0 {
		d = t.samples[0]
	}
	return d
}

func flagsOf(s sampleSpec) int64 {
	if s.sync {
		return 2 * sampleDependsOn
	}
	return sampleDependsOn | sampleIsNonSync
}

// appendFragments writes the samples that the sample tables do not hold, in
// fragments of all tracks.
func (m *movieSpec) appendFragments(file []byte) []byte {
	if !m.fragmented {
		return file
	}
	per := max(1, m.perMoof)
	for round, more := 0, true; more; round++ {
		more = false
		spans := make([][2]int, len(m.tracks))
		for i, t := range m.tracks {
			from := min(len(t.samples), t.inMoov+round*per)
			spans[i] = [2]int{from, min(len(t.samples), from+per)}
			more = more || spans[i][1] < len(t.samples)
		}
		file = m.appendFragment(file, spans)
	}
	return file
}

func (m *movieSpec) appendFragment(file []byte, spans [][2]int) []byte {
	at := int64(len(file))
	head := int64(len(m.moof(at, spans)))
	data := []byte{}
	for i, t := range m.tracks {
		for j := spans[i][0]; j < spans[i][1]; j++ {
			t.samples[j].offset = at + head + 8 + int64(len(data))
			data = append(data, bytes.Repeat([]byte{byte(t.id)}, t.samples[j].size)...)
		}
	}
	return append(append(file, m.moof(at, spans)...), isobmff.Box("mdat", data)...)
}

func (m *movieSpec) moof(at int64, spans [][2]int) []byte {
	parts := [][]byte{isobmff.FullBox("mfhd", 0, 0, isobmff.Uint32(1))}
	base := at
	for i, t := range m.tracks {
		from, to := spans[i][0], spans[i][1]
		if from == to {
			continue
		}
		if m.fragment.base != "" {
			base = at
		}
		parts = append(parts, m.traf(t, from, to, at, base))
		base = t.samples[to-1].offset + int64(t.samples[to-1].size)
	}
	return isobmff.Box("moof", parts...)
}

func (m *movieSpec) traf(t *trackSpec, from, to int, moof, base int64) []byte {
	fs := m.fragment
	head, flags := isobmff.Uint32(t.id), 0
	switch fs.base {
	case "moof":
		flags |= tfhdDefaultBaseMoof
	case "offset":
		flags |= tfhdBaseDataOffset
		head = append(head, isobmff.Uint64(moof)...)
	}
	if fs.defaults == "tfhd" {
		flags |= tfhdDuration | tfhdSize | tfhdFlags | tfhdEntry
		head = append(head, isobmff.Uint32(1, t.samples[0].duration, int64(t.samples[0].size), flagsOf(t.samples[0]))...)
	}
	parts := [][]byte{isobmff.FullBox("tfhd", 0, flags, head)}
	if !fs.noTime {
		time := int64(0)
		for _, s := range t.samples[:from] {
			time += s.duration
		}
		if fs.wide {
			parts = append(parts, isobmff.FullBox("tfdt", 1, 0, isobmff.Uint64(time)))
		} else {
			parts = append(parts, isobmff.FullBox("tfdt", 0, 0, isobmff.Uint32(time)))
		}
	}
	n := max(1, fs.runs)
	for i := range n {
		a, b := from+(to-from)*i/n, from+(to-from)*(i+1)/n
		if a < b {
			parts = append(parts, fs.trun(t, a, b, base, a > from && fs.noOffset))
		}
	}
	return isobmff.Box("traf", parts...)
}

func (fs fragmentSpec) trun(t *trackSpec, from, to int, base int64, noOffset bool) []byte {
	flags, version := trunCTO, 0
	if fs.defaults == "" {
		flags |= trunDuration | trunSize | trunFlags
	}
	rows := isobmff.Uint32(int64(to - from))
	if !noOffset {
		flags |= trunDataOffset
		rows = append(rows, isobmff.Uint32(t.samples[from].offset-base)...)
	}
	if fs.defaults != "" {
		flags |= trunFirstFlags
		rows = append(rows, isobmff.Uint32(flagsOf(t.samples[from]))...)
	}
	for _, s := range t.samples[from:to] {
		if fs.defaults == "" {
			rows = append(rows, isobmff.Uint32(s.duration, int64(s.size), flagsOf(s))...)
		}
		rows = append(rows, isobmff.Uint32(s.cto)...)
		if s.cto < 0 {
			version = 1
		}
	}
	return isobmff.FullBox("trun", version, flags, rows)
}
