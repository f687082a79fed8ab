package hls

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/cmaf"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// form is what segments are.
type form int

const (
	// transport has pictures and sound in transport streams (RFC 8216, 3.2).
	transport form = iota
	// fragmented has each track in fragmented MP4 of its own (3.3).
	fragmented
)

// writer makes segments of pieces. Size is the length of one in bytes, MaxSize
// bounds it for a piece of lap 0 and those like it in other laps.
type writer interface {
	Append(dst []byte, p loop.Segment) ([]byte, error)
	Size(p loop.Segment) int64
	MaxSize(p loop.Segment) int64
}

// rendition is what one media playlist lists of a part.
type rendition struct {
	writer
	// name is that of its playlist and, in front, of its segments.
	name      string
	extension string
	kind      string // the media type
	// header is what goes before all segments (EXT-X-MAP), nil where nothing does.
	header []byte
	track  *media.Track // the sound of a rendition of sound
	// peak and mean are its rates in bit/s: of the segment with the highest, and of a cycle.
	peak, mean int64
}

// formOf returns the form of segments that most players play. Fragmented MP4
// needs the sample entry of every track; where all codings play in either form,
// transport streams do.
func formOf(l *loop.Loop) form {
	if l.Video == nil || l.Video.Track.Entry == nil {
		return transport
	}
	plays := l.Video.Track.Coding.Segments()
	for _, a := range l.Audio {
		if a.Track.Entry == nil {
			return transport
		}
		if plays == media.AnySegments {
			plays = a.Track.Coding.Segments()
		}
	}
	if plays == media.FragmentedSegments {
		return fragmented
	}
	return transport
}

// renditions returns what a loop is published as in a form: pictures first. A
// loop that cannot be had in fragmented MP4 is an error.
func renditions(l *loop.Loop, f form) ([]rendition, error) {
	if f == transport {
		p, err := mpegts.NewSegments(l, mpegts.Config{})
		return []rendition{{writer: p, name: "video", extension: ".ts", kind: "video/mp2t"}}, err
	}
	var all []rendition
	if l.Video != nil {
		t, err := cmaf.NewVideo(l)
		if err != nil {
			return nil, err
		}
		all = append(all, rendition{writer: t, name: "video", extension: ".m4s", kind: "video/mp4", header: t.Header()})
	}
	for i, a := range l.Audio {
		t, err := cmaf.NewAudio(l, a)
		if err != nil {
			return nil, err
		}
		all = append(all, rendition{writer: t, name: soundName(i), extension: ".m4s", kind: "audio/mp4", header: t.Header(), track: a.Track})
	}
	return all, nil
}

// soundName is the name of the rendition of track i of sound.
func soundName(i int) string { return fmt.Sprintf("audio%d", i+1) }

// headerName is the name of a rendition's header in a part.
func (p *part) headerName(r *rendition) string { return r.name + "-" + p.tag + ".mp4" }

// rendition returns the part's rendition of a name, nil where it has none.
func (p *part) rendition(name string) *rendition {
	for i := range p.renditions {
		if p.renditions[i].name == name {
			return &p.renditions[i]
		}
	}
	return nil
}
