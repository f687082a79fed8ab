package mp4

import (
	"bytes"
	"io"

	"github.com/lilo-live/lilo/internal/isobmff"
)

func zeros(n int) []byte { return make([]byte, n) }

// orZeros returns the matrix, or one of zeros if there is none.
func orZeros(matrix []byte) []byte {
	if matrix == nil {
		return zeros(36)
	}
	return matrix
}

// sampleSpec is a sample as a test wants it, and where the builder put it.
type sampleSpec struct {
	size     int
	duration int64
	cto      int64
	sync     bool
	offset   int64
}

// editSpec is a row of an edit list.
type editSpec struct{ duration, time, rate int64 }

// trackSpec is a track as a test wants it.
type trackSpec struct {
	id        int64 // its place by default
	handler   string
	entry     []byte
	timescale int64
	language  string
	elng      string
	disabled  bool
	samples   []sampleSpec
	perChunk  []int // samples in each chunk, the last one repeated; 3 by default
	edits     []editSpec
	noSync    bool // leave stss out
	wide      bool // co64, versions 1
	compact   int  // stz2 with that many bits
	same      bool // stsz with one size for all
	external  bool
	matrix    []byte // of tkhd, zeros by default
	boxes     []byte // more boxes of trak
	inMoov    int    // how many samples the sample tables hold, of a fragmented file
	bounds    []int  // of the chunks
	patch     func(kind string, box []byte) []byte
}

// movieSpec is a file as a test wants it.
type movieSpec struct {
	tracks     []*trackSpec
	timescale  int64
	matrix     []byte // of mvhd, zeros by default
	boxes      []byte // more boxes of moov
	moovLast   bool
	wideMdat   bool // a 64-bit size
	toTheEnd   bool // size 0, mdat must be last
	fragmented bool
	perMoof    int // samples of a track in a fragment
	fragment   fragmentSpec
}

// fragmentSpec is how fragments are written.
type fragmentSpec struct {
	base     string // "moof" (default-base-is-moof), "offset" (base-data-offset) or "" (neither)
	defaults string // "trex", "tfhd" or "": where equal durations and sizes stand
	runs     int    // truns a traf
	noTime   bool   // leave tfdt out
	noOffset bool   // leave the data_offset of all truns but the first out
	wide     bool   // tfdt version 1
}

func video(n int) *trackSpec {
	t := &trackSpec{handler: "vide", entry: visual("avc1", isobmff.Box("avcC", []byte("record"))), timescale: 25, language: "und"}
	for i := range n {
		t.samples = append(t.samples, sampleSpec{size: 10 + i%7, duration: 1, sync: i%5 == 0})
	}
	return t
}

func sound(n int) *trackSpec {
	t := &trackSpec{handler: "soun", entry: audible("mp4a", esds(0x40, []byte{0x11, 0x90})), timescale: 48000, language: "deu", noSync: true}
	for i := range n {
		t.samples = append(t.samples, sampleSpec{size: 5 + i%3, duration: 1024, sync: true})
	}
	return t
}

func visual(format string, boxes ...[]byte) []byte {
	return isobmff.Box(format, zeros(6), isobmff.Uint16(1), zeros(70), bytes.Join(boxes, nil))
}

func audible(format string, boxes ...[]byte) []byte {
	return isobmff.Box(format, zeros(6), isobmff.Uint16(1), zeros(20), bytes.Join(boxes, nil))
}

func descriptor(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append([]byte{tag, 0x80, 0x80, byte(len(body))}, body...)
}

func esds(object byte, info []byte) []byte {
	config := append([]byte{object}, zeros(12)...)
	if info != nil {
		config = append(config, descriptor(5, info)...)
	}
	return isobmff.FullBox("esds", 0, 0, descriptor(3, isobmff.Uint16(1), []byte{0}, descriptor(4, config), descriptor(6, []byte{2})))
}

// build writes the file. It fills in the offsets of the samples.
func (m *movieSpec) build() []byte {
	if m.timescale == 0 {
		m.timescale = 1000
	}
	for i, t := range m.tracks {
		if t.id == 0 {
			t.id = int64(i + 1)
		}
		if !m.fragmented {
			t.inMoov = len(t.samples)
		}
	}
	ftyp := isobmff.Box("ftyp", []byte("isom"), isobmff.Uint32(0), []byte("isommp42"))
	head := int64(len(ftyp)) + m.mdatHeader()
	if !m.moovLast {
		m.place(0)
		head += int64(len(m.moov()))
	}
	data := m.place(head)
	mdat := m.mdat(data)
	if m.moovLast {
		return bytes.Join([][]byte{ftyp, mdat, m.moov()}, nil)
	}
	file := bytes.Join([][]byte{ftyp, m.moov(), mdat}, nil)
	return m.appendFragments(file)
}

func (m *movieSpec) mdatHeader() int64 {
	if m.wideMdat {
		return 16
	}
	return 8
}

func (m *movieSpec) mdat(data []byte) []byte {
	switch {
	case m.wideMdat:
		return append(append(append(isobmff.Uint32(1), "mdat"...), isobmff.Uint64(int64(16+len(data)))...), data...)
	case m.toTheEnd:
		return append(append(isobmff.Uint32(0), "mdat"...), data...)
	default:
		return isobmff.Box("mdat", data)
	}
}

// place interleaves the chunks of all tracks, the first one at offset at.
func (m *movieSpec) place(at int64) (data []byte) {
	for chunk, more := 0, true; more; chunk++ {
		more = false
		for _, t := range m.tracks {
			from, to := t.chunk(chunk)
			for i := from; i < to; i++ {
				t.samples[i].offset = at + int64(len(data))
				data = append(data, bytes.Repeat([]byte{byte(t.id)}, t.samples[i].size)...)
			}
			more = more || to < t.inMoov
		}
	}
	return data
}

// chunk returns which samples chunk i (from 0) holds.
func (t *trackSpec) chunk(i int) (from, to int) {
	per := t.perChunk
	if per == nil {
		per = []int{3}
	}
	if t.bounds == nil || t.bounds[len(t.bounds)-1] != t.inMoov {
		t.bounds = []int{0}
		for c, end := 0, 0; end < t.inMoov; c++ {
			end = min(t.inMoov, end+per[min(c, len(per)-1)])
			t.bounds = append(t.bounds, end)
		}
	}
	last := len(t.bounds) - 1
	return t.bounds[min(i, last)], t.bounds[min(i+1, last)]
}

func (m *movieSpec) moov() []byte {
	parts := [][]byte{isobmff.FullBox("mvhd", 0, 0, zeros(8), isobmff.Uint32(m.timescale), zeros(20), orZeros(m.matrix), zeros(28))}
	extends := [][]byte{}
	for _, t := range m.tracks {
		parts = append(parts, t.trak())
		d := m.defaults(t, "trex")
		extends = append(extends, isobmff.FullBox("trex", 0, 0, isobmff.Uint32(t.id, 1, d.duration, int64(d.size), flagsOf(d))))
	}
	if m.fragmented {
		parts = append(parts, isobmff.Box("mvex", extends...))
	}
	return isobmff.Box("moov", append(parts, m.boxes)...)
}

// box writes a box of the track, through the test's patch.
func (t *trackSpec) box(kind string, version int, parts ...[]byte) []byte {
	b := isobmff.FullBox(kind, version, 0, parts...)
	if t.patch != nil {
		b = t.patch(kind, b)
	}
	return b
}

func (t *trackSpec) trak() []byte {
	version, time := 0, isobmff.Uint32(0, 0)
	if t.wide {
		version, time = 1, isobmff.Uint64(0, 0)
	}
	enabled := 1
	if t.disabled {
		enabled = 0
	}
	code := 0
	for _, c := range []byte(t.language) {
		code = code<<5 | int(c-0x60)
	}
	mdia := [][]byte{
		t.box("mdhd", version, time, isobmff.Uint32(t.timescale), time[:len(time)/2], isobmff.Uint16(code, 0)),
		t.box("hdlr", 0, isobmff.Uint32(0), []byte(t.handler), zeros(13)),
	}
	if t.elng != "" {
		mdia = append(mdia, t.box("elng", 0, []byte(t.elng+"\x00")))
	}
	self := 1
	if t.external {
		self = 0
	}
	dref := isobmff.FullBox("dref", 0, 0, isobmff.Uint32(1), isobmff.FullBox("url ", 0, self))
	mdia = append(mdia, isobmff.Box("minf", isobmff.Box("dinf", dref), t.stbl()))
	tkhd := isobmff.FullBox("tkhd", version, enabled, time, isobmff.Uint32(t.id), zeros(4), time[:len(time)/2], zeros(16), orZeros(t.matrix), zeros(8))
	return isobmff.Box("trak", tkhd, t.edts(), isobmff.Box("mdia", mdia...), t.boxes)
}

func (t *trackSpec) edts() []byte {
	if t.edits == nil {
		return nil
	}
	var rows []byte
	for _, e := range t.edits {
		if e.rate == 0 {
			e.rate = 1 << 16
		}
		if t.wide {
			rows = append(rows, isobmff.Uint64(e.duration, e.time)...)
		} else {
			rows = append(rows, isobmff.Uint32(e.duration, e.time)...)
		}
		rows = append(rows, isobmff.Uint32(e.rate)...)
	}
	version := 0
	if t.wide {
		version = 1
	}
	return isobmff.Box("edts", t.box("elst", version, isobmff.Uint32(int64(len(t.edits))), rows))
}

func (t *trackSpec) stbl() []byte {
	boxes := [][]byte{
		t.box("stsd", 0, isobmff.Uint32(1), t.entry), t.stts(), t.ctts(), t.stsc(), t.stsz(), t.stco(),
	}
	if !t.noSync {
		boxes = append(boxes, t.stss())
	}
	return isobmff.Box("stbl", boxes...)
}

// runs codes values as counts and values.
func runs(values []int64) []byte {
	var rows []byte
	n := int64(0)
	for i := 0; i < len(values); {
		j := i
		for j < len(values) && values[j] == values[i] {
			j++
		}
		rows = append(rows, isobmff.Uint32(int64(j-i), values[i])...)
		i = j
		n++
	}
	return append(isobmff.Uint32(n), rows...)
}

func (t *trackSpec) column(value func(sampleSpec) int64) (values []int64) {
	for _, s := range t.samples[:t.inMoov] {
		values = append(values, value(s))
	}
	return values
}

func (t *trackSpec) stts() []byte {
	return t.box("stts", 0, runs(t.column(func(s sampleSpec) int64 { return s.duration })))
}

func (t *trackSpec) ctts() []byte {
	values := t.column(func(s sampleSpec) int64 { return s.cto })
	version, used := 0, false
	for _, v := range values {
		used = used || v != 0
		if v < 0 {
			version = 1
		}
	}
	if !used {
		return nil
	}
	return t.box("ctts", version, runs(values))
}

func (t *trackSpec) stsc() []byte {
	var rows []byte
	n, last := int64(0), 0
	for i := 0; ; i++ {
		from, to := t.chunk(i)
		if from == to {
			break
		}
		if to-from != last {
			rows = append(rows, isobmff.Uint32(int64(i+1), int64(to-from), 1)...)
			n, last = n+1, to-from
		}
	}
	return t.box("stsc", 0, isobmff.Uint32(n), rows)
}

func (t *trackSpec) stco() []byte {
	var rows []byte
	n := int64(0)
	for i := 0; ; i++ {
		from, to := t.chunk(i)
		if from == to {
			break
		}
		if t.wide {
			rows = append(rows, isobmff.Uint64(t.samples[from].offset)...)
		} else {
			rows = append(rows, isobmff.Uint32(t.samples[from].offset)...)
		}
		n++
	}
	if t.wide {
		return t.box("co64", 0, isobmff.Uint32(n), rows)
	}
	return t.box("stco", 0, isobmff.Uint32(n), rows)
}

func (t *trackSpec) stsz() []byte {
	sizes := t.column(func(s sampleSpec) int64 { return int64(s.size) })
	n := int64(len(sizes))
	switch {
	case t.same:
		return t.box("stsz", 0, isobmff.Uint32(sizes[0], n))
	case t.compact == 4:
		rows := zeros((len(sizes) + 1) / 2)
		for i, s := range sizes {
			rows[i/2] |= byte(s << (4 - 4*(i%2)))
		}
		return t.box("stz2", 0, isobmff.Uint32(4, n), rows)
	case t.compact == 8:
		rows := zeros(len(sizes))
		for i, s := range sizes {
			rows[i] = byte(s)
		}
		return t.box("stz2", 0, isobmff.Uint32(8, n), rows)
	case t.compact == 16:
		var rows []byte
		for _, s := range sizes {
			rows = append(rows, isobmff.Uint16(int(s))...)
		}
		return t.box("stz2", 0, isobmff.Uint32(16, n), rows)
	default:
		return t.box("stsz", 0, isobmff.Uint32(0, n), isobmff.Uint32(sizes...))
	}
}

func (t *trackSpec) stss() []byte {
	var rows []byte
	n := int64(0)
	for i, s := range t.samples[:t.inMoov] {
		if s.sync {
			rows = append(rows, isobmff.Uint32(int64(i+1))...)
			n++
		}
	}
	return t.box("stss", 0, isobmff.Uint32(n), rows)
}

// reader returns the file for Open.
func reader(file []byte) (io.ReaderAt, int64) { return bytes.NewReader(file), int64(len(file)) }
