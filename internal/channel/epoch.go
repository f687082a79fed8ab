package channel

import (
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

func epoch() setting.Kind[time.Time] {
	return setting.Kind[time.Time]{
		Value: "WHEN", Values: "now, unix, or an instant of RFC 3339",
		Schema: setting.Schema{"type": "string", "pattern": `^(now|unix|[0-9]{4}-[0-9]{2}-[0-9]{2}T.*)$`},
		Parse:  ParseEpoch, Format: FormatEpoch, Check: checkEpoch,
	}
}

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

// checkEpoch keeps the time since the epoch within a time.Duration.
func checkEpoch(t time.Time) error {
	if y := t.UTC().Year(); !t.IsZero() && (y < 1970 || y > 2199) {
		return fault.New(fault.Usage, "the year of an epoch is 1970 to 2199, not %d", y)
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
