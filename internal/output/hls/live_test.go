package hls

import (
	"fmt"
	"log/slog"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// listed is a segment as a playlist lists it.
type listed struct {
	uri   string
	exact string // EXTINF as it is written
	long  time.Duration
	date  time.Time
	// sequence and discontinuity are its media sequence and discontinuity sequence numbers.
	sequence, discontinuity int64
}

// read is a media playlist that was read.
type read struct {
	tags     map[string]string
	target   time.Duration
	segments []listed
}

// readPlaylist reads a playlist as a client would, and refuses what it does not know.
func readPlaylist(t *testing.T, text string) read {
	t.Helper()
	r := read{tags: map[string]string{}}
	var s listed
	if !strings.HasPrefix(text, "#EXTM3U\n") || !strings.HasSuffix(text, "\n") {
		t.Fatalf("8216bis 4.4.1.1: it begins and ends otherwise: %s", text)
	}
	for line := range strings.Lines(strings.TrimPrefix(text, "#EXTM3U\n")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		number, _ := strconv.ParseInt(value, 10, 64)
		switch name {
		case "#EXT-X-VERSION", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-MAP":
		case "#EXT-X-TARGETDURATION":
			r.target = time.Duration(number) * time.Second
		case "#EXT-X-MEDIA-SEQUENCE":
			s.sequence = number
		case "#EXT-X-DISCONTINUITY-SEQUENCE":
			s.discontinuity = number
		case "#EXT-X-DISCONTINUITY":
			s.discontinuity++
		case "#EXT-X-PROGRAM-DATE-TIME":
			var err error
			if s.date, err = time.Parse(time.RFC3339Nano, value); err != nil {
				t.Fatal(err)
			}
		case "#EXTINF":
			s.exact = value
			seconds, err := strconv.ParseFloat(strings.TrimSuffix(value, ","), 64)
			if err != nil {
				t.Fatal(err)
			}
			s.long = time.Duration(math.Round(seconds * 1e9))
		default:
			if strings.HasPrefix(line, "#") {
				t.Fatalf("8216bis 4.4: a tag that is none of a live channel's: %s", line)
			}
			s.uri = strings.TrimSpace(line)
			r.segments = append(r.segments, s)
			s = listed{sequence: s.sequence + 1, discontinuity: s.discontinuity}
		}
		r.tags[name] = value
	}
	return r
}

// viewer reads the playlist again and again, and checks it against what was before.
type viewer struct {
	t       *testing.T
	tl      *Timeline
	known   map[int64]listed
	last    read
	longest time.Duration // of all playlists
	changed time.Time     // when the last segment came
}

// rule fails where something does not hold; its name begins with the clause.
func (v *viewer) rule(name string, holds bool, args ...any) {
	v.t.Helper()
	if !holds {
		v.t.Fatal(append([]any{name + ":"}, args...)...)
	}
}

func (v *viewer) look(now time.Time) {
	v.t.Helper()
	from, end := v.tl.window(now)
	if from == end {
		return
	}
	r := readPlaylist(v.t, string(v.tl.mediaPlaylist("video", from, end)))
	v.playlist(r)
	v.segments(r, now)
	if v.last.segments != nil {
		v.change(r, now)
	} else {
		v.changed = now
	}
	v.last = r
}

// playlist checks what holds of one playlist.
func (v *viewer) playlist(r read) {
	v.t.Helper()
	var sum time.Duration
	for _, s := range r.segments {
		sum += s.long
		v.rule("8216bis 4.4.3.1: EXTINF rounded to seconds is at most EXT-X-TARGETDURATION", s.long.Round(time.Second) <= r.target, s)
		v.rule("8216bis 4.4.4.1: a segment lasts", s.long > 0, s)
	}
	v.longest = max(v.longest, sum)
	first := v.tl.entries[0]
	if len(r.segments) >= 6 || !first.cold() {
		v.rule("8216bis 6.2.2: a playlist lasts three target durations", sum >= 3*r.target, sum)
		v.rule("six segments", len(r.segments) >= 6, len(r.segments))
	}
	v.rule("8216bis 4.4.4.6: the first segment has a date", !r.segments[0].date.IsZero())
	_, ended := r.tags["#EXT-X-ENDLIST"]
	v.rule("8216bis 4.4.3.4: the channel does not end", !ended)
}

// segments checks each segment against what was said of it, and its neighbours.
func (v *viewer) segments(r read, now time.Time) {
	v.t.Helper()
	for i, s := range r.segments {
		if old, ok := v.known[s.sequence]; ok {
			v.rule("8216bis 6.2.1: a segment that is listed does not change", old == s, old, s)
		}
		v.known[s.sequence] = s
		v.rule("a segment has ended", !s.date.Add(s.long).After(now.Add(time.Millisecond)), s, now)
		if i > 0 && s.discontinuity == r.segments[i-1].discontinuity {
			drift := s.date.Sub(r.segments[i-1].date.Add(r.segments[i-1].long))
			v.rule("8216bis 4.4.4.6: dates go on by EXTINF", drift.Abs() <= time.Millisecond, drift)
		}
	}
}

// change checks a playlist against the one before it.
func (v *viewer) change(r read, now time.Time) {
	v.t.Helper()
	was, is := v.last.segments, r.segments
	v.rule("8216bis 4.4.3.1: EXT-X-TARGETDURATION does not change", v.last.target == r.target)
	removed := is[0].sequence - was[0].sequence
	v.rule("8216bis 6.2.2: segments are removed from the beginning alone, and counted", removed >= 0 && removed <= int64(len(was)) && (removed == int64(len(was)) || was[removed].uri == is[0].uri), removed)
	added := is[len(is)-1].sequence - was[len(was)-1].sequence
	v.rule("8216bis 6.2.1: segments are added at the end", added >= 0, added)
	if added == 0 {
		v.rule("8216bis 6.2.2: the next segment comes within one and a half target durations", now.Sub(v.changed) <= r.target*3/2, now.Sub(v.changed))
		return
	}
	v.changed = now
}

// at returns the playlist of the pictures at a time.
func at(tl *Timeline, now time.Time) []byte {
	from, end := tl.window(now)
	return tl.mediaPlaylist("video", from, end)
}

// size is the length of all renditions of a segment.
func (e *entry) size(s segment) (n int64) {
	for i := range e.renditions {
		n += e.renditions[i].Size(s.loopSegment())
	}
	return n
}

// cold reports whether nothing is before the epoch.
func (e *entry) cold() bool { return e.base == 0 }

// Apple's rules for live playlists, looked at many times a segment: from the
// epoch on, over the wrap of the time stamps, and after years.
func TestLivePlaylist(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(films)) {
		t.Run(name, func(t *testing.T) {
			l := looped(t, films[name].asset())
			tl := timeline(t, Entry{Loop: segmented(t, l), From: epoch})
			for place, from := range map[string]time.Duration{
				"epoch": 0, "wrap": (1<<33)*time.Second/90000 - 20*time.Second, "ten years": 10 * 365 * 24 * time.Hour,
			} {
				v := &viewer{t: t, tl: tl, known: map[int64]listed{}}
				for at := range 400 {
					v.look(epoch.Add(from + time.Duration(at)*173*time.Millisecond))
				}
				if len(v.known) < 11 {
					t.Errorf("%s: %d segments in %s", place, len(v.known), 400*173*time.Millisecond)
				}
			}
		})
	}
}

// A channel that opens cold has its first segment when that has ended, and keeps
// the rules from then on.
func TestColdPlaylist(t *testing.T) {
	tl := timeline(t, Entry{Loop: segmented(t, looped(t, films["25 fps, GOP of 1 s"].asset())), From: epoch, ColdStart: true})
	if from, end := tl.window(epoch.Add(2*time.Second - 1)); from != end {
		t.Errorf("segments %d to %d before the first has ended", from, end)
	}
	if wait := tl.untilFirstEnds(epoch); wait != 2*time.Second {
		t.Errorf("wait %v", wait)
	}
	v := &viewer{t: t, tl: tl, known: map[int64]listed{}}
	for at := range 200 {
		now := epoch.Add(time.Duration(at) * 100 * time.Millisecond)
		if at >= 700 && at < 790 {
			v.changed = now // Between 70 and 75 s nothing plays.
		}
		v.look(now)
	}
	if v.known[0].date.Sub(epoch).Abs() > time.Millisecond || len(v.known) < 9 {
		t.Errorf("%+v", v.known[0])
	}
}

// I1: timelines of the same entries answer the same, byte for byte.
func TestTimelinesAgree(t *testing.T) {
	l := bundled(t)
	a, b := timeline(t, Entry{Loop: segmented(t, l), From: epoch}), timeline(t, Entry{Loop: segmented(t, bundled(t)), From: epoch})
	now := epoch.Add(1000 * time.Hour)
	from, end := a.window(now)
	if x, y := string(a.mediaPlaylist("video", from, end)), string(at(b, now)); x != y {
		t.Errorf("%s\nis not\n%s", x, y)
	}
	for k := from; k < end; k++ {
		x, err := NewRenderer(slog.New(slog.DiscardHandler)).segment(t.Context(), a.entryOf(k).segment(k), a.entries[0].rendition("video"))
		if err != nil {
			t.Fatal(err)
		}
		y, err := NewRenderer(slog.New(slog.DiscardHandler)).segment(t.Context(), b.entryOf(k).segment(k), b.entries[0].rendition("video"))
		if err != nil || string(x) != string(y) {
			t.Errorf("segment %d: %d bytes and %d, %v", k, len(x), len(y), err)
		}
	}
}

// I2: lengths add up to the laps', however long that goes on.
func TestLengthsAddUp(t *testing.T) {
	for name, f := range films {
		l := looped(t, f.asset())
		tl := timeline(t, Entry{Loop: segmented(t, l), From: epoch})
		p := tl.entries[0]
		const cycles = 1000
		var sum int64
		for k := p.base; k < p.base+cycles*p.segments(); k++ {
			sum += p.segment(k).durationMicros()
		}
		laps := float64(cycles*p.length) / float64(p.lap)
		if want := laps * l.Length.Seconds() * 1e6; math.Abs(float64(sum)-want) > 1 {
			t.Errorf("%s: %d µs, want %.1f", name, sum, want)
		}
	}
}

// Segments are near to what is wanted where random access points allow.
func TestCuts(t *testing.T) {
	want := map[string]struct {
		each    int64
		longest float64
		target  int64
		closed  bool
	}{
		"25 fps, GOP of 1 s":          {5, 2, 2, true},
		"29.97 fps, GOP of 0.5 s":     {17, 2.002, 2, true},
		"25 fps, GOP of 10 s":         {4, 10, 10, true},
		"one GOP":                     {1, 13.32, 13, true},
		"one GOP of a minute":         {30, 2, 2, false},
		"gradual refresh":             {10, 2, 2, false},
		"every picture, 23.976 fps":   {10, 2.085, 2, true},
		"open GOP":                    {6, 2.4, 2, false},
		"a fifth of a second":         {1, 1, 1, true},
		"one picture":                 {1, 1.001, 1, true},
		"sound alone":                 {5, 2.02, 2, true},
		"a picture every two seconds": {5, 6, 6, true},
		"a pause":                     {10, 2.72, 3, true},
		"a prime timescale":           {4, 2.4, 2, true},
	}
	for name, f := range films {
		r, err := NewSegmentedLoop(looped(t, f.asset()))
		if err != nil {
			t.Fatal(err)
		}
		w := want[name]
		longest := float64(r.longest()) / float64(r.scale)
		if r.segments() != w.each || math.Abs(longest-w.longest) > 0.02 || r.target != w.target || r.closed != w.closed {
			t.Errorf("%s: %d segments of up to %.3f s, target %d, closed %t", name, r.segments(), longest, r.target, r.closed)
		}
	}
}

// 8216bis 4.4.6.2: the bandwidths of the multivariant playlist are those of the segments.
func TestBandwidth(t *testing.T) {
	for name, f := range films {
		tl := timeline(t, Entry{Loop: segmented(t, looped(t, f.asset())), From: epoch})
		p := tl.entries[0]
		var peak, bits, seconds float64
		for k := range 300 * p.segments() {
			s := p.segment(k)
			size, long := float64(8*p.size(s)), float64(s.to-s.from)/float64(s.scale)
			peak, bits, seconds = max(peak, size/long), bits+size, seconds+long
		}
		m := regexp.MustCompile(`BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+)`).FindStringSubmatch(string(tl.multivariantPlaylist()))
		top, _ := strconv.ParseFloat(m[1], 64)
		mean, _ := strconv.ParseFloat(m[2], 64)
		if peak > top || peak < 0.85*top || math.Abs(bits/seconds/mean-1) > 0.02 {
			t.Errorf("%s: peak %.0f of %.0f, mean %.0f of %.0f", name, peak, top, bits/seconds, mean)
		}
	}
}

func TestMultivariantPlaylist(t *testing.T) {
	want := `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=29.970
video.m3u8
`
	tl := timeline(t, Entry{Loop: segmented(t, looped(t, films["29.97 fps, GOP of 0.5 s"].asset())), From: epoch})
	if got := string(tl.multivariantPlaylist()); !regexp.MustCompile("^" + want + "$").MatchString(got) {
		t.Error(got)
	}
}

// dolby is sound that not every player knows.
type dolby struct{ sound }

func (dolby) Codec() string                      { return "ac-3" }
func (dolby) Channels() int                      { return 6 }
func (dolby) SegmentFormat() media.SegmentFormat { return media.FragmentedMP4 }

// hevc is a picture that Apple plays in fragmented MP4.
type hevc struct{ picture }

func (hevc) Codec() string                      { return "hvc1.1.6.L93.90" }
func (hevc) SegmentFormat() media.SegmentFormat { return media.FragmentedMP4 }

// apart makes a loop of a film with other codings, and with sample entries.
func apart(t *testing.T, f film, video media.Coding, audio ...media.Coding) *loop.Loop {
	t.Helper()
	a := f.asset()
	a.Video.Coding, a.Video.Entry = video, []byte("\x00\x00\x00\x10hev100000000")
	for i, c := range audio {
		a.Audio[i].Coding, a.Audio[i].Entry = c, []byte("\x00\x00\x00\x10mp4a00000000")
	}
	return looped(t, a)
}

// 8216bis 4.4.6: variants and renditions of what is in fragmented MP4.
func TestVariants(t *testing.T) {
	f := films["29.97 fps, GOP of 0.5 s"]
	aac, ac3 := f.audio[0], dolby{sound{rate: 44100, frame: 1152}}
	const head, rates, size = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n", "#EXT-X-STREAM-INF:BANDWIDTH=N,AVERAGE-BANDWIDTH=N,", ",RESOLUTION=640x360,FRAME-RATE=29.970"
	for name, c := range map[string]struct {
		loop *loop.Loop
		want string
	}{
		"HEVC, AAC and AC-3": {
			apart(t, f, hevc{}, aac, ac3),
			"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"mp4a.40.2\",NAME=\"1 eng\",LANGUAGE=\"eng\",DEFAULT=YES,CHANNELS=\"2\",AUTOSELECT=YES,URI=\"audio1.m3u8\"\n" +
				rates + "CODECS=\"hvc1.1.6.L93.90,mp4a.40.2\"" + size + ",AUDIO=\"mp4a.40.2\"\nvideo.m3u8\n" +
				"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"ac-3\",NAME=\"2 eng\",LANGUAGE=\"eng\",CHANNELS=\"6\",AUTOSELECT=YES,URI=\"audio2.m3u8\"\n" +
				rates + "CODECS=\"hvc1.1.6.L93.90,ac-3\"" + size + ",AUDIO=\"ac-3\"\nvideo.m3u8\n",
		},
		"H.264 and AC-3: pictures for those who do not know it": {
			apart(t, film{timescale: 30000, step: 1001, pictures: 300, gop: 30, audio: []sound{{rate: 44100, frame: 1152}}}, picture{}, ac3),
			"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"ac-3\",NAME=\"1 eng\",LANGUAGE=\"eng\",DEFAULT=YES,CHANNELS=\"6\",AUTOSELECT=YES,URI=\"audio1.m3u8\"\n" +
				rates + "CODECS=\"avc1.64001f,ac-3\"" + size + ",AUDIO=\"ac-3\"\nvideo.m3u8\n" +
				rates + "CODECS=\"avc1.64001f\"" + size + "\nvideo.m3u8\n",
		},
		"H.264 and AAC twice: together": {apart(t, f, picture{}, aac, f.audio[1]), rates + "CODECS=\"avc1.64001f,mp4a.40.2\"" + size + "\nvideo.m3u8\n"},
	} {
		index := string(timeline(t, Entry{Loop: segmented(t, c.loop), From: epoch}).multivariantPlaylist())
		if got := regexp.MustCompile(`BANDWIDTH=\d+`).ReplaceAllString(index, "BANDWIDTH=N"); got != head+c.want {
			t.Errorf("%s:\n%swant\n%s", name, got, head+c.want)
		}
	}
}

// A playlist keeps its format, and an entry without a rendition is a gap in it.
func TestEntriesOfOtherFormats(t *testing.T) {
	f := films["25 fps, GOP of 1 s"]
	silent := film{timescale: 25, step: 1, pictures: 100, gop: 25}
	tl := timeline(t, Entry{Loop: segmented(t, apart(t, f, hevc{}, f.audio[0])), From: epoch}, Entry{Loop: segmented(t, apart(t, silent, picture{})), From: epoch.Add(20 * time.Second)})
	from, end := tl.window(epoch.Add(28 * time.Second))
	video, audio := string(tl.mediaPlaylist("video", from, end)), string(tl.mediaPlaylist("audio1", from, end))
	if n := strings.Count(video, "#EXT-X-MAP:URI=\"video-"); n != 2 || strings.Count(video, ".m4s\n") != int(end-from) {
		t.Errorf("%d initialization sections in %s", n, video)
	}
	if gaps := strings.Count(audio, "#EXT-X-GAP\n"); gaps != 4 || !strings.Contains(audio, "#EXT-X-VERSION:8\n") || strings.Count(audio, "#EXT-X-MAP") != 1 {
		t.Errorf("%d gaps in %s", gaps, audio)
	}
	if _, err := New(Entry{Loop: segmented(t, apart(t, f, hevc{}, f.audio[0])), From: epoch}, Entry{Loop: segmented(t, looped(t, f.asset())), From: epoch.Add(time.Second)}); err == nil {
		t.Error("an entry without sample entries cannot be in fragmented MP4")
	}
	if _, err := New(Entry{Loop: segmented(t, looped(t, f.asset())), From: epoch}, Entry{Loop: segmented(t, looped(t, f.asset())), From: epoch}); err == nil {
		t.Error("entries at the same time")
	}
}

// Entries follow each other with a discontinuity, and with nothing else.
func TestEntries(t *testing.T) {
	a, b := looped(t, films["25 fps, GOP of 1 s"].asset()), looped(t, films["29.97 fps, GOP of 0.5 s"].asset())
	entries := []Entry{
		{Loop: segmented(t, a), From: epoch},
		{Loop: segmented(t, b), From: epoch.Add(25*time.Second + 300*time.Millisecond)}, // in the middle of a GOP
		{Loop: segmented(t, a), From: epoch.Add(60 * time.Second), Laps: 1},
		{Loop: segmented(t, b), From: epoch.Add(75 * time.Second)}, // five seconds after the lap has ended
	}
	tl := timeline(t, entries...)
	v := &viewer{t: t, tl: tl, known: map[int64]listed{}}
	for at := range 1200 {
		now := epoch.Add(time.Duration(at) * 100 * time.Millisecond)
		if at >= 700 && at < 790 {
			v.changed = now // Between 70 and 75 s nothing plays.
		}
		v.look(now)
	}
	var sums [4]time.Duration
	for k := tl.entries[0].base; ; k++ {
		s, ok := v.known[k]
		if !ok {
			break
		}
		sums[s.discontinuity] += s.long
	}
	// An entry ends with a whole picture.
	want := fmt.Sprint([]time.Duration{25*time.Second + 280*time.Millisecond, 34*time.Second + 700*time.Millisecond, 10 * time.Second})
	for i := range sums {
		sums[i] = sums[i].Round(time.Millisecond)
	}
	if got := fmt.Sprint(sums[:3]); got != want {
		t.Errorf("the entries last %s, want %s", got, want)
	}
	if sums[3] < 30*time.Second {
		t.Errorf("the last entry lasts %s", sums[3])
	}
	// What is past does not change with what is planned.
	fewer := timeline(t, entries[:2]...)
	now := epoch.Add(59 * time.Second)
	if x, y := string(at(tl, now)), string(at(fewer, now)); x != y {
		t.Errorf("%s\nbecomes\n%s", y, x)
	}
}
