package player

import (
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/packet"
)

// I5, I6: what a monitor finds in a stream of another layout.
func TestLayoutOnTheMonitor(t *testing.T) {
	c := open(t, channel.Spec{Name: "clip", M2TS: m2ts.Layout{
		TransportStreamID: 7, ProgramNum: 8, PMTPID: 32, VideoPID: 200, PCRPID: 201, AudioPIDs: []packet.PID{m2ts.MaxPID},
		PCRPeriod: 20 * time.Millisecond, PATInterval: 70 * time.Millisecond, PMTInterval: 50 * time.Millisecond,
		SDTInterval: time.Second, AudioFramesPerPES: 4, ServiceProvider: "P",
	}})
	a := monitor.NewAnalyzer(monitor.Options{})
	a.Packets(render(t, c, 0, 25*time.Second))
	r := a.Report()
	if r.Errors() != 0 {
		t.Error(r.Verdict)
	}
	if r.PCR.PID != 201 || r.PCR.IntervalMS.Max > 20 || r.Tables.PAT.MaxMS > 70 || r.Tables.PMT.MaxMS > 50 || r.Tables.SDT.MaxMS > 1000 {
		t.Errorf("%+v %+v", r.PCR, r.Tables)
	}
}
