package channel

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// Bounds of a mux rate in bit/s. Below the first, tables and PCRs alone fill the
// stream, and a unit was probably forgotten; the second is above every level of
// the codings that a transport stream carries.
const (
	MinMuxRate = 20_000
	MaxMuxRate = 1_000_000_000
)

// muxRate is a rate in bit/s, or auto for the smallest possible.
func muxRate() setting.Kind[int64] {
	return setting.Kind[int64]{
		Value: "RATE", Values: FormatRate(MinMuxRate) + " to " + FormatRate(MaxMuxRate) + ", or auto",
		Schema: setting.Schema{"anyOf": []setting.Schema{
			{"type": "integer", "minimum": MinMuxRate, "maximum": MaxMuxRate},
			{"type": "string", "pattern": `^([0-9]*\.?[0-9]+[kM]?|auto)$`},
		}},
		Parse: ParseRate, Format: FormatRate, Check: checkRate,
		Wire: func(rate int64) string { return strconv.FormatInt(rate, 10) },
	}
}

// ParseRate reads a rate in bit/s: "6000000", "6000k", "6M", "6.5M". "auto" is
// 0. Faults are of kind Usage.
func ParseRate(text string) (int64, error) {
	if text == "auto" {
		return 0, nil
	}
	digits, unit := text, int64(1)
	switch {
	case strings.HasSuffix(text, "M"):
		digits, unit = text[:len(text)-1], 1_000_000
	case strings.HasSuffix(text, "k"):
		digits, unit = text[:len(text)-1], 1_000
	}
	exact, ok := decimal(digits)
	if !ok {
		return 0, fault.New(fault.Usage, "%q is not a rate: write 6M, 6.5M, 6500k, 6500000 or auto", text)
	}
	exact.Mul(exact, new(big.Rat).SetInt64(unit))
	if !exact.IsInt() {
		return 0, fault.New(fault.Usage, "%q is not a whole number of bit/s", text)
	}
	if !exact.Num().IsInt64() {
		return 0, fault.New(fault.Usage, "%q is above %s", text, FormatRate(MaxMuxRate))
	}
	if exact.Sign() == 0 {
		return 0, fault.New(fault.Usage, "a rate of 0 carries nothing: write auto for the smallest possible")
	}
	return exact.Num().Int64(), checkRate(exact.Num().Int64())
}

// decimal reads a decimal number without a sign or an exponent.
func decimal(text string) (*big.Rat, bool) {
	if text == "" || len(text) > 30 || strings.Trim(text, "0123456789.") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func checkRate(rate int64) error {
	switch {
	case rate == 0:
		return nil
	case rate < MinMuxRate:
		return fault.New(fault.Usage, "%d bit/s is below %s: was a unit forgotten (6M)?", rate, FormatRate(MinMuxRate))
	case rate > MaxMuxRate:
		return fault.New(fault.Usage, "%s is above %s", FormatRate(rate), FormatRate(MaxMuxRate))
	}
	return nil
}

// FormatRate returns the rate as ParseRate reads it, in the largest unit that is exact.
func FormatRate(rate int64) string {
	switch {
	case rate == 0:
		return "auto"
	case rate%1_000_000 == 0:
		return fmt.Sprintf("%dM", rate/1_000_000)
	case rate%1_000 == 0:
		return fmt.Sprintf("%dk", rate/1_000)
	}
	return fmt.Sprint(rate)
}
