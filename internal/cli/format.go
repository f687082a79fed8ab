package cli

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/media"
)

// clock formats a duration as hours, minutes and seconds, preceded by days if there are any.
func clock(d time.Duration) string {
	s := int64(d / time.Second)
	text := fmt.Sprintf("%02d:%02d:%02d", s/3600%24, s/60%60, s%60)
	if days := s / 86_400; days > 0 {
		return fmt.Sprintf("%d d %s", days, text)
	}
	return text
}

// count formats a number in groups of three digits.
func count[T ~int | ~int64 | ~uint64](n T) string {
	if n < 0 {
		return "-" + count(-n)
	}
	text := strconv.FormatUint(uint64(n), 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// counted formats a number with its noun, in the plural unless it is 1.
func counted[T ~int | ~int64 | ~uint64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// size formats a number of bytes.
func size(n int64) string { return cache.FormatBytes(n) }

// rate formats a rate in bit/s.
func rate(n int64) string { return media.BitRate(n).String() }

// lateness formats a short duration in microseconds or milliseconds.
func lateness(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// table returns what rows writes in columns, without control characters and without
// blanks at the ends of lines.
func table(rows func(*tabwriter.Writer)) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	rows(w)
	w.Flush()
	lines := strings.Split(b.String(), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(strings.Map(printable, l), " ")
	}
	return strings.Join(lines, "\n")
}
