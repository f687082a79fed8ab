package weekly

import (
	"archive/zip"
	"bytes"
	_ "embed" // The time zones are a file.
	"io"
	"sort"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// zoneinfo is the time zone database as Go carries it (lib/time/zoneinfo.zip). A schedule
// means the same on every machine, whatever database and whatever names that has.
//
//go:embed zoneinfo.zip
var zoneinfo []byte

// zone returns the time zone of one of IANA's names. Faults are of kind Usage.
func zone(name string) (*time.Location, error) {
	unknown := fault.New(fault.Usage, "%q is not a time zone: write one of IANA's names, such as Europe/Paris or UTC", name)
	all, err := zip.NewReader(bytes.NewReader(zoneinfo), int64(len(zoneinfo)))
	if err != nil {
		return nil, fault.New(fault.Internal, "the time zones: %w", err)
	}
	for _, f := range all.File {
		if f.Name != name || name == "Factory" { // What a machine has that was told none.
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fault.New(fault.Internal, "the time zone %s: %w", name, err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, fault.New(fault.Internal, "the time zone %s: %w", name, err)
		}
		return time.LoadLocationFromTZData(name, data)
	}
	return nil, unknown
}

// gap is a stretch of time that the clocks of a zone skip when they go forward, on one
// day of a year.
type gap struct {
	begin  time.Time     // by the clocks, as if it were UTC
	length time.Duration // usually an hour
}

// end is the first time that the clocks show after the gap.
func (g gap) end() time.Time { return g.begin.Add(g.length) }

// The years whose gaps count. Rules that hold today go on beyond them.
const firstYear, lastYear = 2026, 2057

// gaps returns those of the zone, the earliest first.
func (s Schedule) gaps() []gap {
	var all []gap
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(s.zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	for t := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() <= lastYear; t = t.Add(week * time.Minute) {
		before, after := offset(t), offset(t.Add(week*time.Minute))
		if after <= before {
			continue
		}
		minute := sort.Search(week, func(i int) bool { return offset(t.Add(time.Duration(i)*time.Minute)) == after })
		all = append(all, gap{t.Add(time.Duration(minute)*time.Minute + before), after - before})
	}
	return all
}

// minuteOfWeek returns the minute of a week of a time by the clocks.
func minuteOfWeek(t time.Time) int { return int(t.Weekday())*day + t.Hour()*60 + t.Minute() }

// skipped returns what becomes of the switches in a gap: the last of them, at the end of the
// gap. ok is false if there is none, or if the schedule switches at the end anyway.
func (s Schedule) skipped(g gap) (last Switch, ok bool) {
	begin, end := minuteOfWeek(g.begin), minuteOfWeek(g.end())
	for i := range int(g.length / time.Minute) {
		for _, w := range s.switches {
			if w.Minute == (begin+i)%week {
				last, ok = w, true
			}
			if w.Minute == end {
				return Switch{}, false
			}
		}
	}
	return last, ok
}

// dayRule is the day of a year as EventBridge Scheduler can say it: a weekday of a month.
type dayRule struct {
	month   time.Month
	weekday time.Weekday
	nth     int // 1 is the first of the month, …; lastOfMonth the last
}

const lastOfMonth = -1

// makeUp returns what EventBridge Scheduler skips when the clocks go forward, at the end
// of the gap. It reports times whose gap has no rule that the scheduler has.
func (s Schedule) makeUp() ([]Cron, error) {
	var all []Cron
	var days []time.Time // the ends of the gaps
	var missing Switch
	for _, g := range s.gaps() {
		w, ok := s.skipped(g)
		if !ok {
			continue
		}
		missing = w
		days = append(days, g.end())
		c := Cron{On: w.On, Time: g.end().Hour()*60 + g.end().Minute()}
		if len(all) == 0 {
			all = append(all, c)
		} else if all[0].On != c.On || all[0].Time != c.Time {
			return nil, s.noRule(w, g)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	rule, ok := ruleOf(days)
	if !ok {
		return nil, s.noRule(missing, gap{begin: days[0], length: 0})
	}
	all[0].rule = rule
	return all, nil
}

// noRule is the fault of a time that some days do not have.
func (s Schedule) noRule(w Switch, g gap) error {
	at := w.Minute % day
	return fault.New(fault.Usage, "on %s the clocks of %s go forward and skip %02d:%02d, and EventBridge Scheduler has no rule for such days: take a time an hour or more earlier or later",
		g.end().Format(time.DateOnly), s.Zone(), at/60, at%60)
}

// ruleOf returns the rule that days follow.
func ruleOf(days []time.Time) (dayRule, bool) {
	nth := func(d time.Time) int { return (d.Day()-1)/7 + 1 }
	isLast := func(d time.Time) bool { return d.AddDate(0, 0, 7).Month() != d.Month() }
	rule := dayRule{days[0].Month(), days[0].Weekday(), nth(days[0])}
	same, last := true, true
	for _, d := range days {
		if d.Month() != rule.month || d.Weekday() != rule.weekday {
			return dayRule{}, false
		}
		same, last = same && nth(d) == rule.nth, last && isLast(d)
	}
	if last {
		rule.nth = lastOfMonth
	}
	return rule, same || last
}
