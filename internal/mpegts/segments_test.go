package mpegts

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// scale is the ticks a second in which the tests cut segments.
func (p *Segments) scale() int64 {
	l := p.demand.loop
	if l.Video != nil {
		return int64(l.Video.Track.Timescale)
	}
	return int64(l.Audio[0].Track.Audio().SampleRate())
}

// cut cuts laps n to n+laps−1 of a loop into segments of so many pictures, or
// tenths of a second of audio.
func (p *Segments) cut(n, laps, pictures int64) []loop.Segment {
	l, scale := p.demand.loop, p.scale()
	length := media.MulDiv(l.Length.Num, scale, l.Length.Den)
	at := loop.Segment{Number: n*7 + 3, Scale: scale, From: n * length, To: n * length}
	var all []loop.Segment
	if l.Video == nil {
		for end := (n + laps) * length; at.To < end; at.Number++ {
			at.From, at.To = at.To, min(end, at.To+pictures*scale/10)
			all = append(all, at)
		}
		return all
	}
	v := l.Video
	at.End = loop.UnitNumber(n * int64(v.Len()))
	for end := loop.UnitNumber((n + laps) * int64(v.Len())); at.End < end; at.Number++ {
		at.First, at.End = at.End, min(end, at.End+loop.UnitNumber(pictures))
		at.From, at.To = at.To, v.DTS(at.End)
		all = append(all, at)
	}
	return all
}

func segmentsOf(t *testing.T, f film) *Segments {
	t.Helper()
	l, err := loop.New(f.asset())
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewSegments(l, Config{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// payloads returns the packets that carry video and audio, by PID.
func (p *Segments) payloads(b []byte) map[PID][]byte {
	m := map[PID][]byte{}
	for i := 0; i < len(b); i += packet.Size {
		x := b[i:][:packet.Size]
		pid := PID(x[1]&0x1f)<<8 | PID(x[2])
		if pid >= p.demand.config.VideoPID && pid < p.demand.config.VideoPID+8 && x[3]&0x10 != 0 {
			m[pid] = append(m[pid], x...)
		}
	}
	return m
}

// I1: what a segment holds of video and audio are the muxer's own packets.
func TestSegmentsHoldTheMuxersPackets(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(films)) {
		t.Run(name, func(t *testing.T) {
			p, plan := segmentsOf(t, films[name]), planOf(t, films[name], 0)
			for _, n := range []int64{1, 31_500_000} {
				laps := max(2, 4*media.TicksPerSecond*plan.clock.lap.Den/(media.TicksPerSecond*plan.clock.lap.Num))
				around := p.payloads(packets(t, plan.NewMuxer(), Slot(n-1)*plan.Slots(), Slot(laps+2)*plan.Slots()+plan.Before(2*time.Second)))
				var b []byte
				for _, at := range p.cut(n, laps, 7) {
					var err error
					if b, err = p.Append(b, at); err != nil {
						t.Fatal(err)
					}
				}
				for pid, got := range p.payloads(b) {
					if i := bytes.Index(around[pid], got); i < 0 || i%packet.Size != 0 {
						t.Errorf("lap %d, PID %d: %d bytes are not the stream's %d", n, pid, len(got), len(around[pid]))
					}
				}
			}
		})
	}
}

// segmentChecker checks segments one after another.
type segmentChecker struct {
	t       *testing.T
	p       *Segments
	counter map[PID]byte
	pcr     int64
	packets int
}

func (h *segmentChecker) segment(b []byte) {
	h.packets = 0
	for i := 0; i < len(b); i += packet.Size {
		h.packet(b[i:][:packet.Size])
	}
}

func (h *segmentChecker) packet(x []byte) {
	h.t.Helper()
	pid, cc := PID(x[1]&0x1f)<<8|PID(x[2]), x[3]&0x0f
	if h.packets == 0 && pid != 0 || h.packets == 1 && pid != h.p.demand.config.PMTPID {
		h.t.Fatalf("packet %d of a segment is of PID %d", h.packets, pid)
	}
	h.packets++
	want, known := h.counter[pid]
	if x[3]&0x10 != 0 {
		want++
	}
	if known && cc != want&0x0f {
		h.t.Fatalf("PID %d: continuity counter %d, want %d", pid, cc, want&0x0f)
	}
	h.counter[pid] = cc
	if x[3]&0x20 != 0 && x[4] > 0 && x[5]&0x10 != 0 {
		at := int64(x[6])<<25 | int64(x[7])<<17 | int64(x[8])<<9 | int64(x[9])<<1 | int64(x[10])>>7
		if gap := (at - h.pcr) & (1<<33 - 1); h.pcr >= 0 && (gap == 0 || gap > 100*90) {
			h.t.Fatalf("2.7.2: PCR %d ms after the one before", gap/90)
		}
		h.pcr = at
	}
	if x[1]&0x40 == 0 || pid == 0 || pid == h.p.demand.config.PMTPID {
		return
	}
	body := x[4:]
	if x[3]&0x20 != 0 {
		body = body[1+body[0]:]
	}
	stamp := body[9:14]
	if body[7]&0x40 != 0 {
		stamp = body[14:19]
	}
	dts := int64(stamp[0]&0x0e)<<29 | int64(stamp[1])<<22 | int64(stamp[2]&0xfe)<<14 | int64(stamp[3])<<7 | int64(stamp[4])>>1
	if ahead := (dts - h.pcr) & (1<<33 - 1); ahead > media.TicksPerSecond {
		h.t.Fatalf("2.4.2.6: PID %d is decoded %d ticks after it came", pid, ahead)
	}
}

// 2.4.3.3: counters run on from segment to segment on every PID, tables begin each,
// PCRs are frequent and before what they time; before the epoch, over the wrap
// of the time stamps, and after ten years.
func TestSegmentsFollowEachOther(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(films)) {
		t.Run(name, func(t *testing.T) {
			p := segmentsOf(t, films[name])
			length := p.demand.loop.Length
			wrap := media.MulDiv((1<<33)/media.TicksPerSecond, length.Den, length.Num)
			for _, n := range []int64{-3, wrap - 2, 31_500_000} {
				h := &segmentChecker{t: t, p: p, counter: map[PID]byte{}, pcr: -1}
				for _, at := range p.cut(n, 6, 11) {
					b, err := p.Append(nil, at)
					if err != nil {
						t.Fatal(err)
					}
					h.segment(b)
					if int64(len(b)) != p.Size(at) {
						t.Fatalf("%+v: %d bytes, a size of %d", at, len(b), p.Size(at))
					}
				}
			}
		})
	}
}

// MaxSize holds for all laps, and is close to what comes up.
func TestMaxSize(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(films)) {
		p := segmentsOf(t, films[name])
		first := p.cut(0, 1, 50)
		peak := make([]int64, len(first))
		for n := range int64(200) {
			for i, at := range p.cut(n, 1, 50) {
				peak[i] = max(peak[i], p.Size(at))
			}
		}
		for i, at := range first {
			if limit := p.MaxSize(at); limit < peak[i] || limit > peak[i]*5/4+30*packet.Size {
				t.Errorf("%s, segment %d: at most %d, seen %d", name, i, limit, peak[i])
			}
		}
	}
}
