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

// multivariantPlaylist returns the multivariant playlist (RFC 8216, 4.3.4: the
// master playlist). It has a variant for each coding of the audio renditions.
func (t *Timeline) multivariantPlaylist() []byte {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n")
	if t.independent() {
		b.WriteString("#EXT-X-INDEPENDENT-SEGMENTS\n")
	}
	alone, known := len(t.entries[0].renditions) == 1, false
	for _, codec := range t.audioCodecs() {
		for _, r := range t.entries[0].renditions {
			if r.track != nil && r.track.Coding.Codec() == codec {
				b.WriteString(r.mediaTag())
				known = known || r.track.Coding.SegmentFormat() == media.AnySegmentFormat
			}
		}
		t.variant(&b, codec)
	}
	if alone || !known { // A player that knows none of the audio shows the pictures.
		t.variant(&b, "")
	}
	return []byte(b.String())
}

// audioCodecs returns the codecs of the audio renditions, each once.
func (t *Timeline) audioCodecs() []string {
	var names []string
	for _, r := range t.entries[0].renditions {
		if r.track != nil && !slices.Contains(names, r.track.Coding.Codec()) {
			names = append(names, r.track.Coding.Codec())
		}
	}
	return names
}

// variant writes a variant stream (4.3.4.2): the first rendition, with the audio
// renditions of a codec, "" for none.
func (t *Timeline) variant(b *strings.Builder, codec string) {
	peak, mean := t.rates(codec)
	fmt.Fprintf(b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,CODECS=\"%s\"", peak, mean, strings.Join(t.codecs(codec), ","))
	first := t.entries[0]
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

// rates returns the highest rates of all entries in bit/s: of the first rendition
// with the largest audio rendition of a codec.
func (t *Timeline) rates(codec string) (peak, mean int64) {
	for _, e := range t.entries {
		var audio, audioMean int64
		for _, r := range e.renditions[1:] {
			if codec != "" && r.track.Coding.Codec() == codec {
				audio, audioMean = max(audio, r.peakRate), max(audioMean, r.meanRate)
			}
		}
		peak, mean = max(peak, e.renditions[0].peakRate+audio), max(mean, e.renditions[0].meanRate+audioMean)
	}
	return peak, mean
}

// mediaTag returns the line of an audio rendition (4.3.4.1).
func (r *rendition) mediaTag() string {
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

// codecs returns the codecs of a variant, each once: of the pictures of all
// entries, of audio in the same segments, and of its audio renditions.
func (t *Timeline) codecs(audio string) []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, e := range t.entries {
		if v := e.loop.Video; v != nil {
			add(v.Track.Coding.Codec())
		}
		if e.format == media.TransportStream {
			for _, a := range e.loop.Audio {
				add(a.Track.Coding.Codec())
			}
		}
	}
	add(audio)
	return names
}

// independent reports whether every segment can be decoded by itself.
func (t *Timeline) independent() bool {
	return !slices.ContainsFunc(t.entries, func(e *entry) bool { return !e.closed })
}

// mediaPlaylist returns the media playlist (RFC 8216, 4.3.3) of a rendition, with
// the segments from up to end. An entry without the rendition leaves a gap.
func (t *Timeline) mediaPlaylist(name string, from, end int64) []byte {
	var b, segments strings.Builder
	version := 6
	var last *entry
	for k := from; k < end; k++ {
		e := t.entryOf(k)
		r := e.rendition(name)
		if e != last && last != nil {
			segments.WriteString("#EXT-X-DISCONTINUITY\n")
		}
		if e != last && r != nil && r.initSection != nil {
			fmt.Fprintf(&segments, "#EXT-X-MAP:URI=\"%s\"\n", e.initName(r))
		}
		if r == nil {
			version = 8 // EXT-X-GAP
		}
		e.segment(k).write(&segments, r)
		last = e
	}
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n", version, t.target, from)
	if n := t.entryOf(from).discontinuities; n > 0 {
		fmt.Fprintf(&b, "#EXT-X-DISCONTINUITY-SEQUENCE:%d\n", n)
	}
	if t.independent() {
		b.WriteString("#EXT-X-INDEPENDENT-SEGMENTS\n")
	}
	return []byte(b.String() + segments.String())
}

// write writes the segment's lines; r is nil for a gap.
func (s segment) write(b *strings.Builder, r *rendition) {
	micros := s.durationMicros()
	fmt.Fprintf(b, "#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:%d.%06d,\n",
		s.start().UTC().Format("2006-01-02T15:04:05.000Z07:00"), micros/1_000_000, micros%1_000_000)
	if r == nil {
		fmt.Fprintf(b, "#EXT-X-GAP\nmissing-%s-%d\n", s.tag, s.number)
		return
	}
	b.WriteString(s.name(r) + "\n")
}

// untilFirstEnds returns how long it is until the first segment ends.
func (t *Timeline) untilFirstEnds(now time.Time) time.Duration {
	s := t.entries[0].segment(t.entries[0].first)
	return s.start().Add(time.Duration(s.durationMicros()) * time.Microsecond).Sub(now)
}
