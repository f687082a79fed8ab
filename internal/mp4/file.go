package mp4

import (
	"io"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// File is an opened MP4.
type File struct {
	// Asset is what the file holds. It reads its samples from the reader that
	// was given to Open.
	Asset *media.Asset
	// Fragmented reports that samples lie in movie fragments (ISO/IEC 14496-12,
	// 8.8), and not only in the sample tables of a progressive file.
	Fragmented bool
}

// Open reads the index of the MP4 of size bytes in r. Its errors are faults of
// kind Media for what the file holds and Source for what r returns.
func Open(r io.ReaderAt, size int64) (f *File, err error) {
	defer func() { // A codec package that panics on odd bytes must not end the program.
		if p := recover(); p != nil {
			f, err = nil, damaged("the file cannot be read (%v)", p)
		}
	}()
	f, err = open(r, size, newCoding)
	if err != nil || f.Asset.Video == nil {
		return f, err
	}
	file := newFileReader(r, size)
	if err := findRandomAccess(file, f.Asset.Video); err != nil {
		return f, err
	}
	return f, survey(file, f.Asset)
}

// open is Open without the recovery from panics.
func open(r io.ReaderAt, size int64, code newCodingFunc) (*File, error) {
	file := newFileReader(r, size)
	if err := checkFormat(file); err != nil {
		return nil, err
	}
	moov, fragments, err := findMoov(file)
	if err != nil {
		return nil, err
	}
	m, err := newMovie(moov)
	if err != nil {
		return nil, err
	}
	m.fragmented = m.fragmented || fragments
	s, err := m.selectTracks()
	if err != nil {
		return nil, err
	}
	if err := m.expand(file, s); err != nil {
		return nil, err
	}
	a := assembler{file: file, movieScale: m.timescale, matrix: m.matrix, code: code, asset: &media.Asset{Source: r, Size: size, Notes: slices.Concat(s.notes, m.notes)}}
	if err := a.add(s); err != nil {
		return nil, err
	}
	if s.video != nil {
		a.asset.Timecodes = m.timecodesOf(s.video)
	}
	return &File{Asset: a.asset, Fragmented: m.fragmented}, nil
}

// findMoov loads the moov box. It also returns whether fragments come before it.
func findMoov(file *fileReader) (moov box, fragments bool, err error) {
	var last boxHeader
	for h, err := range file.boxes(0) {
		switch {
		case err != nil:
			return box{}, false, err
		case h.kind.is("moof"):
			fragments = true
		case h.kind.is("moov") && h.truncated(file):
			return box{}, false, fault.New(fault.Media, "the file ends at byte %d, within the moov box that goes from byte %d to %d: it is cut off; get it again", file.size, h.offset, h.end)
		case h.kind.is("moov"):
			if moov, err = file.loadMovie(h); err == nil {
				moov, err = decompressed(moov)
			}
			return moov, fragments, err
		}
		last = h
	}
	if fragments {
		return box{}, true, fault.New(fault.Media, "this is a media segment without its initialization segment, which says how its tracks are coded: put that before it, with cat INIT.mp4 SEGMENT1.m4s SEGMENT2.m4s > OUT.mp4")
	}
	return box{}, false, missingMoov(file, last)
}

// missingMoov explains why a file has no moov box. last is its last box.
func missingMoov(file *fileReader, last boxHeader) error {
	const advice = "get it again, or repair it with a tool like untrunc"
	if last.truncated(file) {
		return fault.New(fault.Media, "the moov box is missing: the file ends at byte %d, within the box %s that goes from byte %d to %d, so it was cut off; %s",
			file.size, last.kind, last.offset, last.end, advice)
	}
	return fault.New(fault.Media, "the moov box is missing: the recording was not finished, or the file was cut off at byte %d; %s", file.size, advice)
}

// expand turns the sample tables and fragments of the selected tracks into access units.
func (m *movie) expand(file *fileReader, s selection) error {
	for _, t := range s.tracks() {
		if err := t.expand(file); err != nil {
			return err
		}
		m.selected[t.id] = t
		t.fragmented = m.fragmented
	}
	if !m.fragmented {
		if end := firstRecording(file, m.offset); end < file.size {
			m.noteSecond(end, "played")
		}
		return nil
	}
	m.selection = s
	if err := m.readFragments(file); err != nil {
		return err
	}
	m.noteEvents()
	return m.checkMedia(s)
}

// checkMedia reports a file that describes its tracks and holds nothing of them.
func (m *movie) checkMedia(s selection) error {
	for _, t := range s.tracks() {
		if t.samples > 0 {
			return nil
		}
	}
	return fault.New(fault.Media, "this is an initialization segment, which describes %s and holds no samples: put its media segments behind it, with cat INIT.mp4 SEGMENT1.m4s SEGMENT2.m4s > OUT.mp4", countOf(len(s.tracks()), "track", "tracks"))
}
