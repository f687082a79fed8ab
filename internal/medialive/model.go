package medialive

import (
	_ "embed" // The model's facts are a file.
	"strconv"
	"strings"
)

// modelText says what MediaLive's model demands of members: that they are
// there, and the bounds of numbers and of the lengths of texts. The SDK keeps
// to itself what it knows of it; TestModel makes this from its sources.
//
//go:embed model.txt
var modelText string

// demand is what the model demands of a member.
type demand struct {
	required  bool
	low, high *int64 // nil where there is no bound
}

// demands returns those of the model, by "Type member".
func demands() map[string]demand {
	all := make(map[string]demand)
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
