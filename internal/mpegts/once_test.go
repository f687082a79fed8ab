package mpegts

import (
	"bytes"
	"testing"

	"github.com/lilo-live/lilo/internal/packet"
)

// What plays once ends with its last access units, whole; PCR and tables go on,
// and nothing of a second lap is sent.
func TestOnce(t *testing.T) {
	for _, name := range []string{"25 fps with sound", "179/6 fps, short sound", "one picture", "12.5 fps, a fifth of a second", "sound only", "the same with three tracks"} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, films[name], 0)
			entry := p.NewEntry(Origin{}, true)
			end := p.Slots() + p.clock.slotsIn(3, 1)
			once, ever := packets(t, entry.NewMuxer(), 0, end), packets(t, p.NewMuxer(), 0, end)
			sent, late := map[PID]packetCount{}, false
			for n := range end {
				a, b := once[n*packet.Size:][:packet.Size], ever[n*packet.Size:][:packet.Size]
				if pid := pidOf(b); b[3]&0x10 != 0 && pid != nullPID && !bytes.Equal(a, b) {
					late = true
					if pidOf(a) != nullPID {
						t.Fatalf("packet %d is %x instead of %x", n, a[:12], b[:12])
					}
				}
				if a[3]&0x10 != 0 {
					sent[pidOf(a)]++
				}
			}
			if !late {
				t.Error("it goes on")
			}
			if p.video != nil && sent[481] != packetCount(p.video.packets) {
				t.Errorf("%d packets of pictures, a lap has %d", sent[481], p.video.packets)
			}
			for i, a := range p.audio {
				if n := sent[482+PID(i)]; n > a.before(1) || a.before(1)-n > packetCount(a.densest) {
					t.Errorf("%d packets of audio, a lap has %d", n, a.before(1))
				}
			}
			again := packets(t, entry.NewMuxer(), end-1000, 1000)
			if !bytes.Equal(again, once[(end-1000)*packet.Size:]) {
				t.Error("not the same from another place")
			}
			sw := entry.Switch(entry.Due(end), p, false)
			s := &splicedStream{t: t}
			s.add(sw.Before, sw.End)
			s.add(sw.After, end)
			s.check()
		})
	}
}
