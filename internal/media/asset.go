package media

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Asset is an opened source: its tracks and their samples. It is immutable, and
// channels may share it.
type Asset struct {
	// Source holds the samples, at the offsets of the access units.
	Source io.ReaderAt
	// Size is the length of Source in bytes.
	Size int64
	// Video is the video track, nil for an asset without one.
	Video *Track
	// Audio holds the audio tracks in the order of the file.
	Audio []*Track
	// Timecodes label the pictures, nil if the container has none.
	Timecodes *Timecodes
	// Notes lists what was left out or adjusted while the file was read.
	Notes []Note
}

// Timecodes are the labels that a container gives pictures, beside what the pictures hold
// themselves (QuickTime File Format, timecode media).
type Timecodes struct {
	// Offset is where the number of the first frame stands in the asset's source: 32 bits.
	Offset int64
	// Rate is how many frames are counted in a second.
	Rate Rational
	// DropFrame says that labels are left out so that they follow the clock (SMPTE ST 12-1, 5.2.2).
	DropFrame bool
	// Start is when that frame is presented on the movie's timeline.
	Start time.Duration
}

// Track is one elementary stream of an asset.
type Track struct {
	// ID is the track's number in its file, from 1.
	ID uint32
	// Language is the ISO 639-2/T code, "und" if the file has none.
	Language string
	// Coding is a VideoCoding in Asset.Video, an AudioCoding in Asset.Audio.
	Coding Coding
	// Entry is the sample entry (ISO/IEC 14496-12, 8.5.2) as a whole box, nil if
	// there is none or a very long one.
	Entry []byte
	// Changes lists where units with another sample entry begin, with rising units;
	// nil for most tracks. Coding and Entry are those of the units before.
	Changes []CodingChange
	// Display is how the container says that pictures are shown.
	Display Display
	// Timescale is the unit of all times in the track, in ticks a second, 1 or more.
	Timescale uint32
	// Units are the access units in decoding order. Their DTS rises strictly.
	Units []AccessUnit
	// LastDuration is the duration of the last unit in units of Timescale, 1 or more.
	LastDuration int64
	// From and To bound what the file presents: units with a PTS in [From, To), in
	// units of Timescale (ISO/IEC 14496-12, 8.6.6). Those outside may be needed to
	// decode those inside.
	From, To int64
	// Tail is how many audio units at the end of Units a lap of one unit more ends
	// with, in place of the last Tail − 1 units before them; 0 for a file that was
	// not made to loop.
	Tail int
	// Start is when From is presented on the movie's timeline, in units of Timescale:
	// the length of the empty edit before it, 0 for most files.
	Start int64
}

// CodingChange is where the configuration of a track's coding changes. The coding
// before and after is of the same type, and a receiver can follow the change.
type CodingChange struct {
	// Unit is the index of the first unit with the new configuration.
	Unit int
	// Coding and Entry are as in Track, from Unit on.
	Coding Coding
	Entry  []byte
}

// Video returns the track's coding as video. It panics for a track that is not Asset.Video.
func (t *Track) Video() VideoCoding { return t.Coding.(VideoCoding) }

// Audio returns the track's coding as audio. It panics for a track that is not in Asset.Audio.
func (t *Track) Audio() AudioCoding { return t.Coding.(AudioCoding) }

// Duration returns the time from the DTS of unit i to that of the next one, in units of Timescale.
func (t *Track) Duration(i int) int64 {
	if i == len(t.Units)-1 {
		return t.LastDuration
	}
	return t.Units[i+1].DTS - t.Units[i].DTS
}

// ReadUnit reads the sample of unit i of track t into buf, which it replaces if it
// is too small, and returns it.
func (a *Asset) ReadUnit(t *Track, i int, buf []byte) ([]byte, error) {
	u := t.Units[i]
	n := u.Size()
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if read, err := a.Source.ReadAt(buf, u.Offset); read < n {
		return buf[:0], fmt.Errorf("track %d, sample %d at byte %d: %w", t.ID, i+1, u.Offset, short(err))
	}
	return buf, nil
}

// short returns the error of a read that returned too little: io.EOF of a source
// does not say that something is missing.
func short(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// MaxUnitSize is the largest sample an asset may hold, in bytes.
const MaxUnitSize = 1<<30 - 1

// The bits of AccessUnit.size above the size.
const (
	randomAccessBit = 1 << 31
	gradualBit      = 1 << 30
	accessBits      = randomAccessBit | gradualBit
)

// AccessUnit is the place of a coded picture or audio frame in the source and in
// time. It takes 24 bytes to keep the index of a two-hour file small.
type AccessUnit struct {
	// Offset is the position of the sample's first byte in the source.
	Offset int64
	// DTS is the decoding time on the media's timeline, in units of the track's Timescale.
	DTS int64
	// CTO is the composition offset, PTS − DTS, in the same units; it may be negative.
	CTO int32
	// size is the sample's length and the bits of random access.
	size uint32
}

// NewAccessUnit returns the access unit of size bytes, 0 to MaxUnitSize, at offset.
// randomAccess says that decoding can begin with it.
func NewAccessUnit(offset, dts int64, cto int32, size int, randomAccess bool) AccessUnit {
	u := AccessUnit{Offset: offset, DTS: dts, CTO: cto, size: uint32(size) &^ accessBits}
	if randomAccess {
		u.size |= randomAccessBit
	}
	return u
}

// WithPicture returns the unit as a random access point, or as none, by what its
// sample says.
func (u AccessUnit) WithPicture(p Picture) AccessUnit {
	u.size &^= accessBits
	if p.RandomAccess() {
		u.size |= randomAccessBit
	}
	if p == GradualRefresh {
		u.size |= gradualBit
	}
	return u
}

// Size returns the length of the sample in the file in bytes.
func (u AccessUnit) Size() int { return int(u.size &^ accessBits) }

// RandomAccess reports whether decoding can begin with the unit.
func (u AccessUnit) RandomAccess() bool { return u.size&randomAccessBit != 0 }

// Gradual reports whether pictures are complete only some time after decoding has
// begun with the unit.
func (u AccessUnit) Gradual() bool { return u.size&gradualBit != 0 }

// PTS returns the presentation time on the media's timeline, in units of the track's Timescale.
func (u AccessUnit) PTS() int64 { return u.DTS + int64(u.CTO) }
