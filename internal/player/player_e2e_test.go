//go:build e2e

package player

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/monitor"
)

// made makes an MP4 of synthetic picture and sound with ffmpeg.
func made(t *testing.T, size, rate, tone string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "movie.mp4")
	run(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=%s:rate=%s:duration=4", size, rate),
		"-f", "lavfi", "-i", "sine=sample_rate=48000:duration=4:frequency="+tone,
		"-c:v", "libx264", "-preset", "veryfast", "-level", "3.0", "-g", "25", "-c:a", "aac", file)
	return file
}

func run(t *testing.T, name string, args ...string) (out, errs string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, &e)
	}
	return o.String(), e.String()
}

// Two files take turns three times, then a pause: a receiver finds nothing out of
// order before the pause but steps of the timestamps, and in it missing
// datagrams alone; ffmpeg decodes what comes without complaint. A run in which the
// channel counts datagrams that a busy machine was too late to send proves none of it and is repeated.
func TestScheduleIsReceived(t *testing.T) {
	for range 4 {
		if receiveSchedule(t) {
			return
		}
	}
	t.Fatal("this machine is too busy: datagrams were skipped in every run")
}

// receiveSchedule returns false if datagrams were skipped before the pause.
func receiveSchedule(t *testing.T) bool {
	t.Helper()
	p, r := start(t), listen(t)
	if err := r.conn.SetReadBuffer(4 << 20); err != nil {
		t.Fatal(err)
	}
	one, two := made(t, "320x180", "25", "440"), made(t, "640x360", "30000/1001", "880")
	epoch := time.Now().Add(time.Second).Truncate(time.Millisecond)
	at := func(s float64) time.Time { return epoch.Add(time.Duration(s * float64(time.Second))) }
	c := Config{Key: "1", Spec: spec(t, epoch, r)}
	c.Spec.Source = one
	c.Schedule = channel.Schedule{
		Entries: []channel.Entry{{At: at(2.5), Source: two}, {At: at(5), Source: one}},
		Pauses:  []channel.Pause{{From: at(10), To: at(10.5)}},
	}
	ch, err := p.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	c.Schedule.Entries = append(c.Schedule.Entries, channel.Entry{At: at(7.5), Source: two})
	if err := ch.SetSchedule(t.Context(), c.Schedule); err != nil {
		t.Fatal(err)
	}
	before, all := monitor.NewAnalyzer(monitor.Options{}), monitor.NewAnalyzer(monitor.Options{})
	var ts bytes.Buffer
	whole := WholeUnits(&ts)
	skipped := int64(0) // before the pause
	for {
		d, now := r.next(), time.Now()
		if now.After(at(12)) {
			break
		}
		all.Datagram(now, d)
		if now.Before(at(9.9)) {
			skipped = ch.Snapshot().Outputs[0].Skipped
		}
		if now.Before(at(10.1)) {
			before.Datagram(now, d)
			if _, err := whole.Write(d[12:]); err != nil {
				t.Fatal(err)
			}
		}
	}
	ch.Stop()
	if skipped > 0 {
		return false
	}
	for _, k := range before.Report().Checks {
		switch k.Check {
		case monitor.VideoStep, monitor.AudioStep, monitor.PTS: // The switches.
		default:
			if k.Count > 0 {
				t.Errorf("%s × %d: %v", k.Name, k.Count, k.Places)
			}
		}
	}
	report := all.Report()
	if n := report.Count(monitor.RTPOrder) + report.Count(monitor.RTPTimestamp) + report.Count(monitor.RTPRestart); n > 0 {
		t.Error(report.Verdict)
	}
	if report.Count(monitor.RTPLoss) == 0 {
		t.Error("nothing was left out in the pause")
	}
	file := filepath.Join(t.TempDir(), "got.ts")
	if err := errors.Join(whole.Close(), os.WriteFile(file, ts.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	frames, errs := run(t, "ffmpeg", "-v", "warning", "-i", file, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framecrc", "-", "-map", "0:a", "-f", "null", "-")
	if errs != "" {
		t.Errorf("ffmpeg: %s", errs)
	}
	// Ten seconds have some 270 pictures; a few are left out at each switch.
	if n := bytes.Count([]byte(frames), []byte("\n0,")); n < 200 {
		t.Errorf("%d pictures", n)
	}
	return true
}
