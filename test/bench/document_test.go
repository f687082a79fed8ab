//go:build bench && linux

package bench

import (
	"os"
	"slices"
	"strings"
)

const goalsTitle = "Goals"

// write writes the document. After a run of parts, the other goals and sections stay as they are.
func (r *report) write(file string) error {
	var all []section
	if r.bench.parts != "" {
		old, _ := os.ReadFile(file) // There may be none.
		all = sectionsOf(string(old))
	}
	goals := mergeGoals(all, r.goals())
	for _, s := range append([]section{{goalsTitle, markdown(goals)}}, r.sections()...) {
		i := slices.IndexFunc(all, func(o section) bool { return o.title == s.title })
		if i < 0 {
			all = append(all, s)
			continue
		}
		all[i] = s
	}
	var b strings.Builder
	b.WriteString(r.intro())
	for _, s := range all {
		b.WriteString("\n## " + s.title + "\n\n" + strings.TrimSpace(s.body) + "\n")
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

// sectionsOf returns the sections of a document.
func sectionsOf(text string) (all []section) {
	for _, part := range strings.Split("\n"+text, "\n## ")[1:] {
		title, body, _ := strings.Cut(part, "\n")
		all = append(all, section{title, body})
	}
	return all
}

// mergeGoals returns the table of goals: the old lines with the new ones in their places.
func mergeGoals(all []section, lines [][]string) [][]string {
	table := [][]string{{"what", "goal", "measured", "result"}}
	for _, s := range all {
		if s.title != goalsTitle {
			continue
		}
		rows := strings.Split(strings.TrimSpace(s.body), "\n")
		for _, line := range rows[min(2, len(rows)):] {
			cells := strings.Split(strings.Trim(line, "| "), " | ")
			table = append(table, cells)
		}
	}
	for _, line := range lines {
		i := slices.IndexFunc(table, func(old []string) bool { return old[0] == line[0] })
		if i < 0 {
			table = append(table, line)
			continue
		}
		table[i] = line
	}
	return table
}
