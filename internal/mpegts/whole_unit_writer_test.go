package mpegts

import (
	"bytes"
	"testing"

	"github.com/lilo-live/lilo/internal/packet"
)

// A stream that ends with whole units has only complete PES packets and is
// otherwise unchanged.
func TestWholeUnitWriter(t *testing.T) {
	for name, f := range films {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, f, 0)
			stream := packets(t, p.NewMuxer(), 0, 2*p.Slots()+37)
			var b bytes.Buffer
			w := NewWholeUnitWriter(&b)
			for i := 0; i < len(stream); i += 100 * packet.Size {
				if _, err := w.Write(stream[i:min(i+100*packet.Size, len(stream))]); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			got := b.Bytes()
			if len(got) != len(stream) {
				t.Fatalf("%d bytes of %d", len(got), len(stream))
			}
			l := listen(t, p, 0)
			for i := 0; i < len(got); i += packet.Size {
				l.packet(got[i:][:packet.Size])
			}
			if l.video != nil {
				l.video.finish(l)
				if l.video.want%int64(p.video.video.Len()) >= 0 && l.pictures == 0 {
					t.Error("no pictures")
				}
			}
			for pid, r := range l.audio {
				if r.have {
					t.Errorf("PID %d ends within a PES packet", pid)
				}
			}
		})
	}
}

func FuzzWholeUnitWriter(f *testing.F) {
	p := planOf(f, films["one picture"], 0)
	f.Add(packets(f, p.NewMuxer(), 0, 100))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:len(b)/packet.Size*packet.Size]
		var out bytes.Buffer
		w := NewWholeUnitWriter(&out)
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if out.Len() != len(b) {
			t.Errorf("%d bytes became %d", len(b), out.Len())
		}
	})
}
