package mpegts

import (
	"context"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// FuzzPlan plans synthetic assets of any timing, sizes and buffers. Planning must
// end, and what it plans must reach a receiver in time, or the error must say why
// it does not.
func FuzzPlan(f *testing.F) {
	type args struct {
		timescale, step, pictures, bitRate, gop, peak uint32
		leak, size, drain, mux                        uint32
		audio, audioRate, audioLen                    uint32
		muxRate, seed                                 uint32
	}
	for _, a := range []args{
		{25, 1, 25, 2215, 99, 18, 115_200, 26_250, 76_800, 1333, 4, 35_271, 100, 0, 0},           // The audio leaves next to no room.
		{11456, 384, 89, 54_000, 89, 14, 115_200, 26_250, 76_800, 1333, 3, 64_000, 100, 0, 2},    // The same, longer.
		{1, 1, 10, 34_000, 10, 2, 460_800, 150_000, 460_800, 1333, 1, 65_000, 100, 0, 1},         // Times in whole seconds.
		{15, 1, 54, 63_000, 54, 8, 76, 2048, 76_800, 25_535, 2, 15_000, 100, 0, 1},               // An HRD of 64 bit/s.
		{25, 1, 100, 500_000, 12, 5, 0, 0, 0, 0, 1, 64_000, 100, 0, 1},                           // No buffer at all.
		{1, 400_000, 54, 100, 12, 5, 0, 0, 0, 0, 1, 64_000, 100, 0, 1},                           // Pictures days apart.
		{4_294_967_295, 1, 54, 1 << 31, 12, 5, 24 << 20, 1 << 20, 20 << 20, 1333, 0, 0, 0, 0, 1}, // A lap of nanoseconds.
		{30_000, 1001, 200, 2_000_000, 30, 6, 24 << 20, 1 << 20, 20 << 20, 1333, 5, 96_000, 50, 3_000_000, 7},
	} {
		f.Add(a.timescale, a.step, a.pictures, a.bitRate, a.gop, a.peak, a.leak, a.size, a.drain, a.mux, a.audio, a.audioRate, a.audioLen, a.muxRate, a.seed)
	}
	f.Fuzz(func(t *testing.T, timescale, step, pictures, bitRate, gop, peak, leak, size, drain, mux, audio, audioRate, audioLen, muxRate, seed uint32) {
		v := film{
			timescale: max(timescale, 1), step: int64(step) % (1 << 31), pictures: 1 + int(pictures%400),
			bitRate: int(bitRate % (1 << 31)), gop: 1 + int(gop%100), peak: 1 + float64(peak%30), jitter: seed&1 == 1, seed: uint64(seed),
			level: media.Buffer{Leak: media.BitRate(leak), Size: int(size), Drain: media.BitRate(drain), Mux: int(mux)},
			audio: audioOf(audio), audioRate: int(audioRate % 2_000_000), audioLen: float64(audioLen%200) / 100,
		}
		const most = 4 << 20 // bytes of an asset
		switch seconds := v.seconds(); {
		case v.step == 0 && len(v.audio) == 0, seconds > maxFuzzed && seconds < 73*3600, seconds*float64(v.bitRate+len(v.audio)*v.audioRate)/8 > most && seconds <= maxFuzzed:
			t.Skip() // Nothing, or within the bounds but for longer than the fuzzer has.
		case seconds > maxFuzzed:
			v.bitRate, v.audioLen = 0, 0 // It is refused, without so many bytes.
		}
		planned(t, v, media.BitRate(muxRate))
	})
}

// audioOf returns up to three audio tracks.
func audioOf(n uint32) (all []audioCoding) {
	kinds := [...]audioCoding{{}, {rate: 48000, frame: 1024}, {rate: 22050, frame: 1024}, {rate: 48000, frame: 1536}, {rate: 48000, frame: 256}, {rate: 7350, frame: 1024}, {rate: 44100, frame: 1152}}
	for ; n > 0 && len(all) < 3; n /= uint32(len(kinds)) {
		if c := kinds[n%uint32(len(kinds))]; c.rate > 0 {
			all = append(all, c)
		}
	}
	return all
}

// seconds returns about how long a lap of the film lasts.
func (f film) seconds() float64 {
	if f.step == 0 {
		return 10
	}
	return float64(f.step) / float64(f.timescale) * float64(f.pictures)
}

// maxFuzzed bounds the seconds of a lap that is planned.
const maxFuzzed = 200

func planned(t *testing.T, f film, rate media.BitRate) {
	asset := f.asset()
	l, err := loop.New(asset)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	p, err := New(ctx, l, Config{MuxRate: rate})
	if ctx.Err() != nil {
		t.Fatalf("planning %+v does not end", f)
	}
	if err != nil {
		if k := fault.KindOf(err); k != fault.Media && k != fault.Rate {
			t.Fatalf("planning %+v: %v", f, err)
		}
		return
	}
	const most = 60_000 // packets
	hear(t, p, min(3*p.Slots(), most))
}
