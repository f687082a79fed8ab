package hls

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/cmaf"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// writer writes the bytes of segments.
type writer interface {
	Append(dst []byte, s loop.Segment) ([]byte, error)
	// Size returns the length of a segment in bytes.
	Size(s loop.Segment) int64
	// MaxSize returns the most that the segment's counterpart in any lap can have.
	MaxSize(s loop.Segment) int64
}

// rendition is what one media playlist lists of an entry.
type rendition struct {
	writer
	name      string // of its playlist, and the prefix of its segments' names
	extension string
	mediaType string
	// initSection is its media initialization section (EXT-X-MAP), nil if it has none.
	initSection []byte
	track       *media.Track // of an audio rendition
	// peakRate is the highest rate of a segment, meanRate that of a cycle, in bit/s.
	peakRate, meanRate int64
}

// formatOf returns the format that most players play. Fragmented MP4 needs the
// sample entry of every track. If all codings play in either format, it is
// media.TransportStream.
func formatOf(l *loop.Loop) media.SegmentFormat {
	if l.Video == nil || l.Video.Track.Entry == nil {
		return media.TransportStream
	}
	plays := l.Video.Track.Coding.SegmentFormat()
	for _, a := range l.Audio {
		if a.Track.Entry == nil {
			return media.TransportStream
		}
		if plays == media.AnySegmentFormat {
			plays = a.Track.Coding.SegmentFormat()
		}
	}
	if plays == media.AnySegmentFormat {
		return media.TransportStream
	}
	return plays
}

// renditions returns the renditions of a loop in a format, pictures first. It
// returns an error if the loop cannot be written in fragmented MP4.
func renditions(l *loop.Loop, f media.SegmentFormat) ([]rendition, error) {
	if f == media.TransportStream {
		s, err := mpegts.NewSegments(l, mpegts.Config{})
		return []rendition{{writer: s, name: "video", extension: ".ts", mediaType: "video/mp2t"}}, err
	}
	var all []rendition
	if l.Video != nil {
		t, err := cmaf.NewVideo(l)
		if err != nil {
			return nil, err
		}
		all = append(all, rendition{writer: t, name: "video", extension: ".m4s", mediaType: "video/mp4", initSection: t.Header()})
	}
	for i, a := range l.Audio {
		t, err := cmaf.NewAudio(l, a)
		if err != nil {
			return nil, err
		}
		all = append(all, rendition{writer: t, name: fmt.Sprintf("audio%d", i+1), extension: ".m4s", mediaType: "audio/mp4", initSection: t.Header(), track: a.Track})
	}
	return all, nil
}
