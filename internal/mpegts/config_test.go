package mpegts

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// I6: a given rate is kept, to the nearest at which a lap holds a whole number
// of packets; an impossible one is refused, and the one the refusal names works.
func TestMuxRate(t *testing.T) {
	for name, f := range films {
		t.Run(name, func(t *testing.T) {
			l, err := loop.New(f.asset())
			if err != nil {
				t.Fatal(err)
			}
			least := planOf(t, f, 0).BitRate()
			asked := least + least/3
			p, err := New(t.Context(), l, Config{MuxRate: asked})
			if err != nil {
				t.Fatal(err)
			}
			slot := media.BitRate(media.MulDivCeil(packet.Bits, l.Length.Den, l.Length.Num))
			if off := p.BitRate() - asked; off > 4*slot || off < -slot {
				t.Errorf("%d b/s instead of %d", p.BitRate(), asked)
			}
			_, err = New(t.Context(), l, Config{MuxRate: least / 2})
			if fault.KindOf(err) != fault.Rate {
				t.Fatalf("half the smallest rate: %v", err)
			}
			named := regexp.MustCompile(`--muxrate (\d+)`).FindStringSubmatch(err.Error())
			if named == nil {
				t.Fatalf("no rate is named: %v", err)
			}
			rate, _ := strconv.ParseInt(named[1], 10, 64)
			if _, err := New(t.Context(), l, Config{MuxRate: media.BitRate(rate)}); err != nil {
				t.Errorf("the rate that was named: %v", err)
			}
		})
	}
}

// What is schedulable at one rate is at higher ones, far beyond the level's buffers' own too.
func TestHigherRates(t *testing.T) {
	for name, f := range films {
		t.Run(name, func(t *testing.T) {
			least := planOf(t, f, 0).BitRate()
			for _, percent := range []media.BitRate{110, 150, 400, 1500} {
				p := planOf(t, f, least*percent/100)
				l, s := listen(t, p, 0), p.NewMuxer()
				b := packets(t, s, 0, 2*p.Slots())
				for i := 0; i < len(b); i += packet.Size {
					l.packet(b[i:][:packet.Size])
				}
			}
		})
	}
}

func TestConfigRefuses(t *testing.T) {
	l, err := loop.New(films["25 fps with sound"].asset())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]m2ts.Layout{
		"13818-1 table 2-3: reserved PID":   {PMTPID: 5},
		"13818-1 table 2-3: the null PID":   {VideoPID: nullPID},
		"PMT on the video's PID":            {PMTPID: 700, VideoPID: 700},
		"video on the second sound's PID":   {VideoPID: 482},
		"13818-1 table 2-3: PCR on the PAT": {PCRPID: 16},
		"PCR on the PMT's PID":              {PCRPID: 480},
		"sound on the video's PID":          {AudioPIDs: []PID{481}},
		"more frames than a PES packet is":  {AudioFramesPerPES: 9},
		"an interval that ends before":      {PATInterval: -1},
	} {
		if _, err := New(t.Context(), l, Config{Layout: c}); fault.KindOf(err) != fault.Usage || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// 2.4.4.9: a program map that does not fit a section is refused, and the number of
// tracks that the refusal names fits.
func TestProgramMapTooLong(t *testing.T) {
	f := films["25 fps with sound"]
	f.pictures, f.audioRate = 25, 8000
	for len(f.audio) < 95 {
		f.audio = append(f.audio, audioCoding{rate: 8000, frame: 1024})
	}
	of := func(tracks int) error {
		l, err := loop.New(f.asset())
		if err != nil {
			t.Fatal(err)
		}
		l.Audio = l.Audio[:tracks]
		c := Config{}.withDefaults()
		return c.validate(l)
	}
	// 5 bytes for the video, and 11 for each track with a language.
	const most = (1021 - 9 - 4 - 5) / 11
	if err := of(most + 1); fault.KindOf(err) != fault.Media || !strings.Contains(err.Error(), fmt.Sprintf("after audio track %d, ", most)) {
		t.Errorf("%d tracks: %v", most+1, err)
	}
	if err := of(most); err != nil {
		t.Errorf("%d tracks: %v", most, err)
	}
}

// No rate is enough for pictures beyond all measure, and that is said.
func TestHopelessPictures(t *testing.T) {
	f := films["25 fps with sound"]
	f.pictures, f.bitRate, f.gop, f.peak = 3, 3_000_000_000, 1, 1
	l, err := loop.New(f.asset())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), l, Config{}); fault.KindOf(err) != fault.Media {
		t.Errorf("%v", err)
	}
}

// I9: a packet costs no memory.
func TestFillAllocatesNothing(t *testing.T) {
	for name, f := range films {
		p := planOf(t, f, 0)
		s, n := p.NewMuxer(), Slot(0)
		buf := make([]byte, 100*packet.Size)
		fillNext := func() {
			if err := s.Fill(buf, n); err != nil {
				t.Fatal(err)
			}
			n += 100
		}
		for n < 3*p.Slots() { // What is kept has grown by then.
			fillNext()
		}
		if allocs := testing.AllocsPerRun(200, fillNext); allocs > 0 {
			t.Errorf("%s: %v allocations in 100 packets", name, allocs)
		}
	}
}

func TestFillRefuses(t *testing.T) {
	s := planOf(t, films["video only"], 0).NewMuxer()
	if s.Fill(make([]byte, packet.Size), -1) == nil || s.Fill(make([]byte, 100), 0) == nil {
		t.Error("packets before the epoch, or parts of packets")
	}
}

// An idle muxer writes PCR and tables where the other does, and nothing else.
func TestIdleMuxer(t *testing.T) {
	for name, f := range films {
		p := planOf(t, f, 0)
		full, idle := packets(t, p.NewMuxer(), 0, p.Slots()), packets(t, p.entry().NewIdleMuxer(), 0, p.Slots())
		system := 0
		for i := 0; i < len(full); i += packet.Size {
			a, b := full[i:i+packet.Size], idle[i:i+packet.Size]
			pid := PID(b[1]&0x1f)<<8 | PID(b[2])
			switch {
			case string(a) == string(b):
				system++
			case pid != nullPID:
				t.Fatalf("%s: packet %d is %x instead of %x", name, i/packet.Size, b[:12], a[:12])
			}
		}
		if Slot(system) < p.timetable.perLap() {
			t.Errorf("%s: %d of %d system packets", name, system, p.timetable.perLap())
		}
	}
}

// atscCoding is announced otherwise in ATSC.
type atscCoding struct{ audioCoding }

func (atscCoding) ATSC() (streamType byte, descriptors []byte) { return 0x81, []byte{0x05, 1, 'A'} }
func (atscCoding) ATSCBuffer() media.Buffer                    { return media.Buffer{Leak: 2_000_000, Size: 2592} }

// The layout says how a coding is announced.
func TestAudioStreamType(t *testing.T) {
	asset := films["sound only"].asset()
	asset.Audio[1].Coding = atscCoding{asset.Audio[1].Coding.(audioCoding)}
	l, err := loop.New(asset)
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]byte{"": 0x0f, m2ts.DVB: 0x0f, m2ts.ATSC: 0x81} {
		p, err := New(t.Context(), l, Config{Layout: m2ts.Layout{AudioStreamType: kind}})
		if err != nil {
			t.Fatal(err)
		}
		if video, audio := p.StreamTypes(); video != 0 || string(audio) != string([]byte{0x0f, want}) {
			t.Errorf("%q: stream types %#x, %#x", kind, video, audio)
		}
		a := demultiplex(t, packets(t, p.NewMuxer(), 0, p.Slots()))
		s := a.program.ElementaryStreams[1]
		if byte(s.StreamType) != want || len(s.ElementaryStreamDescriptors) != map[byte]int{0x0f: 1, 0x81: 2}[want] {
			t.Errorf("%q: the PMT has %+v", kind, s)
		}
	}
}
