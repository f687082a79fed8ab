package mp4

import (
	"io"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// File is an opened MP4.
type File struct {
	// Asset is what the file holds. It reads its samples from the reader that
	// was given to Open.
	Asset *media.Asset
	// Fragmented says that samples lie in movie fragments (ISO/IEC 14496-12,
	// 8.8), and not only in a progressive file's sample tables.
	Fragmented bool
}

// Open reads the index of the MP4 of size bytes in r. Its errors are faults:
// of kind Media for what the file holds, Source for what r answers.
func Open(r io.ReaderAt, size int64) (f *File, err error) {
	defer func() { // What a coding does with bytes that nobody foresaw must not end the program.
		if p := recover(); p != nil {
			f, err = nil, damaged("the file cannot be read (%v)", p)
		}
	}()
	return open(r, size, newCoding)
}

// open is Open without the net below it.
func open(r io.ReaderAt, size int64, code coder) (*File, error) {
	file := newSource(r, size)
	if err := recognize(file); err != nil {
		return nil, err
	}
	m, err := findMovie(file)
	if err != nil {
		return nil, err
	}
	c, err := m.choose()
	if err != nil {
		return nil, err
	}
	if err := m.load(file, c); err != nil {
		return nil, err
	}
	a := assembly{file: file, movieScale: m.timescale, code: code, asset: &media.Asset{Source: r, Size: size, Notes: c.notes}}
	if err := a.add(c); err != nil {
		return nil, err
	}
	return &File{Asset: a.asset, Fragmented: m.fragmented}, nil
}

// findMovie finds and reads moov.
func findMovie(file *source) (*movie, error) {
	fragments := false
	var last header
	for h, err := range file.boxes() {
		switch {
		case err != nil:
			return nil, err
		case h.kind.is("moof"):
			fragments = true
		case h.kind.is("moov") && h.cut(file):
			return nil, fault.New(fault.Media, "the file ends at byte %d, within the moov box that goes from byte %d to %d: it is cut off; get it again", file.size, h.offset, h.end)
		case h.kind.is("moov"):
			moov, err := file.load(h)
			if err != nil {
				return nil, err
			}
			m, err := newMovie(moov)
			if m != nil {
				m.fragmented = m.fragmented || fragments
			}
			return m, err
		}
		last = h
	}
	return nil, noMovie(file, last)
}

// noMovie explains why a file has no moov box; last is the last box that it has.
func noMovie(file *source, last header) error {
	const advice = "get it again, or repair it with a tool like untrunc"
	if last.cut(file) {
		return fault.New(fault.Media, "the moov box is missing: the file ends at byte %d, within the box %s that goes from byte %d to %d, so it was cut off; %s",
			file.size, last.kind, last.offset, last.end, advice)
	}
	return fault.New(fault.Media, "the moov box is missing: the recording was not finished, or the file was cut off at byte %d; %s", file.size, advice)
}

// load expands what the chosen tracks hold in the sample tables and in fragments.
func (m *movie) load(file *source, c choice) error {
	for _, t := range c.tracks() {
		if err := t.expand(file); err != nil {
			return err
		}
		m.tracks[t.id] = t
	}
	if !m.fragmented {
		return nil
	}
	return m.fragments(file)
}

// tracks returns the chosen tracks.
func (c *choice) tracks() []*track {
	if c.video == nil {
		return c.audio
	}
	return append([]*track{c.video}, c.audio...)
}
