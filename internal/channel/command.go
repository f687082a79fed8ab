package channel

import (
	"cmp"
	"strings"

	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/setting"
)

// DeployCommand returns the command line that deploys the channel on AWS: what
// differs from the defaults, quoted for a POSIX shell.
func (s Spec) DeployCommand() string {
	words := []string{"lilo", "deploy"}
	if s.Source != "" {
		words = append(words, Quote(s.Source))
	}
	defaults := Default()
	defaults.Name = nameOf(s.Source)
	s.AWS = s.AWS.Filled()
	for _, f := range AllSettings() {
		values := f.Get(&s)
		switch {
		case f.Local || f.Key == "source" || strings.Join(values, " ") == strings.Join(f.Get(&defaults), " "):
			continue
		case f.Key == "m2ts":
			values = beyondMediaLive(s.M2TS)
		}
		for _, text := range values {
			switch {
			case !f.IsSwitch():
				words = append(words, "--"+f.Flag(), Quote(text))
			case text == "true":
				words = append(words, "--"+f.Flag())
			default:
				words = append(words, "--"+f.Flag()+"="+text)
			}
		}
	}
	return strings.Join(words, " ")
}

// beyondMediaLive returns the settings that differ from MediaLive's defaults: a
// layout that was read from its document has them all.
func beyondMediaLive(l m2ts.Layout) []string {
	text := setting.Join(m2ts.Fields(), l, func(f setting.Field[m2ts.Layout], text string) bool {
		return text != cmp.Or(f.OnAWS, f.Default)
	})
	if text == "" {
		return nil
	}
	return []string{text}
}

// Quote returns the text as one word of a POSIX shell.
func Quote(text string) string {
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func special(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune("@%_+=:,./-", r)
}
