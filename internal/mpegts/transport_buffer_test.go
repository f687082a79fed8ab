package mpegts

import (
	"fmt"
	"testing"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// bufferModels are TB and MB of the video as 2.4.2.3 has them, byte for byte. TB is empty
// once a second (2.4.2.6).
type bufferModels struct {
	tb, mb bufferModel
}

// bufferModel is a buffer that empties at a constant rate.
type bufferModel struct {
	name string
	size float64 // bytes
	leak float64 // bytes in the time of a byte of the multiplex
	fill float64 // bytes
	at   int64   // the byte of the multiplex at which it held so much
	// emptied is the byte at which it was empty last, and often how many bytes it may be
	// since; 0 where any.
	emptied, often int64
}

func newBufferModels(p *Plan, from Slot) *bufferModels {
	if p.video == nil || p.ExceedsLevel {
		return nil
	}
	c, d := p.clock, p.video.buffer
	seconds := float64(c.lap.Num) / float64(c.lap.Den) / float64(c.slots*packet.Size) // of a byte
	model := func(name string, size int, rate media.BitRate) bufferModel {
		return bufferModel{name: name, size: float64(size), leak: float64(rate) / 8 * seconds, at: int64(from * packet.Size)}
	}
	b := &bufferModels{tb: model("TB", transportBuffer, d.Leak), mb: model("MB", min(d.Mux, media.MuxBuffer(d.Drain)), d.Drain)}
	b.tb.emptied, b.tb.often = b.tb.at, int64(1/seconds)
	return b
}

// take takes a packet of the video's PID, of which payload bytes are not header. All of
// its bytes pass TB; MB is given the payload at once, somewhat sooner than it comes.
func (b *bufferModels) take(l *listener, payload int) {
	for i := range packet.Size {
		at := int64(l.n*packet.Size) + int64(i)
		b.tb.put(l, at)
		if i >= packet.Size-payload {
			b.mb.put(l, at)
		}
	}
}

func (b *bufferModel) put(l *listener, at int64) {
	if b.fill -= float64(at-b.at) * b.leak; b.fill <= 0 {
		b.fill, b.emptied = 0, at
	}
	b.fill++
	if b.at = at; b.fill > b.size+0.01 {
		l.fail("%.2f bytes in %s of %.0f", b.fill, b.name, b.size)
	}
	if b.often > 0 && at-b.emptied > b.often {
		l.fail("%s is not empty for more than a second", b.name)
	}
}

// I6: streams that nearly fill a low level pass TB and MB together with the PCR, beside
// any number of audio tracks and at any rate. Where TB has no room for the PCR, that has
// a PID of its own.
func TestLowLevels(t *testing.T) {
	const none, some = 0, 4
	for _, tt := range []struct {
		level   string
		buffer  media.Buffer
		bitRate int // of the pictures, with headers about as much as the level allows
		apart   bool
	}{
		{"AVC 1", media.Buffer{Leak: 92_160, Size: 26_250, Drain: 76_800, Mux: 1333}, 56_000, true},
		{"AVC 1b", media.Buffer{Leak: 184_320, Size: 52_500, Drain: 153_600, Mux: 1333}, 120_000, true},
		{"HEVC 1", media.Buffer{Leak: 140_800, Size: 48_125, Drain: 140_800, Mux: 1333}, 90_000, true},
		{"AVC 1.1", media.Buffer{Leak: 276_480, Size: 75_000, Drain: 230_400, Mux: 1333}, 150_000, false},
		{"AVC 1.2", media.Buffer{Leak: 552_960, Size: 150_000, Drain: 460_800, Mux: 1333}, 380_000, false},
		{"MPEG-4 SP 1", media.Buffer{Leak: 9_600_000, Size: 20_480, Drain: 8_000_000, Mux: 6666}, 60_000, false},
		{"HEVC 2", media.Buffer{Leak: 1_650_000, Size: 206_250, Drain: 1_650_000, Mux: 2666}, 1_200_000, false},
	} {
		for _, tracks := range []int{none, 1, some} {
			f := film{timescale: 15, step: 1, pictures: 60, bitRate: tt.bitRate, gop: 30, peak: 4, audioLen: 1, audioRate: 32_000, level: tt.buffer}
			for range tracks {
				f.audio = append(f.audio, audioCoding{rate: 48000, frame: 1024})
			}
			t.Run(fmt.Sprintf("%s, %d audio tracks", tt.level, tracks), func(t *testing.T) {
				least := planOf(t, f, 0)
				for _, rate := range []media.BitRate{0, least.BitRate() * 3 / 2, 2_000_000} {
					p := planOf(t, f, rate)
					if p.ExceedsLevel || p.pcrApart != tt.apart {
						t.Errorf("at %d bit/s: exceeds its level %v; the PCR on PID %d, on one of its own %v", p.BitRate(), p.ExceedsLevel, p.pcrPID, p.pcrApart)
					}
					hear(t, p, 3*p.Slots())
				}
			})
		}
	}
}

// hear listens to packets of the first laps and of far ones.
func hear(t *testing.T, p *Plan, count Slot) {
	t.Helper()
	for _, lap := range []Slot{0, 100_003} {
		l, s, from := listen(t, p, lap*p.Slots()), p.NewMuxer(), lap*p.Slots()
		for n := from; n < from+count; n += 500 {
			b := packets(t, s, n, 500)
			for i := range 500 {
				l.packet(b[i*packet.Size:][:packet.Size])
			}
		}
	}
}

// TB is empty once a second (2.4.2.6), also where pictures come at the pace that it sets for
// many seconds.
func TestTBIsEmptied(t *testing.T) {
	for _, level := range []media.Buffer{
		{Leak: 92_160, Size: 26_250, Drain: 76_800, Mux: 1333},
		{Leak: 184_320, Size: 52_500, Drain: 153_600, Mux: 1333},
		{Leak: 140_800, Size: 48_125, Drain: 140_800, Mux: 1333},
		{Leak: 276_480, Size: 75_000, Drain: 230_400, Mux: 1333},
	} {
		for _, rate := range []media.BitRate{0, 2_500_000} {
			f := film{timescale: 15, step: 1, pictures: 150, bitRate: int(level.Drain * 3 / 4), gop: 75, peak: 6, level: level}
			p := planOf(t, f, rate)
			if p.ExceedsLevel {
				t.Errorf("pictures of %d bit/s exceed %d bit/s", f.bitRate, level.Drain)
			}
			hear(t, p, 2*p.Slots())
		}
	}
}

// pcrPid still rules: on the video's PID the PCR stays there, whatever TB has room for.
func TestPCRWhereItIsPut(t *testing.T) {
	f := film{timescale: 15, step: 1, pictures: 60, bitRate: 56_000, gop: 30, peak: 4, level: media.Buffer{Leak: 92_160, Size: 26_250, Drain: 76_800, Mux: 1333}}
	l, err := loop.New(f.asset())
	if err != nil {
		t.Fatal(err)
	}
	plan := func(pcr PID) *Plan {
		p, err := New(t.Context(), l, Config{Layout: m2ts.Layout{PCRPID: pcr}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	apart, own, video := plan(0), plan(4000), plan(m2ts.DefaultVideoPID)
	if apart.PCRApart() != m2ts.DefaultVideoPID+1 || own.PCRApart() != 0 || own.pcrPID != 4000 || own.clock != apart.clock {
		t.Errorf("PCR on PID %d by the plan, %d by the setting; at %d and %d bit/s", apart.pcrPID, own.pcrPID, apart.BitRate(), own.BitRate())
	}
	if video.pcrPID != m2ts.DefaultVideoPID || !video.ExceedsLevel {
		t.Errorf("PCR on PID %d, exceeds its level %v", video.pcrPID, video.ExceedsLevel)
	}
	for _, tt := range []struct {
		of     *Plan
		layout m2ts.Layout
		want   *Plan // nil: planned anew
	}{
		{apart, m2ts.Layout{PCRPID: m2ts.DefaultVideoPID}, nil},
		{apart, m2ts.Layout{PCRPID: 4000}, own},
		{own, m2ts.Layout{}, nil},
		{apart, m2ts.Layout{}, apart},
		{apart, m2ts.Layout{PMTPID: apart.pcrPID}, plan(m2ts.DefaultVideoPID + 2)},
	} {
		got, err := tt.of.With(Config{Layout: tt.layout})
		switch {
		case err != nil:
			t.Error(err)
		case got == nil || tt.want == nil:
			if (got == nil) != (tt.want == nil) {
				t.Errorf("%+v: shared %v", tt.layout, got != nil)
			}
		case got.pcrPID != tt.want.pcrPID:
			t.Errorf("%+v: PCR on PID %d, want %d", tt.layout, got.pcrPID, tt.want.pcrPID)
		}
	}
}
