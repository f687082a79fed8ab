package setting

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// Kind is how values of type T are written.
type Kind[T any] struct {
	// Value names a value in a help text, Values says what can be written.
	Value, Values string
	// Schema describes what can be written in YAML.
	Schema Schema
	// Zero says that the zero value is a value; otherwise the setting is left out.
	Zero bool
	// Separator may stand between the values of a list in one text, unless it is "".
	Separator string

	Parse  func(text string) (T, error)
	Format func(T) string
	// Check reports a value that is out of bounds; nil accepts all that Parse returns.
	Check func(T) error
	// Wire writes the value for MediaLive; nil does as Format.
	Wire func(T) string
}

// String is any text that check accepts.
func String(value string, check func(string) error) Kind[string] {
	return Kind[string]{
		Value: value, Values: "a text", Schema: Schema{"type": []string{"string", "number", "boolean"}},
		Parse:  func(text string) (string, error) { return text, nil },
		Format: func(text string) string { return text },
		Check:  check,
	}
}

// Word is one of several words.
func Word(words ...string) Kind[string] {
	values := strings.Join(words, ", ")
	k := String("WORD", func(word string) error {
		if !slices.Contains(words, word) {
			return fault.New(fault.Usage, "%q is not one of %s%s", word, values, DidYouMean(word, words, ""))
		}
		return nil
	})
	k.Values, k.Schema = values, Schema{"enum": yamlValues(words)}
	return k
}

// yamlValues returns words as YAML may read them: 4.1 as a number, and as a text.
func yamlValues(words []string) []any {
	var all []any
	for _, w := range words {
		all = append(all, w)
		if n, err := strconv.ParseFloat(w, 64); err == nil {
			all = append(all, n)
		}
	}
	return all
}

// Number is a whole number from low to high.
func Number[T ~int | ~int64 | ~uint16](low, high T) Kind[T] {
	bad := func(shown string) error {
		return fault.New(fault.Usage, "%q is not a number from %d to %d", shown, low, high)
	}
	format := func(n T) string { return strconv.FormatInt(int64(n), 10) }
	return Kind[T]{
		Value: "N", Values: format(low) + " to " + format(high), Zero: low <= 0,
		Schema: Schema{"type": "integer", "minimum": low, "maximum": high},
		Parse: func(text string) (T, error) {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < int64(low) || n > int64(high) {
				return 0, bad(text)
			}
			return T(n), nil
		},
		Format: format,
		Check: func(n T) error {
			if n < low || n > high {
				return bad(format(n))
			}
			return nil
		},
	}
}

// Bool is true or false.
func Bool() Kind[bool] {
	return Kind[bool]{
		Values: "true or false", Zero: true, Schema: Schema{"enum": []any{true, false, "yes", "no", "on", "off", 1, 0}},
		Parse: func(text string) (bool, error) {
			switch text {
			case "true", "yes", "on", "1":
				return true, nil
			case "false", "no", "off", "0":
				return false, nil
			}
			return false, fault.New(fault.Usage, "%q is neither true nor false", text)
		},
		Format: strconv.FormatBool,
	}
}

// Duration is a length of time from low to high.
func Duration(low, high time.Duration) Kind[time.Duration] {
	return Kind[time.Duration]{
		Value: "D", Values: FormatDuration(low) + " to " + FormatDuration(high), Schema: durationSchema(),
		Parse: ParseDuration, Format: FormatDuration,
		Check: func(d time.Duration) error {
			if d < low || d > high {
				return fault.New(fault.Usage, "it is %s to %s, not %s", FormatDuration(low), FormatDuration(high), FormatDuration(d))
			}
			return nil
		},
	}
}

func durationSchema() Schema {
	return Schema{"type": "string", "pattern": `^([0-9]*\.?[0-9]+d)?([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h))*$`, "minLength": 2}
}

// ParseDuration reads a length of time, 0 or more: "8ms", "90s", "1h30m", "2d12h". A
// day has 24 hours.
func ParseDuration(text string) (time.Duration, error) {
	bad := fault.New(fault.Usage, "%q is not a length of time: write 8ms, 90s, 1h30m or 2d", text)
	days, rest, given := time.Duration(0), text, false
	if number, more, ok := strings.Cut(text, "d"); ok {
		d, err := time.ParseDuration(number + "h")
		if err != nil || strings.Trim(number, "0123456789.") != "" || d > math.MaxInt64/24 {
			return 0, bad
		}
		days, rest, given = 24*d, more, true
	}
	if given && rest == "" {
		return days, nil
	}
	d, err := time.ParseDuration(rest)
	switch {
	case err != nil || given && d > 0 && strings.ContainsAny(rest[:1], "+-"):
		return 0, bad
	case d < 0:
		return 0, fault.New(fault.Usage, "%q is negative", text)
	case d > math.MaxInt64-days:
		return 0, bad
	}
	return days + d, nil
}

// FormatDuration writes 8h and not 8h0m0s.
func FormatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Milliseconds is a whole number of milliseconds from low to high, written as
// MediaLive does (20) or as a duration (20ms).
func Milliseconds(low, high int) Kind[time.Duration] {
	bad := func(shown string) error {
		return fault.New(fault.Usage, "%q is not a whole number of milliseconds from %d to %d", shown, low, high)
	}
	good := func(d time.Duration) bool {
		return d >= time.Duration(low)*time.Millisecond && d <= time.Duration(high)*time.Millisecond && d%time.Millisecond == 0
	}
	return Kind[time.Duration]{
		Value: "MS", Values: strconv.Itoa(low) + " to " + strconv.Itoa(high) + " ms",
		Schema: Schema{"anyOf": []Schema{{"type": "integer", "minimum": low, "maximum": high}, durationSchema()}},
		Parse: func(text string) (time.Duration, error) {
			d, err := time.ParseDuration(text)
			if n, bad := strconv.Atoi(text); bad == nil {
				d, err = time.Duration(min(max(n, -1), high+1))*time.Millisecond, nil
			}
			if err != nil || !good(d) {
				return 0, bad(text)
			}
			return d, nil
		},
		Format: FormatDuration,
		Check: func(d time.Duration) error {
			if !good(d) {
				return bad(d.String())
			}
			return nil
		},
		Wire: func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) },
	}
}
