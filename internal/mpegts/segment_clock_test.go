package mpegts

import (
	"testing"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/packet"
)

// TestSegmentsOfRarePictures shows a picture a second. Within a segment, PCRs are never
// more than 100 ms apart (ISO/IEC 13818-1, 2.7.2), nor closer than the least step.
func TestSegmentsOfRarePictures(t *testing.T) {
	for name, f := range map[string]film{
		"a picture a second": {timescale: 1, step: 1, pictures: 12, bitRate: 200_000, gop: 3, peak: 3},
		"with sound":         {timescale: 1, step: 1, pictures: 12, bitRate: 200_000, gop: 3, peak: 3, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 64_000},
		"200 fps":            {timescale: 200, step: 1, pictures: 400, bitRate: 2_000_000, gop: 20, peak: 3},
	} {
		p := segmentsOf(t, f)
		count := 0
		for _, at := range p.cut(0, 2, 3*int64(f.timescale)) {
			for i, step := range pcrSteps(t, p, at) {
				if count++; step > 2_700_000 || step < PCR(minPCRStep)*300 {
					t.Errorf("%s, segment %d: PCR %d comes %.1f ms after the one before", name, at.Number, i+1, float64(step)/27_000)
				}
			}
		}
		if count < 40 {
			t.Errorf("%s: %d PCRs", name, count)
		}
	}
}

// pcrSteps returns the steps from PCR to PCR of a segment.
func pcrSteps(t *testing.T, p *Segments, at loop.Segment) (steps []PCR) {
	t.Helper()
	b, err := p.Append(nil, at)
	if err != nil {
		t.Fatal(err)
	}
	last, begun := PCR(0), false
	for ; len(b) > 0; b = b[packet.Size:] {
		if b[3]&0x20 == 0 || b[4] == 0 || b[5]&0x10 == 0 {
			continue
		}
		now := pcrOf(b)
		if begun {
			steps = append(steps, now-last)
		}
		last, begun = now, true
	}
	return steps
}
