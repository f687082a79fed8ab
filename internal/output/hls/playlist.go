package hls

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

// Names of the playlists. Each rendition has one of its own.
const (
	indexName = "index.m3u8"
	suffix    = ".m3u8"
)

// index returns the multivariant playlist (RFC 8216, 4.3.4): a variant for each
// coding of sound that is apart from the pictures, or the only one.
func (t *Timeline) index() []byte {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n")
	if t.independent() {
		b.WriteString("#EXT-X-INDEPENDENT-SEGMENTS\n")
	}
	alone, known := len(t.parts[0].renditions) == 1, false
	for _, codec := range t.soundCodecs() {
		for _, r := range t.parts[0].renditions {
			if r.track != nil && r.track.Coding.Codec() == codec {
				b.WriteString(r.entry())
				known = known || r.track.Coding.Segments() == media.AnySegments
			}
		}
		t.variant(&b, codec)
	}
	if alone || !known { // Who knows none of the sound has the pictures.
		t.variant(&b, "")
	}
	return []byte(b.String())
}

// soundCodecs returns the codings of the renditions of sound, each once.
func (t *Timeline) soundCodecs() []string {
	var names []string
	for _, r := range t.parts[0].renditions {
		if r.track != nil && !slices.Contains(names, r.track.Coding.Codec()) {
			names = append(names, r.track.Coding.Codec())
		}
	}
	return names
}

// variant writes a variant (4.3.4.2): the first rendition, and with it those of
// sound in a coding, "" for none.
func (t *Timeline) variant(b *strings.Builder, codec string) {
	peak, mean := t.rates(codec)
	fmt.Fprintf(b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,CODECS=\"%s\"", peak, mean, strings.Join(t.codecs(codec), ","))
	first := t.parts[0]
	if v := first.loop.Video; v != nil {
		width, height := v.Track.Video().Size()
		rate := float64(v.Len()) * float64(v.Track.Timescale) / float64(v.Length)
		fmt.Fprintf(b, ",RESOLUTION=%dx%d,FRAME-RATE=%.3f", width, height, rate)
	}
	if codec != "" {
		fmt.Fprintf(b, ",AUDIO=\"%s\"", codec)
	}
	b.WriteString("\n" + first.renditions[0].name + suffix + "\n")
}

// rates returns the highest rates of all parts, of the first rendition with the
// largest of the sound in a coding.
func (t *Timeline) rates(codec string) (peak, mean int64) {
	for _, p := range t.parts {
		var sound, soundMean int64
		for _, r := range p.renditions[1:] {
			if codec != "" && r.track.Coding.Codec() == codec {
				sound, soundMean = max(sound, r.peak), max(soundMean, r.mean)
			}
		}
		peak, mean = max(peak, p.renditions[0].peak+sound), max(mean, p.renditions[0].mean+soundMean)
	}
	return peak, mean
}

// entry is the rendition's line of the multivariant playlist (4.3.4.1).
func (r *rendition) entry() string {
	number, language := strings.TrimPrefix(r.name, "audio"), r.track.Language
	if len(language) != 3 {
		language = "und"
	}
	line := fmt.Sprintf("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"%s\",NAME=\"%s %s\"", r.track.Coding.Codec(), number, language)
	if language != "und" {
		line += fmt.Sprintf(",LANGUAGE=\"%s\"", language)
	}
	if number == "1" {
		line += ",DEFAULT=YES"
	}
	return line + fmt.Sprintf(",CHANNELS=\"%d\",AUTOSELECT=YES,URI=\"%s%s\"\n", r.track.Audio().Channels(), r.name, suffix)
}

// codecs returns the names of the codings of a variant, each once: of the
// pictures of all parts, and of their sound where it is not apart.
func (t *Timeline) codecs(sound string) []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, p := range t.parts {
		if v := p.loop.Video; v != nil {
			add(v.Track.Coding.Codec())
		}
		for _, a := range p.loop.Audio {
			if p.form == transport {
				add(a.Track.Coding.Codec())
			}
		}
	}
	add(sound)
	return names
}

// independent reports whether every segment can be decoded by itself.
func (t *Timeline) independent() bool {
	for _, p := range t.parts {
		if !p.closed {
			return false
		}
	}
	return true
}

// media returns the media playlist (RFC 8216, 4.3.3) of a rendition: segments
// from up to end. A part that has no such rendition leaves a gap.
func (t *Timeline) media(name string, from, end int64) []byte {
	var b strings.Builder
	version := 6
	if t.gaps(name, from, end) {
		version = 8
	}
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n", version, t.target, from)
	first := t.part(from)
	if first.index > 0 {
		fmt.Fprintf(&b, "#EXT-X-DISCONTINUITY-SEQUENCE:%d\n", first.index)
	}
	if t.independent() {
		b.WriteString("#EXT-X-INDEPENDENT-SEGMENTS\n")
	}
	var last *part
	for k := from; k < end; k++ {
		p := t.part(k)
		if p != last {
			p.begin(&b, name, last != nil)
			last = p
		}
		p.segment(k).list(&b, p.rendition(name))
	}
	return []byte(b.String())
}

// gaps reports whether a rendition is missing in some of the segments.
func (t *Timeline) gaps(name string, from, end int64) bool {
	for k := from; k < end; k++ {
		if t.part(k).rendition(name) == nil {
			return true
		}
	}
	return false
}

// begin writes what goes before the first of a part's segments.
func (p *part) begin(b *strings.Builder, name string, later bool) {
	if later {
		b.WriteString("#EXT-X-DISCONTINUITY\n")
	}
	if r := p.rendition(name); r != nil && r.header != nil {
		fmt.Fprintf(b, "#EXT-X-MAP:URI=\"%s\"\n", p.headerName(r))
	}
}

// list writes the segment's lines.
func (s segment) list(b *strings.Builder, r *rendition) {
	micros := s.micros()
	fmt.Fprintf(b, "#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:%d.%06d,\n",
		s.date().UTC().Format("2006-01-02T15:04:05.000Z07:00"), micros/1_000_000, micros%1_000_000)
	if r == nil {
		fmt.Fprintf(b, "#EXT-X-GAP\nmissing-%s-%d\n", s.tag, s.number)
		return
	}
	b.WriteString(s.name(r) + "\n")
}

// wait returns how long it is until the first segment ends, for a time before that.
func (t *Timeline) wait(now time.Time) time.Duration {
	p := t.parts[0]
	s := p.segment(p.first)
	return s.date().Add(time.Duration(s.micros()) * time.Microsecond).Sub(now)
}
