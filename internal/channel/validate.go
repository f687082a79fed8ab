package channel

import (
	"time"
	"unicode/utf8"

	"github.com/lilo-live/lilo/internal/fault"
)

// Bounds of the pacing. Below the first a train is less than a datagram at
// most rates; above the second a receiver's buffer has little hope.
const (
	MinPacing = time.Millisecond
	MaxPacing = time.Second
)

// Validate reports the first setting that cannot be meant so, by its key.
// Faults are of kind Usage.
func (s Spec) Validate() error {
	checks := []struct {
		key string
		err error
	}{
		{"name", checkName(s.Name)},
		{"to", checkTo(s.To)},
		{"muxrate", checkMuxRate(s.MuxRate)},
		{"epoch", checkEpoch(s.Epoch)},
		{"pacing", checkPacing(s.Pacing)},
		{"for", checkFor(s.For)},
		{"encode", checkEncode(s.Encode)},
		{"m2ts", s.M2TS.check()},
		{"aws", s.AWS.check()},
	}
	for _, c := range checks {
		if c.err != nil {
			return fault.New(fault.Usage, "%s: %w", c.key, c.err)
		}
	}
	return nil
}

func checkName(name string) error {
	switch {
	case len(name) > MaxName:
		return fault.New(fault.Usage, "a name has at most %d bytes, not %d", MaxName, len(name))
	case !utf8.ValidString(name) || printable(name) != name:
		return fault.New(fault.Usage, "%q holds characters that cannot be shown", name)
	}
	return nil
}

// checkTo refuses the same address twice: its receiver would see every packet
// twice, which is an error of the stream.
func checkTo(to []Destination) error {
	seen := make(map[string]bool, len(to))
	for _, d := range to {
		if d.Packets < 1 || d.Packets > MaxPackets || d.Port < 1 || d.Host == "" {
			return fault.New(fault.Usage, "%q is incomplete", d)
		}
		if seen[d.Address()] {
			return fault.New(fault.Usage, "%s is given twice", d.Address())
		}
		seen[d.Address()] = true
	}
	return nil
}

func checkMuxRate(rate int64) error {
	if rate == 0 {
		return nil
	}
	_, err := checkRate(rate)
	return err
}

func checkPacing(d time.Duration) error {
	if d < MinPacing || d > MaxPacing {
		return fault.New(fault.Usage, "it is %s to %s, not %s", MinPacing, MaxPacing, d)
	}
	return nil
}

func checkFor(d time.Duration) error {
	if d < 0 {
		return fault.New(fault.Usage, "%s is negative", d)
	}
	return nil
}

func checkEncode(e *Encode) error {
	if e == nil {
		return nil
	}
	return e.check()
}
