package setting

import (
	"cmp"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Init returns a configuration file with every setting commented out: its help,
// and its default or an example. It begins with the schema, for editors, and the
// lines of head.
func Init[S any](schema, head string, fields []Field[S]) string {
	var b strings.Builder
	b.WriteString("# yaml-language-server: $schema=" + schema + "\n\n")
	for line := range strings.Lines(head) {
		b.WriteString("# " + line)
	}
	for _, f := range fields {
		fmt.Fprintf(&b, "\n\n# %s\n", f.Help())
		f.sample(&b, "#")
	}
	b.WriteString("\n")
	return b.String()
}

// Help returns what the setting is for and what holds when it is left out.
func (f Field[S]) Help() string {
	if f.Default == "" {
		return f.Usage
	}
	return f.Usage + " (default " + f.Default + ")"
}

// Shown returns a value of the setting: an example, or the default.
func (f Field[S]) Shown() string { return cmp.Or(f.Example, f.Default) }

// sample writes the setting, or the block that it is.
func (f Field[S]) sample(b *strings.Builder, indent string) {
	if f.block != nil {
		b.WriteString(indent + f.Key + ":")
		f.block(b, indent+"  ")
		return
	}
	text, err := yaml.Marshal(scalarOf(f.Shown()))
	if err != nil {
		text = []byte(f.Shown())
	}
	fmt.Fprintf(b, "%s%s: %s", indent, f.Key, strings.TrimSpace(string(text)))
}

// samples writes the settings of a block, each followed by its help.
func samples[S any](b *strings.Builder, indent string, fields []Field[S]) {
	for _, f := range fields {
		if f.block != nil {
			fmt.Fprintf(b, "\n%s# %s", indent, f.Help())
		}
		b.WriteString("\n")
		f.sample(b, indent)
		if f.block == nil {
			b.WriteString("  # " + f.Help())
		}
	}
}

func (g Group[S]) samples(b *strings.Builder, indent string) {
	parts := g.parts()
	if len(parts) == 0 {
		samples(b, indent, g.Fields)
		return
	}
	fmt.Fprintf(b, "\n%spreset: %s  # settings to start from: %s", indent, g.Presets[0], strings.Join(g.Presets, ", "))
	for _, part := range parts {
		fmt.Fprintf(b, "\n%s%s:", indent, part)
		samples(b, indent+"  ", g.below(part))
	}
}
