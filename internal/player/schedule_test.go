package player

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/source"
)

// take returns the next n datagrams.
func (r receiver) take(n int) [][]byte {
	all := [][]byte{r.next()}
	for len(all) < n {
		all = append(all, r.next())
	}
	return all
}

// expect compares datagrams with what a playlist of the config has for their
// sequence numbers.
func expect(t *testing.T, c Config, got [][]byte) {
	t.Helper()
	p, err := Open(t.Context(), c, LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	now := p.Before(time.Since(c.Spec.Epoch)) / 7
	for _, b := range got {
		n := now - packet.Number(uint16(now)-binary.BigEndian.Uint16(b[2:]))
		want := make([]byte, 7*188)
		if err := p.Fill(want, 7*n); err != nil {
			t.Fatal(err)
		}
		if binary.BigEndian.Uint32(b[4:]) != p.RTPTime(7*n) {
			t.Fatalf("datagram %d has a wrong timestamp", n)
		}
		for i := range 7 { // A busy machine may have null packets sent for what it could not read.
			got, want := b[12+188*i:][:188], want[188*i:][:188]
			if null := got[1]&0x1f == 0x1f && got[2] == 0xff; !null && !bytes.Equal(got, want) {
				t.Fatalf("packet %d of datagram %d is wrong", i, n)
			}
		}
	}
}

// kept returns the entries of a channel after the epoch at the instants at which they
// begin. A channel that starts with them continues the same stream.
func kept(c *Channel) []channel.Entry {
	var all []channel.Entry
	for _, e := range c.playlist.all()[1:] {
		all = append(all, channel.Entry{At: c.time(e.at), Source: e.input.spec.Source, Once: e.once})
	}
	return all
}

// I1: a channel that starts with past entries joins the stream where it is now.
func TestStartWithPastEntries(t *testing.T) {
	p, r, file := start(t), listen(t), movie(t, filepath.Join(t.TempDir(), "movie.mp4"))
	epoch := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
	c := Config{Key: "1", Spec: spec(t, epoch, r), Schedule: channel.Schedule{Entries: []channel.Entry{
		{At: epoch.Add(-time.Hour), Source: file},
		{At: epoch.Add(10 * time.Second), Source: ""},
		{At: epoch.Add(33 * time.Second), Source: file, Once: true},
		{At: epoch.Add(59 * time.Second), Source: file},
		{At: epoch.Add(time.Hour), Source: ""},
		{At: epoch.Add(2 * time.Hour), Source: "no such file"},
	}}}
	ch, err := p.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, c, r.take(30))
	s := ch.Snapshot()
	if s.Source != file || s.LapPosition > 5 || s.Lap != 0 || s.Frames < 43*25 || s.Frames > 50*25 {
		t.Errorf("%+v", s)
	}
	if !s.Skipped {
		t.Error("it does not tell of the entry that was left out")
	}
	if all := kept(ch); len(all) != 4 || !all[3].At.Equal(c.Schedule.Entries[4].At) {
		t.Errorf("%+v", all)
	}
	if ch.timeline.Load() == nil || ch.HLS() == nil {
		t.Error("no HLS")
	}
	ch.Stop()
}

func TestSetSchedule(t *testing.T) {
	p, r, file := start(t), listen(t), movie(t, filepath.Join(t.TempDir(), "movie.mp4"))
	c := Config{Key: "1", Spec: spec(t, time.Now().Add(-time.Minute), r)}
	ch, err := p.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	r.next()
	now := time.Now()
	s := channel.Schedule{Entries: []channel.Entry{{At: now, Source: file}, {At: now.Add(time.Hour)}}}
	if err := ch.SetSchedule(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	first := kept(ch)
	if late := first[0].At.Sub(now); late <= time.Second || late > Notice {
		t.Errorf("an entry that is to begin now begins in %v", late)
	}
	if !first[1].At.Equal(s.Entries[1].At) {
		t.Errorf("%+v", first)
	}
	// Set again, it begins when it was going to.
	if err := ch.SetSchedule(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if again := kept(ch); !again[0].At.Equal(first[0].At) {
		t.Errorf("it begins at %v, before it was going to at %v", again[0].At, first[0].At)
	}
	c.Schedule.Entries = kept(ch)
	for ch.Snapshot().Source != file {
		expect(t, c, r.take(100))
	}
	expect(t, c, r.take(100))
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ch.SetSchedule(interrupted, channel.Schedule{Entries: []channel.Entry{{At: now.Add(time.Minute), Source: file}}}); fault.KindOf(err) != fault.Internal {
		t.Error(err)
	}
	if len(kept(ch)) != 2 {
		t.Errorf("a schedule that fails leaves %+v", kept(ch))
	}
	ch.Stop()
	if err := ch.SetSchedule(t.Context(), s); err == nil {
		t.Error("the schedule of a channel that has ended was set")
	}
}

// Only an entry whose source is missing is left out, and what is open plays even if its file
// is gone. The entry plays once its file is there.
func TestSetScheduleWithMissingSource(t *testing.T) {
	folder := t.TempDir()
	p, file, missing := start(t), movie(t, filepath.Join(folder, "movie.mp4")), filepath.Join(folder, "missing.mp4")
	ch, err := p.Start(t.Context(), Config{Key: "1", Spec: spec(t, time.Now().Add(-time.Minute), listen(t))})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	s := channel.Schedule{Entries: []channel.Entry{
		{At: now.Add(time.Minute), Source: missing},
		{At: now.Add(2 * time.Minute), Source: file},
		{At: now.Add(3 * time.Minute)},
	}}
	for _, gone := range []bool{false, true} {
		if gone {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
		err = ch.SetSchedule(t.Context(), s)
		if fault.KindOf(err) != fault.Source || !strings.Contains(err.Error(), formatTime(s.Entries[0].At)) || !strings.Contains(err.Error(), missing) {
			t.Errorf("gone is %v: %v", gone, err)
		}
		if all := kept(ch); len(all) != 2 || all[0].Source != file || !all[0].At.Equal(s.Entries[1].At) || !ch.Snapshot().Skipped {
			t.Fatalf("gone is %v: %+v", gone, all)
		}
	}
	movie(t, missing)
	if err := ch.SetSchedule(t.Context(), s); err != nil || len(kept(ch)) != 3 || ch.Snapshot().Skipped {
		t.Errorf("%v: %+v", err, kept(ch))
	}
	ch.Stop()
}

// A restarted channel plays what is due now, whatever came before it; where that is missing,
// what was due last. What it cannot play is not silent, and a command fails.
func TestStartWithMissingSources(t *testing.T) {
	file := movie(t, filepath.Join(t.TempDir(), "movie.mp4"))
	epoch := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
	at := func(seconds int, source string) channel.Entry {
		return channel.Entry{At: epoch.Add(time.Duration(seconds) * time.Second), Source: source}
	}
	for name, c := range map[string]struct {
		first, plays string
		entries      []channel.Entry
	}{
		"the first":                     {"no such file", file, []channel.Entry{at(10, file)}},
		"the first two":                 {"no such file", file, []channel.Entry{at(10, "none either"), at(30, file)}},
		"one in between":                {"", file, []channel.Entry{at(10, "no such file"), at(30, file)}},
		"what is due":                   {file, file, []channel.Entry{at(30, "no such file")}},
		"what is due, and what follows": {file, file, []channel.Entry{at(30, "no such file"), at(3600, "none either")}},
	} {
		t.Run(name, func(t *testing.T) {
			p, r := start(t), listen(t)
			config := Config{Key: "1", Spec: spec(t, epoch, r), Schedule: channel.Schedule{Entries: c.entries}}
			config.Spec.Source = c.first
			ch, err := p.Start(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			r.next()
			last := c.entries[len(c.entries)-1]
			s := ch.Snapshot()
			if since := time.Since(last.At).Seconds(); s.Source != c.plays ||
				last.Source == file && math.Abs(s.LapPosition+float64(s.Lap)*s.LapSeconds-since) > 3 {
				t.Errorf("it plays %s, %v s in, %v s after that was due", s.Source, s.LapPosition, since)
			}
			if last.Source != file && !s.Skipped {
				t.Error("it does not tell that what is due is left out")
			}
			ch.Stop()
			if p, err := Open(t.Context(), config, LocalOptions()); fault.KindOf(err) != fault.Source {
				t.Errorf("it is rendered: %v, %v", p, err)
			}
		})
	}
	c := Config{Key: "1", Spec: spec(t, epoch, listen(t)), Schedule: channel.Schedule{Entries: []channel.Entry{at(3600, file)}}}
	c.Spec.Source = "no such file"
	if _, err := start(t).Start(t.Context(), c); fault.KindOf(err) != fault.Source {
		t.Errorf("what is due later plays now: %v", err)
	}
}

// A server may allow other sources now than when its channels were created.
func TestForbiddenSourceDoesNotPlay(t *testing.T) {
	allowed, forbidden := t.TempDir(), movie(t, filepath.Join(t.TempDir(), "movie.mp4"))
	in := newInputs(Options{Source: source.Options{AllowFiles: true, Folders: []string{allowed}}})
	c := Config{Spec: spec(t, time.Now().Add(-time.Minute))}
	c.Spec.Source = forbidden
	if _, err := in.playlist(t.Context(), c); fault.KindOf(err) != fault.Usage {
		t.Errorf("it plays: %v", err)
	}
	c.Spec.Source = movie(t, filepath.Join(allowed, "movie.mp4"))
	c.Schedule.Entries = []channel.Entry{{At: time.Now(), Source: forbidden}, {At: time.Now().Add(time.Minute), Source: c.Spec.Source}}
	p, err := in.playlist(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if n := len(p.all()); n != 2 || p.all()[1].input.spec.Source != c.Spec.Source {
		t.Errorf("%d entries", n)
	}
}

func TestScheduleRefused(t *testing.T) {
	now := time.Now()
	for name, s := range map[string]channel.Schedule{
		"entries out of order":         {Entries: []channel.Entry{{At: now}, {At: now}}},
		"a pause backwards":            {Pauses: []channel.Pause{{From: now, To: now.Add(-1)}}},
		"pauses that overlap":          {Pauses: []channel.Pause{{From: now, To: now.Add(9)}, {From: now.Add(8)}}},
		"a pause after an endless one": {Pauses: []channel.Pause{{From: now}, {From: now.Add(8)}}},
	} {
		if err := validateSchedule(s); fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Nothing is sent in a pause, and after it the stream is where it would be.
func TestPause(t *testing.T) {
	p, r := start(t), listen(t)
	epoch := time.Now().Add(-time.Minute)
	until := time.Now().Add(300 * time.Millisecond)
	c := Config{Key: "1", Spec: spec(t, epoch, r), Schedule: channel.Schedule{Pauses: []channel.Pause{{From: epoch, To: until}}}}
	ch, err := p.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	got := r.take(20)
	first := (ch.playlist.Before(until.Sub(epoch)) + 6) / 7
	if n := binary.BigEndian.Uint16(got[0][2:]); int16(n-uint16(first)) < 0 {
		t.Errorf("the first datagram is number %d, before %d", n, uint16(first))
	}
	expect(t, c, got)
	if ch.Snapshot().Paused {
		t.Error("it is still paused")
	}
	if err := ch.SetSchedule(t.Context(), channel.Schedule{Pauses: []channel.Pause{{From: epoch}}}); err != nil {
		t.Fatal(err)
	}
	if !ch.Snapshot().Paused {
		t.Error("it is not paused")
	}
	ch.Stop()
	if s := ch.Snapshot(); s.Outputs[0].Dropped > 0 {
		t.Errorf("%+v", s.Outputs)
	}
}

// TestWindow hands a channel over at an instant: the second sends what the first does not.
func TestWindow(t *testing.T) {
	p, r := start(t), listen(t)
	c := Config{Key: "1", Spec: spec(t, time.Now().Add(-time.Minute), r)}
	first, err := p.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	c.Window = Nothing()
	second, err := p.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	got := r.take(20)
	at := time.Now().Add(300 * time.Millisecond)
	second.SetWindow(Window{From: at})
	first.SetWindow(Window{Until: at})
	got = append(got, r.take(100)...)
	for i := 1; i < len(got); i++ {
		if n, want := binary.BigEndian.Uint16(got[i][2:]), binary.BigEndian.Uint16(got[i-1][2:])+1; n != want {
			t.Fatalf("datagram %d is number %d, not %d", i, n, want)
		}
	}
	expect(t, c, got)
	if a, b := first.Snapshot().Outputs[0].Datagrams, second.Snapshot().Outputs[0].Datagrams; a < 20 || b < 20 {
		t.Errorf("the first sent %d, the second %d", a, b)
	}
	first.Stop()
	second.Stop()
}

func TestStartGivesUp(t *testing.T) {
	p, r := start(t), listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		ch, err := p.Start(ctx, Config{Key: "1", Spec: spec(t, time.Now(), r)})
		if err == nil {
			ch.Stop() // It started before ctx was seen to be done.
		}
	}
}

// Where what begins with the channel cannot be opened, because its file is missing or its clip
// leaves nothing, what is before it plays, and setting the schedule says why until it can be.
func TestStartWithoutWhatBeginsWithIt(t *testing.T) {
	folder := t.TempDir()
	file, missing := movie(t, filepath.Join(folder, "movie.mp4")), filepath.Join(folder, "missing.mp4")
	epoch := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
	for name, e := range map[string]channel.Entry{
		"a missing file":             {Source: missing},
		"a clip that leaves nothing": {Source: file, Clipping: channel.Clipping{Start: "10:00:00:00", Embedded: true}},
	} {
		t.Run(name, func(t *testing.T) {
			e.At = epoch
			p, r := start(t), listen(t)
			c := Config{Key: "1", Spec: spec(t, epoch, r), Schedule: channel.Schedule{Entries: []channel.Entry{e}}}
			c.Spec.Source = file
			ch, err := p.Start(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			r.next()
			if s := ch.Snapshot(); s.Source != file || !s.Skipped {
				t.Errorf("it plays %s, and tells that something is left out: %v", s.Source, s.Skipped)
			}
			if err := ch.SetSchedule(t.Context(), c.Schedule); !aboutSource(err) || !ch.Snapshot().Skipped {
				t.Errorf("the schedule is set: %v", err)
			}
			if e.Source == missing {
				movie(t, missing)
				if err := ch.SetSchedule(t.Context(), c.Schedule); err != nil || ch.Snapshot().Skipped || len(kept(ch)) != 1 {
					t.Errorf("it does not play once its file is there: %v, %v", err, kept(ch))
				}
				if err := ch.SetSchedule(t.Context(), c.Schedule); err != nil || len(kept(ch)) != 1 {
					t.Errorf("set again: %v, %v", err, kept(ch))
				}
			}
			ch.Stop()
			if p, err := Open(t.Context(), c, LocalOptions()); e.Source == file && fault.KindOf(err) != fault.Media {
				t.Errorf("it is rendered: %v, %v", p, err)
			}
		})
	}
}
