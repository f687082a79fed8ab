package weekly

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestZones checks that the time zones are those of the Go that builds the program.
func TestZones(t *testing.T) {
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(zoneinfo, want) {
		t.Errorf("zoneinfo.zip is not that of Go: copy %s", file)
	}
}

// TestNothingIsSkipped runs a schedule with a switch at every quarter of an hour of the
// night through the days on which clocks go forward, as EventBridge Scheduler does, and
// checks that it is as it should be at five o'clock.
func TestNothingIsSkipped(t *testing.T) {
	tried := 0
	for _, zone := range []string{"Europe/Paris", "America/New_York", "America/St_Johns", "Africa/Cairo", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe", "Atlantic/Azores", "Pacific/Auckland"} {
		for minute := 0; minute < 4*60; minute += 15 {
			at := time.Date(0, 1, 1, 0, minute, 0, 0, time.UTC).Format("15:04")
			for _, text := range []string{at + "-12:00 " + zone, "12:00-" + at + " " + zone} {
				s, err := Parse(text)
				if err != nil {
					t.Errorf("%s: %v", text, err)
					continue
				}
				for _, g := range s.gaps()[:1] {
					tried++
					five := time.Date(g.end().Year(), g.end().Month(), g.end().Day(), 5, 0, 0, 0, s.zone)
					if got, want := s.carriedOut(five), s.On(five); got != want {
						t.Errorf("%s: on %s it is on: %t, want %t", text, five, got, want)
					}
				}
			}
		}
	}
	if tried < 250 {
		t.Errorf("only %d nights were tried", tried)
	}
}

// TestGapsAtTwoTimes checks that a zone whose clocks go forward at two o'clock in one year
// and at midnight in the next has no rule. IANA knows of none such today.
func TestGapsAtTwoTimes(t *testing.T) {
	s, err := Parse("Sun 00:10-00:30; Sun 02:10-02:30 UTC")
	if err != nil {
		t.Fatal(err)
	}
	data := append([]byte("TZif"), make([]byte, 16)...) // RFC 9636, 3: version 1.
	for _, count := range []uint32{0, 0, 0, 4, 2, 4} {  // UT and standard indicators, leap seconds, transitions, types, characters
		data = binary.BigEndian.AppendUint32(data, count)
	}
	for _, at := range []time.Time{
		time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 2, 0, 0, 0, time.UTC),
		time.Date(2027, 3, 28, 0, 0, 0, 0, time.UTC), time.Date(2027, 10, 31, 2, 0, 0, 0, time.UTC),
	} {
		data = binary.BigEndian.AppendUint32(data, uint32(at.Unix()))
	}
	data = append(data, 1, 0, 1, 0)                    // the types after the transitions
	data = append(data, 0, 0, 0, 0, 0, 0)              // type 0: no offset
	data = append(data, 0, 0, 3600>>8, 3600&255, 1, 0) // type 1: an hour
	data = append(data, "Two\x00"...)
	if s.zone, err = time.LoadLocationFromTZData("Two/Times", data); err != nil {
		t.Fatal(err)
	}
	if gaps := s.gaps(); len(gaps) != 2 {
		t.Fatalf("gaps %v", gaps)
	}
	if crons, err := s.makeUp(); err == nil || !strings.Contains(err.Error(), "on 2027-03-28 the clocks of Two/Times go forward and skip 00:30") {
		t.Errorf("%v, %v", crons, err)
	}
}

// carriedOut reports whether it is on at an instant after ten hours in which every minute
// that the clocks show was held against the cron expressions. It begins as it should be.
func (s Schedule) carriedOut(until time.Time) bool {
	from := until.Add(-10 * time.Hour)
	on := s.On(from)
	for t := from.Add(time.Minute); !t.After(until); t = t.Add(time.Minute) {
		t := t.In(s.zone)
		for _, c := range s.Crons() {
			if c.Time != t.Hour()*60+t.Minute() {
				continue
			}
			for _, d := range c.Days {
				if d == t.Weekday() {
					on = c.On
				}
			}
			if rule, ok := ruleOf([]time.Time{t}); len(c.Days) == 0 && ok && rule.month == c.rule.month && rule.weekday == c.rule.weekday &&
				(c.rule.nth == (t.Day()-1)/7+1 || c.rule.nth == lastOfMonth && rule.nth == lastOfMonth) {
				on = c.On
			}
		}
	}
	return on
}
