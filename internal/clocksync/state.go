package clocksync

import (
	"context"
	"encoding/csv"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// State is what keeps a machine's clock, and how well.
type State struct {
	// Source is what Read learnt it from: "chrony", "kernel", or "" if nothing knows.
	Source string `json:"source,omitempty"`
	// Synchronized says that a reference of time, over NTP or PTP, keeps the clock.
	Synchronized bool `json:"synchronized,omitempty"`
	// Offset is how far the clock is from its reference, whichever way, as last measured.
	Offset time.Duration `json:"offset,omitempty"`
	// Error is by how much Offset may be wrong.
	Error time.Duration `json:"error,omitempty"`
}

// String describes the state in words that follow "the clock ".
func (s State) String() string {
	switch {
	case s.Source == "":
		return "is not known to be kept"
	case !s.Synchronized:
		return "is not synchronized, says " + s.Source
	}
	return fmt.Sprintf("is within %v of its reference, says %s", (s.Offset + s.Error).Round(time.Microsecond), s.Source)
}

// Read returns the state of this machine's clock. It prefers chrony's word, which knows
// its sources, to the kernel's. It takes at most two seconds.
func Read(ctx context.Context) State {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "chronyc", "-c", "tracking").Output(); err == nil {
		if s, err := parseTracking(string(out)); err == nil {
			return s
		}
	}
	return readKernel()
}

// parseTracking reads the answer of `chronyc -c tracking`: reference, its name, stratum,
// time of the reference, offset of the system's time, last offset, its mean, frequency,
// its residual, skew, root delay, root dispersion, interval, leap status.
func parseTracking(text string) (State, error) {
	fields, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil {
		return State{}, err
	}
	if len(fields) < 14 {
		return State{}, fmt.Errorf("chronyc says %q: it has %d fields, want 14", text, len(fields))
	}
	s := State{Source: "chrony"}
	// 127.127.1.1 is chrony's own clock, which serves others and has no reference.
	s.Synchronized = fields[13] != "Not synchronised" && fields[0] != "7F7F0101"
	for _, part := range []struct {
		field int
		to    *time.Duration
		share float64
	}{{4, &s.Offset, 1}, {10, &s.Error, 0.5}, {11, &s.Error, 1}} {
		seconds, err := strconv.ParseFloat(fields[part.field], 64)
		if err != nil || seconds != seconds || seconds < -1e9 || seconds > 1e9 {
			return State{}, fmt.Errorf("chronyc says %q: field %d is no number of seconds", text, part.field+1)
		}
		*part.to += time.Duration(seconds * part.share * float64(time.Second)).Abs()
	}
	return s, nil
}
