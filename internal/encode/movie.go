package encode

import (
	"bufio"
	"io"
	"os"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

// sample is an access unit and the file that it is copied from.
type sample struct {
	from   io.ReaderAt
	offset int64
	size   int
	delay  int // composition offset, in sample durations
	sync   bool
}

// movieTrack is a track whose samples all last equally long.
type movieTrack struct {
	video         bool
	timescale     int
	duration      int // of a sample
	language      string
	entry         []byte // sample entry
	width, height int
	aspect        ratio // of a pixel
	samples       []sample
	// shown is how many samples the edit list shows; the others are the long tail.
	shown  int
	chunks []chunk
}

// chunk is a run of samples that lie together.
type chunk struct {
	offset int64
	count  int
}

// movie is an MP4 to write: a progressive file with its index at the end.
type movie struct{ tracks []*movieTrack }

// chunkSeconds is the duration of a chunk.
const chunkSeconds = 0.5

// write writes the movie: mdat with the chunks of all tracks in order of time, then moov.
func (m *movie) write(f *os.File) error {
	size := int64(16)
	for _, t := range m.tracks {
		for _, s := range t.samples {
			size += int64(s.size)
		}
	}
	head := isobmff.Box("ftyp", []byte("isom"), isobmff.Uint32(0x200), []byte("isomiso2mp41"))
	head = append(append(append(head, isobmff.Uint32(1)...), "mdat"...), isobmff.Uint64(size)...)
	w := bufio.NewWriterSize(f, 1<<20)
	if _, err := w.Write(head); err != nil {
		return err
	}
	if err := m.writeSamples(w, int64(len(head))); err != nil {
		return err
	}
	if _, err := w.Write(m.moov()); err != nil {
		return err
	}
	return w.Flush()
}

// writeSamples writes the chunks of all tracks, the earliest first. offset is
// where the first one lies in the file.
func (m *movie) writeSamples(w io.Writer, offset int64) error {
	written := make([]int, len(m.tracks))
	for {
		next := m.earliest(written)
		if next < 0 {
			return nil
		}
		t, first := m.tracks[next], written[next]
		perChunk := max(1, int(chunkSeconds*float64(t.timescale)/float64(t.duration)))
		end := min(len(t.samples), first+perChunk)
		t.chunks = append(t.chunks, chunk{offset, end - first})
		for _, s := range t.samples[first:end] {
			if _, err := io.CopyN(w, io.NewSectionReader(s.from, s.offset, int64(s.size)), int64(s.size)); err != nil {
				return err
			}
			offset += int64(s.size)
		}
		written[next] = end
	}
}

// earliest returns the track whose next sample is the earliest, −1 if all are written.
func (m *movie) earliest(written []int) int {
	best, bestTime := -1, 0.0
	for i, t := range m.tracks {
		time := float64(written[i]) * float64(t.duration) / float64(t.timescale)
		if written[i] < len(t.samples) && (best < 0 || time < bestTime) {
			best, bestTime = i, time
		}
	}
	return best
}

// timescale returns the least common multiple of the tracks' timescales, in
// which the times of all of them are whole.
func (m *movie) timescale() int {
	scale := 1
	for _, t := range m.tracks {
		scale = scale / int(media.GCD(int64(scale), int64(t.timescale))) * t.timescale
	}
	return scale
}

func (m *movie) moov() []byte {
	scale := m.timescale()
	mvhd := isobmff.FullBox("mvhd", 1, 0, isobmff.Uint64(0, 0), isobmff.Uint32(scale), isobmff.Uint64(m.tracks[0].presented(scale)),
		isobmff.Uint32(0x10000), isobmff.Uint16(0x100, 0), make([]byte, 8), isobmff.Matrix(), make([]byte, 24), isobmff.Uint32(len(m.tracks)+1))
	parts := [][]byte{mvhd}
	for i, t := range m.tracks {
		parts = append(parts, t.trak(i+1, scale))
	}
	return isobmff.Box("moov", parts...)
}

// presented returns how long the track is shown, in the movie's timescale.
func (t *movieTrack) presented(movieScale int) int64 {
	return int64(t.shown) * int64(t.duration) * int64(movieScale/t.timescale)
}

func (t *movieTrack) trak(id, movieScale int) []byte {
	shown := t.presented(movieScale)
	handler, volume, width := isobmff.Audio, 0x100, 0
	if t.video {
		handler, volume, width = isobmff.Video, 0, int(float64(t.width)*t.aspect.float()*65536)
	}
	const enabledInMovie = 3
	tkhd := isobmff.FullBox("tkhd", 1, enabledInMovie, isobmff.Uint64(0, 0), isobmff.Uint32(id, 0), isobmff.Uint64(shown), make([]byte, 8),
		isobmff.Uint16(0, 0, volume, 0), isobmff.Matrix(), isobmff.Uint32(width, t.height<<16))
	elst := isobmff.FullBox("elst", 1, 0, isobmff.Uint32(1), isobmff.Uint64(shown, int64(t.firstShown())), isobmff.Uint32(0x10000))
	mdhd := isobmff.FullBox("mdhd", 1, 0, isobmff.Uint64(0, 0), isobmff.Uint32(t.timescale), isobmff.Uint64(len(t.samples)*t.duration),
		isobmff.Uint16(isobmff.PackLanguage(t.language), 0))
	mdia := isobmff.Box("mdia", mdhd, isobmff.HandlerBox(handler), isobmff.MediaInformation(handler, t.stbl()))
	parts := [][]byte{tkhd, isobmff.Box("edts", elst), mdia}
	if tail := len(t.samples) - t.shown; tail > 0 { // docs/explanation/encoding.md describes the box ltal.
		parts = append(parts, isobmff.Box("udta", isobmff.FullBox("ltal", 0, 0, isobmff.Uint32(tail))))
	}
	return isobmff.Box("trak", parts...)
}

// firstShown returns the smallest composition time, in the track's timescale.
func (t *movieTrack) firstShown() int {
	first := t.samples[0].delay
	for i := range min(len(t.samples), 64) {
		first = min(first, i+t.samples[i].delay)
	}
	return first * t.duration
}

// stbl returns the sample table. Its chunks must have been written.
func (t *movieTrack) stbl() []byte {
	u32 := isobmff.Uint32[int]
	var ctts, stss, stsz, stsc, co64 table
	run := 0
	for i, s := range t.samples {
		run++
		if i+1 == len(t.samples) || t.samples[i+1].delay != s.delay {
			ctts.add(u32(run, s.delay*t.duration))
			run = 0
		}
		if s.sync {
			stss.add(u32(i + 1))
		}
		stsz.add(u32(s.size))
	}
	for i, c := range t.chunks {
		co64.add(isobmff.Uint64(c.offset))
		if i == 0 || c.count != t.chunks[i-1].count {
			stsc.add(u32(i+1, c.count, 1))
		}
	}
	boxes := [][]byte{isobmff.SampleDescription(t.entry), isobmff.FullBox("stts", 0, 0, u32(1, len(t.samples), t.duration))}
	if t.video {
		boxes = append(boxes, ctts.box("ctts"), stss.box("stss"))
	}
	stszBox := isobmff.FullBox("stsz", 0, 0, u32(0, stsz.count), stsz.rows)
	return isobmff.Box("stbl", append(boxes, stsc.box("stsc"), stszBox, co64.box("co64"))...)
}

// table is a box that consists of a count and rows.
type table struct {
	count int
	rows  []byte
}

func (t *table) add(row []byte) {
	t.count++
	t.rows = append(t.rows, row...)
}

func (t *table) box(kind string) []byte {
	return isobmff.FullBox(kind, 0, 0, isobmff.Uint32(t.count), t.rows)
}
