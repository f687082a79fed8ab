package hls

import (
	"fmt"
	"strings"
	"time"
)

// Names of the playlists.
const (
	indexName = "index.m3u8"
	videoName = "video.m3u8"
)

// index returns the multivariant playlist (RFC 8216, 4.3.4): one variant.
func (t *Timeline) index() []byte {
	var peak, mean int64
	for _, p := range t.parts {
		peak, mean = max(peak, p.peak), max(mean, p.mean)
	}
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n")
	if t.independent() {
		b.WriteString("#EXT-X-INDEPENDENT-SEGMENTS\n")
	}
	fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,CODECS=\"%s\"", peak, mean, strings.Join(t.codecs(), ","))
	if v := t.parts[0].loop.Video; v != nil {
		width, height := v.Track.Video().Size()
		rate := float64(v.Len()) * float64(v.Track.Timescale) / float64(v.Length)
		fmt.Fprintf(&b, ",RESOLUTION=%dx%d,FRAME-RATE=%.3f", width, height, rate)
	}
	b.WriteString("\n" + videoName + "\n")
	return []byte(b.String())
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

// media returns the media playlist (RFC 8216, 4.3.3) of segments from up to end.
func (t *Timeline) media(from, end int64) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n", t.target, from)
	last := t.part(from).index
	if last > 0 {
		fmt.Fprintf(&b, "#EXT-X-DISCONTINUITY-SEQUENCE:%d\n", last)
	}
	if t.independent() {
		b.WriteString("#EXT-X-INDEPENDENT-SEGMENTS\n")
	}
	for k := from; k < end; k++ {
		s := t.part(k).segment(k)
		if s.index != last {
			b.WriteString("#EXT-X-DISCONTINUITY\n")
			last = s.index
		}
		micros := s.micros()
		fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:%d.%06d,\n%s\n",
			s.date().UTC().Format("2006-01-02T15:04:05.000Z07:00"), micros/1_000_000, micros%1_000_000, s.name())
	}
	return []byte(b.String())
}

// wait returns how long it is until the first segment ends, for a time before that.
func (t *Timeline) wait(now time.Time) time.Duration {
	p := t.parts[0]
	s := p.segment(p.first)
	return s.date().Add(time.Duration(s.micros()) * time.Microsecond).Sub(now)
}
