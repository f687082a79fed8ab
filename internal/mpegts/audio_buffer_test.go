package mpegts

import (
	"fmt"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// I6: B of the T-STD holds the sound of every rate, alone and beside pictures.
func TestAudioBuffer(t *testing.T) {
	for _, c := range []audioCoding{{rate: 48000, frame: 1024}, {rate: 32000, frame: 1536}, {rate: 48000, frame: 256}, {rate: 8000, frame: 1024}} {
		for _, rate := range []int{32_000, 128_000, 320_000, 448_000} {
			if rate*c.frame/c.rate/8*14/10 > 1500 {
				continue // Larger units than B holds at any rate.
			}
			for _, frames := range []int{1, 2, 8} {
				for _, step := range []int64{0, 1} {
					f := film{timescale: 25, step: step, pictures: 50, bitRate: 300_000, gop: 12, peak: 4, audio: []audioCoding{c}, audioLen: 1, audioRate: rate}
					t.Run(fmt.Sprintf("%d samples at %d, %d kb/s, %d frames, video %d", c.frame, c.rate, rate/1000, frames, step), func(t *testing.T) {
						l, err := loop.New(f.asset())
						if err != nil {
							t.Fatal(err)
						}
						p, err := New(t.Context(), l, Config{Layout: m2ts.Layout{AudioFramesPerPES: frames}})
						if err != nil {
							t.Fatal(err)
						}
						checkAudioBuffer(t, p)
					})
				}
			}
		}
	}
}

// I6: the same where ATSC has another one than DVB. A plan for one does not serve the other.
func TestATSCAudioBuffer(t *testing.T) {
	for _, rate := range []int{190_000, 270_000} {
		for _, step := range []int64{0, 1} {
			f := film{timescale: 25, step: step, pictures: 50, bitRate: 300_000, gop: 12, peak: 4, audio: []audioCoding{{rate: 48000, frame: 1536}}, audioLen: 1, audioRate: rate}
			asset := f.asset()
			asset.Audio[0].Coding = atscCoding{f.audio[0]}
			l, err := loop.New(asset)
			if err != nil {
				t.Fatal(err)
			}
			p, err := New(t.Context(), l, Config{Layout: m2ts.Layout{AudioStreamType: m2ts.ATSC}})
			if err != nil {
				t.Fatal(err)
			}
			if p.audio[0].buffer.Size != 2592 {
				t.Errorf("planned for %+v", p.audio[0].buffer)
			}
			checkAudioBuffer(t, p)
			if other, err := p.With(Config{}); other != nil || err != nil {
				t.Errorf("the plan serves DVB too: %v, %v", other, err)
			}
		}
	}
}

// checkAudioBuffer goes through some laps: bytes are in B from the slot they are
// sent in until the unit they belong to is decoded, headers with the unit behind them.
func checkAudioBuffer(t *testing.T, p *Plan) {
	t.Helper()
	a := p.audio[0]
	pid, size := p.config.audioPID(0), a.buffer.Size
	type leaving struct {
		at    PCR
		bytes int
	}
	var leave []leaving
	held, most, last := 0, 0, time.Duration(-1)
	b := packets(t, p.NewMuxer(), 0, 3*p.Slots()+p.clock.slotsIn(5, 1))
	for n := Slot(0); n < Slot(len(b)/packet.Size); n++ {
		now, x := p.clock.pcr(n, 0), b[n*packet.Size:][:packet.Size]
		for len(leave) > 0 && leave[0].at < now {
			held -= leave[0].bytes
			leave = leave[1:]
		}
		if pidOf(x) != pid || !hasPayload(x) {
			continue
		}
		body := 4
		if x[3]&0x20 != 0 {
			body += 1 + int(x[4])
		}
		held += packet.Size - body
		most = max(most, held)
		if x[1]&0x40 == 0 {
			continue
		}
		due := p.Due(n)
		if last >= 0 && due-last > 700*time.Millisecond {
			t.Errorf("packet %d: a PTS after %v", n, due-last)
		}
		last = due
		pts := stampOf(x[body+9:])
		unit := loop.UnitNumber(media.MulDiv(int64(pts-a.delay+2), int64(a.audio.Track.Audio().SampleRate()), int64(a.audio.Track.Audio().FrameSamples())*media.TicksPerSecond))
		for f := range a.frames {
			in := a.audio.Lap(a.audio.LapOf(unit))
			out := leaving{PCR(a.timestamp(unit, 0)+a.delay) * 300, a.unitSize(int(unit-in.First), in.Len)}
			if f == 0 {
				out.bytes += pesHeaderPTS
			}
			leave = append(leave, out)
			unit++
		}
	}
	if most > size {
		t.Errorf("%d bytes in a buffer of %d", most, size)
	}
}
