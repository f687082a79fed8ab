package medialive

import (
	_ "embed" // The model's facts are a file.
	"strconv"
	"strings"
)

// modelText has the constraints of MediaLive's model: which members are required,
// and the bounds of numbers and of the lengths of texts. The SDK does not export
// them; TestModel makes the file from its sources.
//
//go:embed model.txt
var modelText string

// constraint is what the model says about a member.
type constraint struct {
	required  bool
	low, high *int64 // nil where there is no bound
}

// constraints returns those of the model, by "Type member".
func constraints() map[string]constraint {
	all := make(map[string]constraint)
	for line := range strings.Lines(modelText) {
		fields := strings.Fields(line)
		key := fields[0] + " " + fields[1]
		d := all[key]
		if low, high, ok := strings.Cut(fields[2], ".."); ok {
			d.low, d.high = bound(low), bound(high)
		} else {
			d.required = true
		}
		all[key] = d
	}
	return all
}

func bound(text string) *int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}
