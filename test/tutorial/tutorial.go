// Package tutorial turns the tutorials of the documentation into shell scripts,
// so that tests run the very commands that people copy.
//
// A tutorial's commands are its sh blocks. A comment before a block changes what
// becomes of it: "<!-- background -->" starts it and goes on, "<!-- not run: WHY -->"
// leaves it out. A text block after it shows lines of its output, in which "…"
// stands for anything.
package tutorial

import (
	"fmt"
	"regexp"
	"strings"
)

// Step is one block of commands.
type Step struct {
	Commands   string
	Background bool
	// Output holds the lines that the output must contain, in order.
	Output []string
}

// fence matches a block of Markdown and the comment before it.
var fence = regexp.MustCompile("(?ms)(?:^<!-- ([^\n]*) -->\n\n)?^```(sh|text)\n(.*?)^```$")

// mark is printed before each step.
const mark = "== step %d ==\n"

// Parse returns the steps of a tutorial in Markdown that are to be run.
func Parse(markdown string) []Step {
	var steps []Step
	skipped := false
	for _, m := range fence.FindAllStringSubmatch(markdown, -1) {
		note, kind, body := m[1], m[2], m[3]
		if kind == "text" {
			if n := len(steps); n > 0 && !skipped {
				steps[n-1].Output = strings.Split(strings.TrimSpace(body), "\n")
			}
			continue
		}
		if skipped = strings.HasPrefix(note, "not run"); skipped {
			continue
		}
		steps = append(steps, Step{Commands: body, Background: strings.HasPrefix(note, "background")})
	}
	return steps
}

// Script returns a bash script that runs the steps and stops at the first that
// fails. Check reads what it prints.
func Script(steps []Step) string {
	var b strings.Builder
	b.WriteString("set -euo pipefail\n")
	for i, s := range steps {
		fmt.Fprintf(&b, "printf %q\n", fmt.Sprintf(mark, i))
		if !s.Background {
			b.WriteString(s.Commands)
			continue
		}
		fmt.Fprintf(&b, "{\n%s} >background-%d.log 2>&1 &\n", s.Commands, i)
		if len(s.Output) > 0 {
			fmt.Fprintf(&b, "for i in $(seq 100); do test $(wc -l <background-%d.log) -ge %d && break; sleep 0.1; done\ncat background-%[1]d.log\n",
				i, len(s.Output))
		}
	}
	return b.String()
}

// Check returns an error for the first step whose output in what the script
// printed is not as the tutorial shows it.
func Check(steps []Step, printed string) error {
	for i, s := range steps {
		_, rest, ok := strings.Cut(printed, fmt.Sprintf(mark, i))
		if !ok {
			return fmt.Errorf("step %d was not reached: %s", i, s.Commands)
		}
		output, _, _ := strings.Cut(rest, fmt.Sprintf(mark, i+1))
		var pattern strings.Builder
		pattern.WriteString("(?s)")
		for _, line := range s.Output {
			pattern.WriteString(".*" + strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(line)), "…", ".*"))
		}
		if !regexp.MustCompile(pattern.String()).MatchString(output) {
			return fmt.Errorf("step %d printed\n%s\nwhere the tutorial shows\n%s\nfor\n%s", i, output, strings.Join(s.Output, "\n"), s.Commands)
		}
	}
	return nil
}
