package player

import (
	"bytes"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/monitor"
)

// Parts of a source share its index; those that are the same share a plan too.
func TestPartsShareTheirSource(t *testing.T) {
	pool := newInputs(LocalOptions())
	spec := channel.Spec{}
	whole := take(t, pool, spec)
	spec.Clipping = channel.Clipping{Start: "00:00:04:00", Stop: "00:00:06:00"}
	first, second := take(t, pool, spec), take(t, pool, spec)
	if first.file != whole.file || first.loop == whole.loop || first.plan != second.plan || first.plan == whole.plan {
		t.Error("what two parts share is wrong")
	}
	if v := first.loop.Video; first.loop.Length.Seconds() != 2 || v.Len() != 50 || v.Place(0).Sample != 100 {
		t.Errorf("%d pictures from sample %d on, %v", v.Len(), v.Place(0).Sample, first.loop.Length)
	}
	spec.Clipping.Start = "00:10:00:00"
	spec.Clipping.Stop = ""
	if _, err := pool.open(t.Context(), spec); fault.KindOf(err) != fault.Media {
		t.Errorf("a part of nothing: %v", err)
	}
	closeAll(t, first, second)
	shared := pool.byIdentity[keyOf(whole.source.Identity(), spec)]
	for len(shared.parts) > 0 && shared.parts[channel.Clipping{Start: "00:00:04:00", Stop: "00:00:06:00"}].Value() != nil {
		runtime.GC() // Until what nobody plays is forgotten.
	}
	closeAll(t, whole)
	if len(pool.byIdentity) > 0 {
		t.Error("a source is left open")
	}
}

// A channel of parts of a file plays each to its end, at its place, as one stream.
func TestPlaylistOfParts(t *testing.T) {
	file := movie(t, filepath.Join(t.TempDir(), "a.mp4"))
	epoch := time.Unix(1_800_000_000, 0)
	part := func(at time.Duration, start, stop string) channel.Entry {
		return channel.Entry{At: epoch.Add(at), Source: file, Once: true, Clipping: channel.Clipping{Start: start, Stop: stop}}
	}
	c := Config{Spec: channel.Spec{Name: "parts", Epoch: epoch}, Schedule: channel.Schedule{Entries: []channel.Entry{
		part(0, "00:00:04:00", "00:00:06:00"), part(2*time.Second, "00:00:08:00", ""), part(4*time.Second, "", "00:00:02:00"),
	}}}
	p, err := Open(t.Context(), c, LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	for at, sample := range map[time.Duration]int{time.Second: 100, 3 * time.Second: 200, 5 * time.Second: 0} {
		if in := p.position(p.Before(at)).input; in.loop.Video.Place(0).Sample != sample || in.loop.Length.Seconds() != 2 {
			t.Errorf("after %v it plays from sample %d on, for %v", at, in.loop.Video.Place(0).Sample, in.loop.Length)
		}
	}
	whole := read(t, p, 0, 7*time.Second)
	again, err := Open(t.Context(), c, LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	if n := again.Before(3 * time.Second); !bytes.Equal(read(t, again, 3*time.Second, 5*time.Second), whole[n*188:][:(again.Before(5*time.Second)-n)*188]) {
		t.Error("another process plays something else")
	}
	a := monitor.NewAnalyzer(monitor.Options{})
	a.Packets(whole)
	for _, check := range a.Report().Checks {
		if check.Check == monitor.Continuity && check.Count > 0 {
			t.Errorf("%s × %d: %v", check.Name, check.Count, check.Places)
		}
	}
	if h, err := p.HLS(epoch); h == nil || err != nil {
		t.Errorf("no HLS: %v", err)
	}
	r, err := Probe(t.Context(), channel.Spec{Source: file, Clipping: channel.Clipping{Stop: "00:00:02:00"}}, LocalOptions())
	if err != nil || r.LoopSeconds != 2 {
		t.Errorf("a part of 2 s lasts %v s, %v", r.LoopSeconds, err)
	}
}
