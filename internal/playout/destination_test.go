package playout

import (
	"slices"
	"testing"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// An output that sends shorter datagrams from now on goes on with the first whole one.
func TestDestinationAdoptsShorterDatagrams(t *testing.T) {
	out := &recorder{packets: 6}
	for _, c := range []struct {
		before     packet.Number
		next, want datagramNumber
		skipped    int64
	}{
		{7, 10, 12, 1}, // Packet 70 lies in datagram 11, which begins with 66.
		{7, 6, 7, 0},   // Packet 42 begins datagram 7.
		{6, 10, 10, 0}, // Nothing has changed.
	} {
		d := destination{out: out, packets: c.before, next: c.next}
		d.adopt()
		if d.packets != 6 || d.next != c.want || d.counts.skipped.Load() != c.skipped {
			t.Errorf("datagram %d of %d packets becomes %d of %d, %d skipped; want %d of 6, %d skipped",
				c.next, c.before, d.next, d.packets, d.counts.skipped.Load(), c.want, c.skipped)
		}
	}
}

// Where one leg of a stream falls back to shorter datagrams, it is told which others do not.
func TestShorterDatagramsPartLegs(t *testing.T) {
	const note = "rtp://a: shorter"
	const parted = "; it and rtp://b no longer carry identical RTP (SMPTE 2022-7) unless all have pkt=6"
	for name, c := range map[string]struct {
		url    string // of the other
		before int    // packets a datagram it has
		falls  bool   // too, in the same train
		want   []string
	}{
		"another keeps its number":  {"rtp://b", 7, false, []string{note + parted}},
		"another falls too":         {"rtp://b", 7, true, []string{note + parted, "rtp://b: shorter"}},
		"another has fallen before": {"rtp://b", 6, false, []string{note}},
		"another is not RTP":        {"udp://b", 7, false, []string{note}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t)
			fell := func(n int) output.Result {
				return output.Result{Sent: n, Note: "shorter", Shorter: output.Shorter{From: 7, To: 6}}
			}
			first, other := &recorder{clock: r.clock, url: "rtp://a", packets: 7, answer: fell}, &recorder{clock: r.clock, url: c.url, packets: c.before}
			if c.falls {
				other.answer = fell
			}
			channel := newChannel(Config{Name: "x", Pacing: ms, Stream: fake{}, Outputs: []output.Output{first, other}}, r.sched)
			for _, d := range channel.destinations {
				channel.send(d, make([]byte, int(d.packets)*packet.Size), 0)
			}
			close(r.sched.log.queue)
			r.sched.log.run()
			if !slices.Equal(r.logged.all, c.want) {
				t.Errorf("told %q, want %q", r.logged.all, c.want)
			}
		})
	}
}
