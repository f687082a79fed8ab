package mpegts

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/asticode/go-astits"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/packet"
)

// demultiplexed is a stream as astits reads it.
type demultiplexed struct {
	pat, pmt, sdt int
	program       *astits.PMTData
	service       *astits.SDTData
	pes           map[uint16]int
}

func demultiplex(t *testing.T, b []byte) demultiplexed {
	t.Helper()
	a := demultiplexed{pes: map[uint16]int{}}
	d := astits.NewDemuxer(context.Background(), bytes.NewReader(b))
	for {
		data, err := d.NextData()
		if errors.Is(err, astits.ErrNoMorePackets) {
			return a
		}
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case data.PAT != nil:
			a.pat++
		case data.PMT != nil:
			a.pmt, a.program = a.pmt+1, data.PMT
		case data.SDT != nil:
			a.sdt, a.service = a.sdt+1, data.SDT
		case data.PES != nil:
			a.pes[data.PID]++
		}
	}
}

func TestTablesReadByAstits(t *testing.T) {
	l, err := loop.New(films["29.97 fps, two tracks"].asset())
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(t.Context(), l, Config{ServiceName: "Été à Lille"})
	if err != nil {
		t.Fatal(err)
	}
	a := demultiplex(t, packets(t, p.NewMuxer(), 0, p.Slots()))
	if a.pat == 0 || a.pmt == 0 || a.sdt == 0 {
		t.Fatalf("%d PAT, %d PMT, %d SDT", a.pat, a.pmt, a.sdt)
	}
	if a.program.PCRPID != 481 || a.program.ProgramNumber != 1 || len(a.program.ElementaryStreams) != 3 {
		t.Errorf("PMT %+v", a.program)
	}
	for i, s := range a.program.ElementaryStreams {
		if int(s.ElementaryPID) != 481+i || a.pes[s.ElementaryPID] == 0 {
			t.Errorf("PID %d with %d PES packets, want PID %d", s.ElementaryPID, a.pes[s.ElementaryPID], 481+i)
		}
		if i == 0 {
			continue
		}
		if d := s.ElementaryStreamDescriptors; len(d) != 1 || string(d[0].ISO639LanguageAndAudioType.Language) != "eng" {
			t.Errorf("PID %d: descriptors %+v", s.ElementaryPID, d)
		}
	}
	d := a.service.Services[0].Descriptors[0].Service
	if got := string(d.Name); got != "\x15Été à Lille" || string(d.Provider) != "LILO" || d.Type != 1 {
		t.Errorf("service %q of %q, type %d", got, d.Provider, d.Type)
	}
}

// A PMT of many tracks does not fit one packet (2.4.4.8 allows 1021 bytes).
func TestLongProgramMap(t *testing.T) {
	f := films["25 fps with sound"]
	for len(f.audio) < 20 {
		f.audio = append(f.audio, audioCoding{rate: 48000, frame: 1024})
	}
	f.audioRate = 32_000
	p := planOf(t, f, 0)
	if n := len(p.tables[1].packets); n != 2 {
		t.Fatalf("a PMT of %d packets", n)
	}
	b := packets(t, p.NewMuxer(), 0, 2*p.Slots())
	if a := demultiplex(t, b); len(a.program.ElementaryStreams) != 21 {
		t.Errorf("%d elementary streams", len(a.program.ElementaryStreams))
	}
	l := listen(t, p, 0)
	for i := 0; i < len(b); i += packet.Size {
		l.packet(b[i:][:packet.Size])
	}
}
