package mpegts

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// tornVideo and tornAudio refuse each seventh sample: one leaves something out of it, the other
// cannot carry it.
type tornVideo struct{ videoCoding }

func (c tornVideo) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	dst, err := c.videoCoding.AppendUnit(dst, sample, at)
	if sample[4]%7 == 3 {
		err = &media.DamageError{Units: 2, Text: "torn"}
	}
	return dst, err
}

type tornAudio struct{ audioCoding }

func (c tornAudio) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	if sample[0] != silence[0] && sample[4]%7 == 3 {
		return dst, fault.New(fault.Media, "no frame")
	}
	return c.audioCoding.AppendUnit(dst, sample, at)
}

// TestDamage checks that a muxer goes on without what no decoder can use, and counts it.
func TestDamage(t *testing.T) {
	a := film{timescale: 25, step: 1, pictures: 50, bitRate: 500_000, gop: 25, peak: 3, audio: []audioCoding{{rate: 48_000, frame: 1024}}, audioLen: 1, audioRate: 64_000}.asset()
	a.Video.Coding, a.Audio[0].Coding = tornVideo{a.Video.Coding.(videoCoding)}, tornAudio{a.Audio[0].Coding.(audioCoding)}
	l, err := loop.New(a)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(t.Context(), l, Config{})
	if err != nil {
		t.Fatal(err)
	}
	m := p.NewMuxer()
	b := packets(t, m, 0, p.Slots()+p.clock.slotsIn(3, 2))
	d := m.TakeDamage()
	if !bytes.Contains(b, silence) || d.Units < 2*7+13 || !strings.Contains(d.Text, " track ") || !strings.Contains(d.Text, "at byte ") {
		t.Errorf("%+v", d)
	}
	if d = m.TakeDamage(); d.Units != 0 {
		t.Errorf("taken twice: %+v", d)
	}
	// Other errors end the stream.
	a.Source = failing{}
	if err := p.NewMuxer().Fill(make([]byte, 188*100), 0); err == nil {
		t.Error("a source that cannot be read is no damage")
	}
}

// TestSilenceForLargeSamples checks that silence fills the packets of a sample of 20 kB.
func TestSilenceForLargeSamples(t *testing.T) {
	a := film{audio: []audioCoding{{rate: 48_000, frame: 1024}}, audioRate: 64_000}.asset()
	track := a.Audio[0]
	data := append(make([]byte, 20_000), 0)
	data[4] = 3
	u := track.Units[5]
	track.Units[5] = media.NewAccessUnit(0, u.DTS, 0, len(data), true)
	a.Source = bytes.NewReader(append(data, make([]byte, a.Size)...))
	track.Coding = tornAudio{track.Coding.(audioCoding)}
	l, err := loop.New(a)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(t.Context(), l, Config{})
	if err != nil {
		t.Fatal(err)
	}
	m := p.NewMuxer()
	packets(t, m, 0, p.Slots())
	if d := m.TakeDamage(); d.Units == 0 || !strings.Contains(d.Text, "sample 6 at byte 0") {
		t.Errorf("the large sample is carried: %+v", d)
	}
}

// failing is a source that cannot be read.
type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errors.New("no disk") }
