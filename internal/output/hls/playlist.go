package hls

import (
	"fmt"
	"strings"
	"time"
)

// Names of the playlists. Each rendition has one of its own.
const (
	indexName = "index.m3u8"
	suffix    = ".m3u8"
)

// index returns the multivariant playlist (RFC 8216, 4.3.4): one variant, and
// its renditions of sound where they are apart.
func (t *Timeline) index() []byte {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n")
	if t.independent() {
		b.WriteString("#EXT-X-INDEPENDENT-SEGMENTS\n")
	}
	first := t.parts[0]
	for i := range first.renditions {
		if r := &first.renditions[i]; r.track != nil {
			b.WriteString(r.entry(i == 1))
		}
	}
	var peak, mean int64
	for _, p := range t.parts {
		peak, mean = max(peak, p.peak), max(mean, p.mean)
	}
	fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,CODECS=\"%s\"", peak, mean, strings.Join(t.codecs(), ","))
	if v := first.loop.Video; v != nil {
		width, height := v.Track.Video().Size()
		rate := float64(v.Len()) * float64(v.Track.Timescale) / float64(v.Length)
		fmt.Fprintf(&b, ",RESOLUTION=%dx%d,FRAME-RATE=%.3f", width, height, rate)
	}
	if len(first.renditions) > 1 {
		b.WriteString(",AUDIO=\"sound\"")
	}
	b.WriteString("\n" + first.renditions[0].name + suffix + "\n")
	return []byte(b.String())
}

// entry is the rendition's line of the multivariant playlist (4.3.4.1).
func (r *rendition) entry(first bool) string {
	number := strings.TrimPrefix(r.name, "audio")
	line := fmt.Sprintf("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"%s %s\"", number, r.track.Language)
	if len(r.track.Language) == 3 && r.track.Language != "und" {
		line += fmt.Sprintf(",LANGUAGE=\"%s\"", r.track.Language)
	}
	if first {
		line += ",DEFAULT=YES"
	}
	if c, ok := r.track.Coding.(interface{ Channels() int }); ok {
		line += fmt.Sprintf(",CHANNELS=\"%d\"", c.Channels())
	}
	return line + fmt.Sprintf(",AUTOSELECT=YES,URI=\"%s%s\"\n", r.name, suffix)
}

// codecs returns the names of all codings of the timeline, each once.
func (t *Timeline) codecs() []string {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, p := range t.parts {
		if v := p.loop.Video; v != nil {
			add(v.Track.Coding.Codec())
		}
		for _, a := range p.loop.Audio {
			add(a.Track.Coding.Codec())
		}
	}
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
