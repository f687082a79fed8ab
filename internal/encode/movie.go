package encode

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"

	"github.com/lilo-live/lilo/internal/media"
)

// sample is a coded picture or frame of sound, and where it is read from.
type sample struct {
	from   io.ReaderAt
	offset int64
	size   int
	delay  int // composition offset, in durations of a sample
	sync   bool
	fill   []byte // goes behind it
}

// length is how many bytes it has in the movie.
func (s *sample) length() int { return s.size + len(s.fill) }

// movieTrack is a track of samples that all last equally long.
type movieTrack struct {
	video         bool
	timescale     int
	duration      int // of a sample
	language      string
	stsd          []byte
	width, height int
	aspect        ratio
	samples       []sample
	// shown is how many samples are presented; those behind them are the tail.
	shown  int
	chunks []chunk
}

// chunk is a run of samples that lie together.
type chunk struct {
	offset int64
	count  int
}

// movie is an MP4 to write. Its timescale holds the times of all tracks exactly.
type movie struct{ tracks []*movieTrack }

// chunkSeconds is how much of a track lies together.
const chunkSeconds = 0.5

// write writes the movie: its samples first, in the order of their times, then the index.
func (m *movie) write(f *os.File) error {
	ftyp := atom("ftyp", []byte("isom"), be32(0x200), []byte("isomiso2mp41"))
	total := int64(16)
	for _, t := range m.tracks {
		for i := range t.samples {
			total += int64(t.samples[i].length())
		}
	}
	w := bufio.NewWriterSize(f, 1<<20)
	head := append(append(append(ftyp, be32(1)...), "mdat"...), be64(total)...)
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

// writeSamples writes the chunks of all tracks, the one whose time is first first.
func (m *movie) writeSamples(w io.Writer, at int64) error {
	done := make([]int, len(m.tracks))
	for {
		next := m.earliest(done)
		if next < 0 {
			return nil
		}
		t := m.tracks[next]
		per := max(1, int(chunkSeconds*float64(t.timescale)/float64(t.duration)))
		end := min(len(t.samples), done[next]+per)
		t.chunks = append(t.chunks, chunk{at, end - done[next]})
		for i := done[next]; i < end; i++ {
			n, err := t.samples[i].writeTo(w)
			if err != nil {
				return err
			}
			at += n
		}
		done[next] = end
	}
}

// earliest returns the track whose next sample is first in time, −1 behind all.
func (m *movie) earliest(done []int) int {
	best, when := -1, 0.0
	for i, t := range m.tracks {
		at := float64(done[i]) * float64(t.duration) / float64(t.timescale)
		if done[i] < len(t.samples) && (best < 0 || at < when) {
			best, when = i, at
		}
	}
	return best
}

func (s *sample) writeTo(w io.Writer) (int64, error) {
	n, err := io.Copy(w, io.NewSectionReader(s.from, s.offset, int64(s.size)))
	if err == nil && n < int64(s.size) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return n, err
	}
	_, err = w.Write(s.fill)
	return int64(s.length()), err
}

// timescale is the least common multiple of those of the tracks.
func (m *movie) timescale() int {
	scale := 1
	for _, t := range m.tracks {
		scale = scale / int(media.GCD(int64(scale), int64(t.timescale))) * t.timescale
	}
	return scale
}

// presented is how long the track is shown.
func (t *movieTrack) presented(scale int) int64 {
	return int64(t.shown) * int64(t.duration) * int64(scale/t.timescale)
}

// moov is the index.
func (m *movie) moov() []byte {
	scale := m.timescale()
	length := m.tracks[0].presented(scale)
	identity := join([][]byte{be32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)})
	parts := [][]byte{full("mvhd", 1, 0, be64(0, 0), be32(scale), be64(length), be32(0x10000), be16(0x100, 0), be32(0, 0), identity,
		make([]byte, 24), be32(len(m.tracks)+1))}
	for i, t := range m.tracks {
		parts = append(parts, t.trak(i+1, scale, identity))
	}
	return atom("moov", parts...)
}

func (t *movieTrack) trak(id, movieScale int, identity []byte) []byte {
	shown := t.presented(movieScale)
	volume, handler, header := 0x100, "soun", full("smhd", 0, 0, be32(0))
	width := 0
	if t.video {
		volume, handler, header = 0, "vide", full("vmhd", 0, 1, make([]byte, 8))
		width = int(float64(t.width) * t.aspect.float() * 65536)
	}
	tkhd := full("tkhd", 1, 3, be64(0, 0), be32(id, 0), be64(shown), be32(0, 0), be16(0, 0, volume, 0), identity, be32(width, t.height<<16))
	edts := atom("edts", full("elst", 1, 0, be32(1), be64(shown, int64(t.firstShown())), be32(0x10000)))
	mdhd := full("mdhd", 1, 0, be64(0, 0), be32(t.timescale), be64(int64(len(t.samples))*int64(t.duration)), be16(packed(t.language), 0))
	hdlr := full("hdlr", 0, 0, be32(0), []byte(handler), make([]byte, 12), []byte("LILO\x00"))
	dinf := atom("dinf", full("dref", 0, 0, be32(1), full("url ", 0, 1)))
	mdia := atom("mdia", mdhd, hdlr, atom("minf", header, dinf, t.stbl()))
	parts := [][]byte{tkhd, edts, mdia}
	if tail := len(t.samples) - t.shown; tail > 0 {
		parts = append(parts, atom("udta", full("ltal", 0, 0, be32(tail))))
	}
	return atom("trak", parts...)
}

// firstShown is the smallest composition time, in the track's timescale.
func (t *movieTrack) firstShown() int {
	first := t.samples[0].delay
	for i := range min(len(t.samples), 64) {
		first = min(first, i+t.samples[i].delay)
	}
	return first * t.duration
}

// packed is a language of three letters as mdhd has it, "und" for what is none.
func packed(language string) int {
	if len(language) != 3 {
		language = "und"
	}
	code := 0
	for _, c := range []byte(language) {
		if c < 'a' || c > 'z' {
			return packed("und")
		}
		code = code<<5 | int(c-0x60)
	}
	return code
}

func (t *movieTrack) stbl() []byte {
	var ctts, stss, stsz, stsc, co64 []byte
	delays, syncs, lastPer, rows := 0, 0, -1, 0
	for i := 0; i < len(t.samples); {
		end := i
		for end < len(t.samples) && t.samples[end].delay == t.samples[i].delay {
			end++
		}
		ctts = append(ctts, be32(end-i, t.samples[i].delay*t.duration)...)
		delays, i = delays+1, end
	}
	for i := range t.samples {
		stsz = binary.BigEndian.AppendUint32(stsz, uint32(t.samples[i].length()))
		if t.samples[i].sync {
			stss = append(stss, be32(i+1)...)
			syncs++
		}
	}
	for i, c := range t.chunks {
		co64 = append(co64, be64(c.offset)...)
		if c.count != lastPer {
			stsc = append(stsc, be32(i+1, c.count, 1)...)
			rows, lastPer = rows+1, c.count
		}
	}
	boxes := [][]byte{t.stsd, full("stts", 0, 0, be32(1, len(t.samples), t.duration))}
	if t.video {
		boxes = append(boxes, full("ctts", 0, 0, be32(delays), ctts), full("stss", 0, 0, be32(syncs), stss))
	}
	return atom("stbl", append(boxes, full("stsc", 0, 0, be32(rows), stsc),
		full("stsz", 0, 0, be32(0, len(t.samples)), stsz), full("co64", 0, 0, be32(len(t.chunks)), co64))...)
}
