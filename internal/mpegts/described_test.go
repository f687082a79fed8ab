package mpegts

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/packet"
)

// I5: an entry sends PAT and PMT before the pictures and the sound they describe.
func TestTablesBeforePictures(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 4))
	all := maps.Clone(films)
	for i := range 30 {
		gop := 1 + r.IntN(50)
		all[fmt.Sprint("film ", i)] = film{
			timescale: 90_000, step: 1500 + r.Int64N(9000), pictures: 1 + r.IntN(60), bitRate: 20_000 << r.IntN(7), gop: gop, peak: 1 + 20*r.Float64(),
			audio: audioOf(uint32(r.IntN(400))), audioLen: 1.2 * r.Float64(), audioRate: 32_000 + r.IntN(200_000), seed: uint64(i),
		}
	}
	opened := 0
	for name, f := range all {
		l, err := loop.New(f.asset())
		if err != nil {
			t.Fatal(err)
		}
		for layout, c := range layouts {
			if r.IntN(3) > 0 {
				continue
			}
			p, err := New(t.Context(), l, Config{Layout: c})
			if err != nil {
				t.Fatalf("%s, %s: %v", name, layout, err)
			}
			if p.timetable.tables[1].opens {
				opened++
			}
			checkDescribed(t, name+", "+layout, p)
		}
	}
	if opened == 0 {
		t.Error("no film whose pictures would come first")
	}
}

func checkDescribed(t *testing.T, name string, p *Plan) {
	t.Helper()
	var seen [2]bool
	b := packets(t, p.NewMuxer(), 0, p.timetable.slots+p.clock.slotsIn(2, 1))
	for n := 0; n < len(b); n += packet.Size {
		switch pid := pidOf(b[n:]); {
		case pid == patPID:
			seen[0] = true
		case pid == p.config.PMTPID:
			seen[1] = seen[0]
		case pid != nullPID && pid != sdtPID && hasPayload(b[n:]):
			if !seen[1] {
				t.Fatalf("%s: packet %d has PID %d, before the tables", name, n/packet.Size, pid)
			}
			if b[n+1]&0x40 == 0 {
				t.Fatalf("%s: the first packet of PID %d is number %d, within an access unit", name, pid, n/packet.Size)
			}
			return
		}
	}
}

// What the tables cost where they come first is one more PMT a lap.
func TestTablesBeforePicturesCost(t *testing.T) {
	f := film{timescale: 25, step: 1, pictures: 50, bitRate: 500_000, gop: 50, peak: 8}
	p := planOf(t, f, 0)
	if !p.timetable.tables[1].opens {
		t.Fatal("the picture does not come first")
	}
	l, err := loop.New(f.asset())
	if err != nil {
		t.Fatal(err)
	}
	c := Config{ServiceName: "test"}.withDefaults()
	d := newDemand(l, &c)
	d.interrupted = func() bool { return false }
	without, err := d.search()
	if err != nil {
		t.Fatal(err)
	}
	if more := p.Slots() - without.Slots(); more < 0 || more > 2+p.Slots()/500 {
		t.Errorf("%d slots more than %d", more, without.Slots())
	}
}
