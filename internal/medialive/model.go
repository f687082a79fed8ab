package medialive

import (
	_ "embed" // The model's facts are files.
	"iter"
	"maps"
	"strconv"
	"strings"
)

// modelText has the constraints of MediaLive's model: which members are required,
// and the bounds of numbers and of the lengths of texts. The SDK does not export
// them; TestModel makes the file from its sources.
//
//go:embed model.txt
var modelText string

// defaultsText has MediaLive's defaults. The service does not publish them: they are what its
// console, its descriptions of real channels and its user guide show. A description lacks those
// that are marked as implied: Terraform's provider, whose tests ask the service, would see a
// difference to its configuration for ever.
//
//go:embed defaults.txt
var defaultsText string

// constraint is what the model says about a member.
type constraint struct {
	required  bool
	low, high *int64 // nil where there is no bound
}

// constraints returns those of the model, by "Type member".
func constraints() map[string]constraint {
	all := make(map[string]constraint)
	for key, fact := range facts(modelText) {
		c := all[key]
		if low, high, ok := strings.Cut(fact, ".."); ok {
			c.low, c.high = bound(low), bound(high)
		} else {
			c.required = true
		}
		all[key] = c
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

// defaults returns the default of each member that has one, by "Type member".
func defaults() map[string]string {
	return maps.Collect(facts(strings.ReplaceAll(defaultsText, impliedMark, "")))
}

// describedDefaults returns the defaults that a description shows.
func describedDefaults() map[string]string {
	all := defaults()
	for line := range strings.Lines(defaultsText) {
		if fact, implied := strings.CutSuffix(line, impliedMark+"\n"); implied {
			delete(all, fact[:strings.LastIndexByte(fact, ' ')])
		}
	}
	return all
}

// impliedMark marks a default that a description lacks.
const impliedMark = " implied"

// facts returns the lines of a file: "Type member", and what the file says of it.
func facts(text string) iter.Seq2[string, string] {
	return func(yield func(key, fact string) bool) {
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if i := strings.LastIndexByte(line, ' '); !yield(line[:i], line[i+1:]) {
				return
			}
		}
	}
}
