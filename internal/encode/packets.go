package encode

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// span is what the packets of a stream cover, as ffmpeg's demuxer presents them.
// Containers promise other durations, or none.
type span struct {
	packets    int
	keys       int
	start, end float64 // in the input's own times, in seconds
	last       float64 // the latest start of a packet
	key        float64 // the time of the first key packet, NaN before it
	// times are the starts of the packets of video, in the order of the file. early is
	// how many packets come before the first key packet, in either order.
	video bool
	times []float64
	early int
	// gaps is how long no packet covers, in pieces of more than gapSeconds each.
	gaps float64
	// sum is how long all packets last; untimed says that some have no time.
	sum     float64
	untimed bool
}

// gapSeconds is how long a packet may be late without leaving a gap: containers
// round times to milliseconds, and a unit of sound lasts up to 48 ms.
const gapSeconds = 0.06

// length returns how long the stream lasts if the last packet does not say it.
func (s span) length(last float64) float64 {
	length := s.end - s.start
	if s.end <= s.last {
		length += last
	}
	if s.untimed {
		length = max(length, s.sum)
	}
	return length
}

// packetScanner is an io.Writer that receives lines of ffprobe about packets.
type packetScanner struct {
	partial []byte
	spans   []span
}

// scanPackets reads all packets of the input and returns the span of each stream.
func scanPackets(ctx context.Context, t ffmpeg, address string, streams []ffprobeStream) ([]span, error) {
	p := packetScanner{spans: make([]span, len(streams))}
	for i := range p.spans {
		p.spans[i] = span{key: math.NaN(), video: streams[i].Type == "video"}
	}
	args := append([]string{"-v", "error", "-of", "csv=p=0", "-show_entries", "packet=stream_index,pts_time,duration_time,flags"}, inputArgs(address)...)
	if err := (process{path: t.ffprobe, args: args, stdout: &p}).run(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fault.New(fault.Media, "ffmpeg cannot read all of it: %w", err)
	}
	return p.spans, nil
}

// Write implements io.Writer.
func (p *packetScanner) Write(b []byte) (int, error) {
	p.partial = append(p.partial, b...)
	for {
		line, rest, ok := bytes.Cut(p.partial, []byte{'\n'})
		if !ok {
			p.partial = append(p.partial[:0], rest...)
			return len(b), nil
		}
		p.add(string(line))
		p.partial = rest
	}
}

// add takes a line: stream, time, duration, flags.
func (p *packetScanner) add(line string) {
	f := strings.Split(strings.TrimSpace(line), ",")
	if len(f) < 4 {
		return
	}
	stream, err := strconv.Atoi(f[0])
	if err != nil || stream < 0 || stream >= len(p.spans) {
		return
	}
	duration, _ := strconv.ParseFloat(f[2], 64)
	key := strings.Contains(f[3], "K")
	at, err := strconv.ParseFloat(f[1], 64)
	if err != nil {
		p.spans[stream].addUntimed(duration, key)
		return
	}
	p.spans[stream].add(at, duration, key, strings.Contains(f[3], "D"))
}

// add takes a packet. Decoding begins with the first key packet, and pictures
// before it, in either order, are not shown; discard is one that an edit list hides.
func (s *span) add(at, duration float64, key, discard bool) {
	if key && math.IsNaN(s.key) {
		*s = span{key: at, video: s.video, early: s.packets}
	}
	switch {
	case discard:
		return
	case at < s.key:
		s.early++
		return
	case s.video:
		s.times = append(s.times, at)
	}
	if key {
		s.keys++
	}
	if s.packets == 0 || s.untimed && s.end == 0 {
		s.start, s.last, s.end = at, at, at+duration
	}
	s.packets++
	s.sum += duration
	if at-s.end > gapSeconds {
		s.gaps += at - s.end
	}
	s.start, s.last, s.end = min(s.start, at), max(s.last, at), max(s.end, at+duration)
}

// addUntimed takes a packet without a time, which follows the one before it; raw
// streams have only such, from 0 on.
func (s *span) addUntimed(duration float64, key bool) {
	if key && s.packets == 0 {
		s.key = math.Inf(-1) // Times begin later, if at all.
	}
	if key || s.packets > 0 {
		s.packets, s.untimed = s.packets+1, true
		s.sum += duration
	}
}

// firstPictures is how many packets are decoded to find the first picture.
const firstPictures = 64

// lookAtFirst decodes the first pictures. They say when the first one is shown
// and whether they are interlaced better than the container.
func (v *videoInfo) lookAtFirst(ctx context.Context, t ffmpeg, address string) error {
	var out bytes.Buffer
	args := append([]string{
		"-v", "quiet", "-of", "csv=p=0", "-select_streams", strconv.Itoa(v.index), "-read_intervals", "%+#" + strconv.Itoa(firstPictures),
		"-show_entries", "frame=best_effort_timestamp_time,interlaced_frame,top_field_first",
	}, inputArgs(address)...)
	if err := (process{path: t.ffprobe, args: args, stdout: &out}).run(ctx); err != nil {
		return ctx.Err() // Without pictures, the packets have told enough.
	}
	first, interlaced, top, pictures := math.Inf(1), 0, 0, 0
	for line := range strings.Lines(out.String()) {
		f := strings.Split(strings.TrimSpace(line), ",")
		at, err := strconv.ParseFloat(f[0], 64)
		if err != nil || len(f) < 3 {
			continue
		}
		pictures++
		first = min(first, at)
		if f[1] == "1" {
			interlaced++
			top += choose(f[2] == "1", 1, 0)
		}
	}
	if pictures == 0 {
		return nil
	}
	v.seconds += v.start - first
	v.start = first
	shown, _ := slices.BinarySearch(v.times, first-halfTick)
	v.early, v.times = v.early+shown, v.times[shown:]
	if v.interlaced = 2*interlaced > pictures; v.interlaced {
		v.bottomFirst = 2*top < interlaced
	}
	return nil
}

// halfTick is less than the distance of two pictures: ffprobe rounds times to microseconds.
const halfTick = 0.0005

// lookAtSizes decodes the pictures that need no other one, to find the first that has
// another size than those before it.
func (v *videoInfo) lookAtSizes(ctx context.Context, t ffmpeg, address string) error {
	if v.intra { // Decoding all would take long, and such codings do not change.
		return nil
	}
	var out bytes.Buffer
	args := append([]string{
		"-v", "quiet", "-of", "csv=p=0", "-select_streams", strconv.Itoa(v.index), "-skip_frame", "nokey",
		"-show_entries", "frame=best_effort_timestamp_time,width,height",
	}, inputArgs(address)...)
	if err := (process{path: t.ffprobe, args: args, stdout: &out}).run(ctx); err != nil {
		return ctx.Err()
	}
	var first [2]int
	for line := range strings.Lines(out.String()) {
		f := strings.Split(strings.TrimSpace(line), ",")
		if len(f) < 3 {
			continue
		}
		width, _ := strconv.Atoi(f[1])
		height, _ := strconv.Atoi(f[2])
		switch size := [2]int{width, height}; {
		case width <= 0 || height <= 0 || size == first:
		case first == [2]int{}:
			first = size
		default:
			v.resized = size
			v.resizedAt, _ = strconv.ParseFloat(f[0], 64)
			return nil
		}
	}
	return nil
}

// measureClock compares the times of a stream with its samples, which it decodes.
func (a *audioInfo) measureClock(ctx context.Context, t ffmpeg, address string, s span) error {
	count, heard := new(byteCounter), new(lastBytes)
	args := append([]string{"-hide_banner", "-nostdin", "-v", "error"}, inputArgs(address)...)
	args = append(args, "-map", "0:"+strconv.Itoa(a.index), "-ac", "1", "-ar", strconv.Itoa(clockRate), "-f", "u8", "-c:a", "pcm_u8", "pipe:1")
	if err := (process{path: t.ffmpeg, args: args, stdout: count, complaints: heard}).run(ctx); err != nil || heard.damage() != "" {
		return ctx.Err() // Encoding it will say why.
	}
	samples := float64(*count) / clockRate
	covered := s.end - s.start - s.gaps
	packet := covered / float64(max(1, s.packets)) // Coders pad either end by up to one.
	if samples > minClockSeconds && math.Abs(covered-samples) > minClockDrift+1.5*packet && near(covered/samples, 1, maxClockError) {
		a.clock = covered / samples
	}
	return nil
}

// What counts as a clock that is off: one that is wrong by more than minClockDrift
// seconds over the whole stream. Beyond maxClockError something else is wrong.
const (
	clockRate       = 8000
	minClockSeconds = 1
	minClockDrift   = 0.02
	maxClockError   = 0.1
)

// byteCounter is an io.Writer that counts.
type byteCounter int64

func (c *byteCounter) Write(p []byte) (int, error) {
	*c += byteCounter(len(p))
	return len(p), nil
}
