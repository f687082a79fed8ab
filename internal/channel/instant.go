package channel

import (
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// ParseEpoch reads when lap 0 begins: "now" (the zero Time), "unix"
// (1970-01-01T00:00:00Z) or an instant of RFC 3339. Faults are of kind Usage.
func ParseEpoch(text string) (time.Time, error) {
	switch text {
	case "now":
		return time.Time{}, nil
	case "unix":
		return time.Unix(0, 0).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, fault.New(fault.Usage,
			"%q is not an instant: write now, unix or one of RFC 3339 (2026-01-31T20:00:00Z)", text)
	}
	return t.UTC(), checkEpoch(t)
}

// checkEpoch keeps the time since the epoch within what a time.Duration holds
// for as long as anybody will play.
func checkEpoch(t time.Time) error {
	if t.IsZero() {
		return nil
	}
	if y := t.UTC().Year(); y < 1970 || y > 2199 {
		return fault.New(fault.Usage, "an epoch lies in the years 1970 to 2199, not %d", y)
	}
	return nil
}

// FormatEpoch returns the instant as ParseEpoch reads it.
func FormatEpoch(t time.Time) string {
	switch {
	case t.IsZero():
		return "now"
	case t.Equal(time.Unix(0, 0)):
		return "unix"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// ParseDuration reads a length of time, 0 or more: "8ms", "90s", "1h30m".
// Faults are of kind Usage.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fault.New(fault.Usage, "%q is not a length of time: write 8ms, 90s or 1h30m", text)
	}
	if d < 0 {
		return 0, fault.New(fault.Usage, "%q is negative", text)
	}
	return d, nil
}
