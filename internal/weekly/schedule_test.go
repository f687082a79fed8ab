package weekly

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestSchedules(t *testing.T) {
	for text, want := range map[string]string{
		"Mon-Fri 08:00-20:00 Europe/Paris":         "on cron(0 8 ? * MON,TUE,WED,THU,FRI *), off cron(0 20 ? * MON,TUE,WED,THU,FRI *), 60 h Europe/Paris",
		"mon 8:00-9:30":                            "on cron(0 8 ? * MON *), off cron(30 9 ? * MON *), 1.5 h UTC",
		"22:00-02:00":                              "off cron(0 2 ? * SUN,MON,TUE,WED,THU,FRI,SAT *), on cron(0 22 ? * SUN,MON,TUE,WED,THU,FRI,SAT *), 28 h UTC",
		"Saturday 22:00-06:00 America/New_York":    "off cron(0 6 ? * SUN *), on cron(0 22 ? * SAT *), 8 h America/New_York",
		"Sat 20:00-24:00; Sun 00:00-04:00":         "off cron(0 4 ? * SUN *), on cron(0 20 ? * SAT *), 8 h UTC",
		"Mon 08:00-12:00; Mon 10:00-14:00":         "on cron(0 8 ? * MON *), off cron(0 14 ? * MON *), 6 h UTC",
		"Mon-Fri 08:00-20:00; Sat,Sun 10:00-16:00": "on cron(0 10 ? * SUN,SAT *), off cron(0 16 ? * SUN,SAT *), on cron(0 8 ? * MON,TUE,WED,THU,FRI *), off cron(0 20 ? * MON,TUE,WED,THU,FRI *), 72 h UTC",
		"Fri-Mon 00:00-24:00 Asia/Kolkata":         "off cron(0 0 ? * TUE *), on cron(0 0 ? * FRI *), 96 h Asia/Kolkata",
		"  Sun,Wed   07:05-07:06  ":                "on cron(5 7 ? * SUN,WED *), off cron(6 7 ? * SUN,WED *), 0.03333333333333333 h UTC",
		"Sat 22:00-02:30 Europe/Paris":             "off cron(30 2 ? * SUN *), on cron(0 22 ? * SAT *), off cron(0 3 ? 3 1L *), 4.5 h Europe/Paris",
		"Sun 02:30-04:00 Europe/Paris":             "on cron(30 2 ? * SUN *), off cron(0 4 ? * SUN *), on cron(0 3 ? 3 1L *), 1.5 h Europe/Paris",
		"02:00-08:00 America/New_York":             "on cron(0 2 ? * SUN,MON,TUE,WED,THU,FRI,SAT *), off cron(0 8 ? * SUN,MON,TUE,WED,THU,FRI,SAT *), on cron(0 3 ? 3 1#2 *), 42 h America/New_York",
		"Sun 02:15-02:45 Europe/Paris":             "on cron(15 2 ? * SUN *), off cron(45 2 ? * SUN *), off cron(0 3 ? 3 1L *), 0.5 h Europe/Paris",
		"Sun 02:30-03:00 Europe/Paris":             "on cron(30 2 ? * SUN *), off cron(0 3 ? * SUN *), 0.5 h Europe/Paris",
		"Sun 03:00-04:00 Europe/Paris":             "on cron(0 3 ? * SUN *), off cron(0 4 ? * SUN *), 1 h Europe/Paris",
		"Mon-Fri 02:30-08:00 Europe/Paris":         "on cron(30 2 ? * MON,TUE,WED,THU,FRI *), off cron(0 8 ? * MON,TUE,WED,THU,FRI *), 27.5 h Europe/Paris",
		"Thu 20:00-24:00 Africa/Cairo":             "on cron(0 20 ? * THU *), off cron(0 0 ? * FRI *), off cron(0 1 ? 4 6L *), 4 h Africa/Cairo",
		"Sun 02:10-05:00 Australia/Lord_Howe":      "on cron(10 2 ? * SUN *), off cron(0 5 ? * SUN *), on cron(30 2 ? 10 1#1 *), 2.8333333333333335 h Australia/Lord_Howe",
		"Mon 08:00-08:00":                          "on cron(0 8 ? * MON *), off cron(0 8 ? * TUE *), 24 h UTC",
	} {
		s, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var parts []string
		for _, c := range s.Crons() {
			on := map[bool]string{true: "on ", false: "off "}[c.On]
			parts = append(parts, on+c.Expression())
		}
		if got := fmt.Sprint(strings.Join(parts, ", "), ", ", s.Hours(), " h ", s.Zone()); got != want {
			t.Errorf("%s:\n%s, want\n%s", text, got, want)
		}
	}
}

func TestSchedulesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  `"" is no window: write windows such as`,
		"Mon-Fri":                           `"Mon-Fri" are no times of a day: write 08:00-20:00`,
		"Mon 8-20":                          `"8-20" is not a time zone`,
		"Mo-Fri 08:00-20:00":                `"Mo" is no day of the week: write Mon`,
		"Mon-Fry 08:00-20:00":               `"Fry" is no day of the week`,
		"Mondays 08:00-20:00":               `"Mondays" is no day of the week`,
		"Mon 25:00-26:00":                   `25:00 is no time of a day`,
		"Mon 08:60-09:00":                   `08:60 is no time of a day`,
		"Mon 08:00-20:00 Europe/Lutece":     `"Europe/Lutece" is not a time zone: write one of IANA's names`,
		"Mon 08:00-20:00 Local":             `"Local" is not a time zone`,
		"Mon 08:00-20:00 localtime":         `"localtime" is not a time zone`,
		"Mon 08:00-20:00 posix/UTC":         `"posix/UTC" is not a time zone`,
		"Mon 08:00-20:00 Factory":           `"Factory" is not a time zone`,
		"Mon 08:00-20:00 ../etc/passwd":     `"../etc/passwd" is not a time zone`,
		"Mon 08:00-20:00 europe/paris":      `"europe/paris" is not a time zone`,
		"Fri 02:30-08:00 Asia/Jerusalem":    "the clocks of Asia/Jerusalem go forward and skip 02:30, and EventBridge Scheduler has no rule for such days: take a time an hour or more earlier or later",
		"Sun 02:30-08:00 Africa/Casablanca": "the clocks of Africa/Casablanca go forward and skip 02:30",
		"Sat 20:00-24:00 America/Santiago":  "the clocks of America/Santiago go forward and skip 00:00",
		"Mon Tue 08:00-20:00":               `"Mon Tue 08:00-20:00" is no window`,
		"Mon 08:00-20:00;":                  `"" is no window`,
		"00:00-24:00":                       `"00:00-24:00" is always on: leave the schedule out`,
		"00:00-12:00; 12:00-24:00 UTC":      `is always on`,
	} {
		_, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Usage || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestOn checks instants around the changes of the clocks and the ends of windows.
func TestOn(t *testing.T) {
	for _, c := range []struct {
		schedule, at string
		on           bool
		next         string
	}{
		{"Mon-Fri 08:00-20:00 Europe/Paris", "2026-11-26T06:59:59Z", false, "2026-11-26T07:00:00Z"},
		{"Mon-Fri 08:00-20:00 Europe/Paris", "2026-11-26T07:00:00Z", true, "2026-11-27T07:00:00Z"},
		{"Mon-Fri 08:00-20:00 Europe/Paris", "2026-11-27T19:00:00Z", false, "2026-11-30T07:00:00Z"},
		{"Mon-Fri 08:00-20:00 Europe/Paris", "2026-07-01T06:00:00Z", true, "2026-07-02T06:00:00Z"}, // Summer time.
		{"Sat 22:00-06:00", "2026-11-29T05:59:00Z", true, "2026-12-05T22:00:00Z"},
		{"Sat 22:00-06:00", "2026-11-29T06:00:00Z", false, "2026-12-05T22:00:00Z"},
		{"Sun 02:30-04:00 Europe/Paris", "2027-03-28T01:00:00Z", true, "2027-04-04T00:30:00Z"}, // 2:30 does not exist on that day: on from 3:00.
	} {
		s, err := Parse(c.schedule)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.On(at); got != c.on {
			t.Errorf("%s at %s: %t", c.schedule, c.at, got)
		}
		if got := s.Next(at).UTC().Format(time.RFC3339); got != c.next {
			t.Errorf("%s after %s: next at %s, want %s", c.schedule, c.at, got, c.next)
		}
	}
}

// FuzzParse checks that a schedule that is taken has switches and ends.
func FuzzParse(f *testing.F) {
	f.Add("Mon-Fri 08:00-20:00; Sat,Sun 10:00-02:00 Europe/Paris")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err == nil && (len(s.Crons()) < 2 || s.Hours() <= 0 || s.Hours() >= 168) {
			t.Errorf("%q: %+v", text, s)
		}
	})
}
