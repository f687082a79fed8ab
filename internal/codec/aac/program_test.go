package aac

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// hexagonal is an AudioSpecificConfig of ffmpeg: three front and three back channels,
// which no channelConfiguration has in that order.
const hexagonal = "118004c80800200884" + "0d4c61766335392e33372e313030" + "56e500"

// 14496-3 4.4.1.1: the element goes into every frame, aligned to the frame as the
// standard has it, with its comment.
func TestProgramConfigElement(t *testing.T) {
	config, err := hex.DecodeString(hexagonal)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	if c.Channels() != 6 || c.String() != "AAC-LC 48000 Hz 6 channels" || c.Buffer() != (media.Buffer{Leak: 5_529_600, Size: 8976}) || c.SegmentFormat() != media.FragmentedMP4 {
		t.Errorf("%s, %d channels, %+v", c, c.Channels(), c.Buffer())
	}
	// What ffmpeg 5.1 writes into its ADTS file.
	const element = "a0990100040110800d4c61766335392e33372e313030"
	sample := []byte{0x21, 0x4b, 0x6c}
	got, err := c.AppendUnit(nil, sample, media.Place{})
	if want := "fff14c00041ffc" + element + "214b6c"; err != nil || hex.EncodeToString(got) != want {
		t.Errorf("%x, %v, want %s", got, err, want)
	}
	if len(got) != len(sample)+c.Extra(0) {
		t.Errorf("%d bytes, Extra is %d", len(got), c.Extra(0))
	}
	// A block that has the element keeps its own.
	own, _ := hex.DecodeString(element + "214b6c")
	if again, err := c.AppendUnit(nil, own, media.Place{}); err != nil || !bytes.Equal(again, got) {
		t.Errorf("with its own element: %x, %v", again, err)
	}
	if _, err := c.AppendUnit(nil, c.Silence(), media.Place{}); err != nil {
		t.Error(err)
	}
	for n := range len(config) - 4 { // Cut anywhere, it is refused and not read beyond.
		if _, err := New(config[:n]); err == nil {
			t.Errorf("%d bytes are enough", n)
		}
	}
}
