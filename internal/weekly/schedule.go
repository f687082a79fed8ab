// Package weekly tells when something is on that goes on and off at the same times
// each week, such as "Mon-Fri 08:00-20:00 Europe/Paris".
package weekly

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// Schedule is the windows of a week in which something is on, in a time zone.
type Schedule struct {
	zone *time.Location
	// switches are the minutes of a week, from Sunday 0:00, at which it goes on and off
	// in turn, in order. The first may be one at which it goes off.
	switches []Switch
	// makeUps are the switches that are skipped when the clocks go forward.
	makeUps []Cron
}

// Switch is an instant of the week, by the clocks of the zone.
type Switch struct {
	Minute int // of the week, from Sunday 0:00
	On     bool
}

const (
	day  = 24 * 60
	week = 7 * day
)

const syntax = `write windows such as "Mon-Fri 08:00-20:00; Sat,Sun 10:00-02:00 Europe/Paris"`

// Parse reads a schedule: windows with semicolons between them, each of days and two
// times of the day, and the time zone at the end (IANA's names; UTC without one). A
// window that ends at or before its beginning ends on the next day. Without days it is
// that of every day. Faults are of kind Usage.
func Parse(text string) (Schedule, error) {
	s := Schedule{zone: time.UTC}
	windows := strings.Split(text, ";")
	last := strings.Fields(windows[len(windows)-1])
	if n := len(last); n > 1 && !hours.MatchString(last[n-1]) {
		var err error
		if s.zone, err = zone(last[n-1]); err != nil {
			return s, err
		}
		windows[len(windows)-1] = strings.Join(last[:n-1], " ")
	}
	var on [week]bool
	for _, w := range windows {
		if err := addWindow(&on, w); err != nil {
			return s, err
		}
	}
	for minute := range on {
		if before := on[(minute+week-1)%week]; on[minute] != before {
			s.switches = append(s.switches, Switch{minute, on[minute]})
		}
	}
	if len(s.switches) == 0 {
		return s, fault.New(fault.Usage, "%q is always on: leave the schedule out", text)
	}
	var err error
	s.makeUps, err = s.makeUp()
	return s, err
}

// hours is the times of a window.
var hours = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})$`)

// addWindow turns the minutes of a window on.
func addWindow(on *[week]bool, window string) error {
	fields := strings.Fields(window)
	if len(fields) == 0 || len(fields) > 2 {
		return fault.New(fault.Usage, "%q is no window: %s", strings.TrimSpace(window), syntax)
	}
	times := hours.FindStringSubmatch(fields[len(fields)-1])
	if times == nil {
		return fault.New(fault.Usage, "%q are no times of a day: write 08:00-20:00", fields[len(fields)-1])
	}
	from, err := minuteOf(times[1], times[2])
	if err != nil {
		return err
	}
	to, err := minuteOf(times[3], times[4])
	if err != nil {
		return err
	}
	if to <= from {
		to += day
	}
	days := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	if len(fields) == 2 {
		if days, err = daysOf(fields[0]); err != nil {
			return err
		}
	}
	for _, d := range days {
		for minute := from; minute < to; minute++ {
			on[(int(d)*day+minute)%week] = true
		}
	}
	return nil
}

// minuteOf returns the minute of a day, 24:00 included.
func minuteOf(hour, minute string) (int, error) {
	h, _ := strconv.Atoi(hour) // Two digits each.
	m, _ := strconv.Atoi(minute)
	if m > 59 || h*60+m > day {
		return 0, fault.New(fault.Usage, "%s:%s is no time of a day: write 00:00 to 24:00", hour, minute)
	}
	return h*60 + m, nil
}

// daysOf reads days: Mon, Mon-Fri, Sat,Sun.
func daysOf(text string) ([]time.Weekday, error) {
	var all []time.Weekday
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := dayOf(first)
		if err != nil {
			return nil, err
		}
		to := from
		if isRange {
			if to, err = dayOf(last); err != nil {
				return nil, err
			}
		}
		for d := from; ; d = (d + 1) % 7 {
			all = append(all, d)
			if d == to {
				break
			}
		}
	}
	return all, nil
}

func dayOf(text string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := d.String(); len(text) >= 3 && len(text) <= len(name) && strings.EqualFold(text, name[:len(text)]) {
			return d, nil
		}
	}
	return 0, fault.New(fault.Usage, "%q is no day of the week: write Mon, Tue, Wed, Thu, Fri, Sat or Sun, Mon-Fri for a range, Sat,Sun for several", text)
}

// Zone returns the name of the time zone.
func (s Schedule) Zone() string { return s.zone.String() }

// Switches returns when it goes on and off.
func (s Schedule) Switches() []Switch { return slices.Clone(s.switches) }

// On reports whether it is on at t.
func (s Schedule) On(t time.Time) bool {
	t = t.In(s.zone)
	minute := int(t.Weekday())*day + t.Hour()*60 + t.Minute()
	on := s.switches[len(s.switches)-1].On // of the week before
	for _, w := range s.switches {
		if w.Minute > minute {
			break
		}
		on = w.On
	}
	return on
}

// Next returns when it goes on after t.
func (s Schedule) Next(t time.Time) time.Time {
	t = t.In(s.zone).Truncate(time.Minute)
	for before := s.On(t); ; before = s.On(t) {
		t = t.Add(time.Minute)
		if s.On(t) && !before {
			return t
		}
	}
}

// Hours returns how long it is on in a week.
func (s Schedule) Hours() float64 {
	minutes := 0
	for i, w := range s.switches {
		if w.On {
			end := s.switches[(i+1)%len(s.switches)].Minute
			minutes += (end - w.Minute + week) % week
		}
	}
	return float64(minutes) / 60
}

// Cron is a time of the day at which it goes on or off: on some days of the week, or on
// a day of the year.
type Cron struct {
	On   bool
	Time int            // minutes from 0:00
	Days []time.Weekday // none for a day of the year
	rule dayRule
}

// Expression returns the cron expression of EventBridge Scheduler (user guide, "Schedule
// types": days of the week from 1 for Sunday, 1L is the last of a month, 1#2 the second).
func (c Cron) Expression() string {
	if len(c.Days) == 0 {
		nth := "#" + strconv.Itoa(c.rule.nth)
		if c.rule.nth == lastOfMonth {
			nth = "L"
		}
		return fmt.Sprintf("cron(%d %d ? %d %d%s *)", c.Time%60, c.Time/60, c.rule.month, c.rule.weekday+1, nth)
	}
	names := make([]string, len(c.Days))
	for i, d := range c.Days {
		names[i] = strings.ToUpper(d.String()[:3])
	}
	return fmt.Sprintf("cron(%d %d ? * %s *)", c.Time%60, c.Time/60, strings.Join(names, ","))
}

// Crons returns the switches, those at one time of the day together. EventBridge Scheduler
// skips a time that a day does not have because the clocks go forward, and knows a time
// that a day has twice once: what would be skipped comes at the end of the gap.
func (s Schedule) Crons() []Cron {
	var all []Cron
	for _, w := range s.switches {
		d, at := time.Weekday(w.Minute/day), w.Minute%day
		i := slices.IndexFunc(all, func(c Cron) bool { return c.On == w.On && c.Time == at })
		if i < 0 {
			all = append(all, Cron{On: w.On, Time: at, Days: []time.Weekday{d}})
			continue
		}
		all[i].Days = append(all[i].Days, d)
	}
	return append(all, s.makeUps...)
}
