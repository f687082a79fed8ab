package hls

import (
	"testing"
	"time"
)

// What a player that nobody else watches with costs: each segment is made for it.
func BenchmarkSegment(b *testing.B) {
	tl := timeline(b, Entry{Loop: segmented(b, bundled(b)), From: epoch})
	r := tl.entries[0].rendition("video")
	from := tl.currentSegment(epoch.Add(time.Hour))
	var bytes int64
	for n := int64(0); b.Loop(); n++ {
		p := tl.entryOf(from).segment(from + n%5).loopSegment()
		data, err := r.Append(make([]byte, 0, r.Size(p)), p)
		if err != nil {
			b.Fatal(err)
		}
		bytes += int64(len(data))
	}
	b.SetBytes(bytes / int64(b.N))
}

// And its playlist.
func BenchmarkPlaylist(b *testing.B) {
	tl := timeline(b, Entry{Loop: segmented(b, bundled(b)), From: epoch})
	now := epoch.Add(time.Hour)
	for b.Loop() {
		from, end := tl.window(now)
		tl.mediaPlaylist("video", from, end)
	}
}
