package mpegts

import (
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/packet"
)

// layouts are configurations that differ from the defaults.
var layouts = map[string]m2ts.Layout{
	"PIDs":                {PMTPID: 100, VideoPID: 8182, PCRPID: 101, AudioPIDs: []PID{32, 4000}, TransportStreamID: 65535, ProgramNum: 500, ServiceProvider: "P"},
	"PCR with sound":      {PCRPID: 482},
	"PCR 20 ms":           {PCRPeriod: 20 * time.Millisecond},
	"PCR 7, PAT 50 ms":    {PCRPeriod: 7 * time.Millisecond, PATInterval: 50 * time.Millisecond},
	"all in one interval": {PATInterval: 31 * time.Millisecond, PMTInterval: 23 * time.Millisecond, SDTInterval: 40 * time.Millisecond},
	"two intervals":       {PCRPeriod: 33 * time.Millisecond, PATInterval: 61 * time.Millisecond, PMTInterval: 97 * time.Millisecond, SDTInterval: 777 * time.Millisecond, AudioFramesPerPES: 5},
	"PMT often":           {PCRPeriod: 35 * time.Millisecond, PATInterval: 100 * time.Millisecond, PMTInterval: 35 * time.Millisecond, AudioFramesPerPES: 1},
	"longer than I5":      {PCRPeriod: 500 * time.Millisecond, PATInterval: 1000 * time.Millisecond, PMTInterval: 1000 * time.Millisecond, SDTInterval: 10000 * time.Millisecond},
}

// I1 to I6 hold for every layout: intervals as asked or closer, any PIDs.
func TestLayouts(t *testing.T) {
	for _, film := range []string{"25 fps with sound", "the same with three tracks", "sound only", "12.5 fps, a fifth of a second", "level 1.2, HRD of 300 kb/s"} {
		l, err := loop.New(films[film].asset())
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range layouts {
			t.Run(film+", "+name, func(t *testing.T) {
				p, err := New(t.Context(), l, Config{Layout: c})
				if err != nil {
					t.Fatal(err)
				}
				for _, at := range []time.Duration{0, (1<<33)*time.Second/90000 - 2*time.Second} {
					from := p.Before(at)
					l, count := listen(t, p, from), max(p.Slots()+500, p.Before(5*time.Second))
					b := packets(t, p.NewMuxer(), from, count)
					for i := 0; i < len(b); i += packet.Size {
						l.packet(b[i:][:packet.Size])
					}
				}
			})
		}
	}
}

// What is longer than I5 allows, or the default, changes no byte.
func TestLongIntervalsAreTheDefault(t *testing.T) {
	f := films["25 fps with sound"]
	l, err := loop.New(f.asset())
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Layout: layouts["longer than I5"]}
	c.ServiceName, c.VideoPID, c.PCRPID, c.AudioPIDs = "test", 481, 481, []PID{482}
	p, err := New(t.Context(), l, c)
	if err != nil {
		t.Fatal(err)
	}
	want, got := packets(t, planOf(t, f, 0).NewMuxer(), 0, p.Slots()), packets(t, p.NewMuxer(), 0, p.Slots())
	if d := difference(got, want); d != "none" {
		t.Error(d)
	}
}

// astits finds the tables and streams where the layout has them.
func TestLayoutReadByAstits(t *testing.T) {
	l, err := loop.New(films["29.97 fps, two tracks"].asset())
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(t.Context(), l, Config{Layout: layouts["PIDs"]})
	if err != nil {
		t.Fatal(err)
	}
	a := demultiplex(t, packets(t, p.NewMuxer(), 0, p.Slots()))
	if a.program.PCRPID != 101 || a.program.ProgramNumber != 500 {
		t.Errorf("PMT %+v", a.program)
	}
	for i, pid := range []uint16{8182, 32, 4000} {
		if s := a.program.ElementaryStreams[i]; s.ElementaryPID != pid || a.pes[pid] == 0 {
			t.Errorf("PID %d with %d PES packets instead of PID %d", s.ElementaryPID, a.pes[pid], pid)
		}
	}
	if a.service.TransportStreamID != 65535 || a.service.Services[0].ServiceID != 500 {
		t.Errorf("SDT %+v", a.service)
	}
}

// Tables that leave no room at a given rate are refused, and the rate is named.
func TestTablesThatFillTheStream(t *testing.T) {
	l, err := loop.New(films["25 fps with sound"].asset())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), l, Config{MuxRate: 5_000_000, Layout: m2ts.Layout{PCRPeriod: time.Millisecond, PATInterval: time.Millisecond}}); fault.KindOf(err) != fault.Rate {
		t.Error(err)
	}
}
