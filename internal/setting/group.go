package setting

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/fault"
)

// Group is a table as one setting: key=value,key=value on a command line, a
// block of the same keys in YAML. In YAML, the part of a key before a dot is a
// block: video.codec is codec in video.
type Group[S any] struct {
	Fields []Field[S]
	// Base returns what the keys are set on; nil: what is there already.
	Base func() S
	// None is the word that leaves the whole group out again, if there is one.
	None string
	// Presets are names that may come first, and are the values of preset in YAML;
	// Named returns the values of one. Aliases are other names that it knows.
	Presets, Aliases []string
	Named            func(name string) (S, bool)
	// Implied is the prefix that keys may go without.
	Implied string
	// Follow lets settings that were not given follow from those that were.
	Follow func(s *S, given map[string]bool)
	// Check reports settings that are out of bounds or do not fit one another.
	Check func(S) error
	// Format writes a value; nil writes all that are set.
	Format func(S) string
}

// InGroup returns a group of settings that the field holds.
func InGroup[P, S any](row Row, g Group[S], field func(*P) *S) Field[P] {
	return Field[P]{row, g.form(), func(p *P) value {
		at := field(p)
		return g.value(at, func(s *S) { *at = *s })
	}}
}

// InOptional returns a group of settings that the field holds, nil where it is left out.
func InOptional[P, S any](row Row, g Group[S], field func(*P) **S) Field[P] {
	return Field[P]{row, g.form(), func(p *P) value {
		at := field(p)
		return g.value(*at, func(s *S) { *at = s })
	}}
}

func (g Group[S]) form() form {
	return form{Value: "HOW", Values: "key=value,…", Schema: g.schema, complete: g.completions, words: true, block: g.samples}
}

// value returns the group that is now set, nil for none.
func (g Group[S]) value(now *S, store func(*S)) value {
	set := func(words []word) error {
		var s S
		if g.Base != nil {
			s = g.Base()
		} else if now != nil {
			s = *now
		}
		err := g.apply(&s, words)
		if err == nil {
			store(&s)
		}
		return err
	}
	v := value{
		set: func(texts []string) error {
			if g.None != "" && texts[0] == g.None {
				store(nil)
				return nil
			}
			return set(g.split(texts))
		},
		read: func(n *yaml.Node) error {
			words, err := g.words(n)
			if err != nil {
				return err
			}
			return set(words)
		},
	}
	if now != nil {
		v.get = func() []string {
			if text := g.String(*now); text != "" {
				return []string{text}
			}
			return nil
		}
		v.check = func() error { return g.check(*now) }
	}
	return v
}

func (g Group[S]) check(s S) error {
	if g.Check == nil {
		return nil
	}
	return g.Check(s)
}

// words returns the lines of a block.
func (g Group[S]) words(block *yaml.Node) ([]word, error) {
	var all []word
	parts := g.parts()
	err := eachLine(block, func(key, value *yaml.Node) error {
		switch {
		case len(parts) == 0:
			w, err := wordOf(key.Value, value)
			all = append(all, w)
			return err
		case key.Value == "preset":
			w, err := wordOf("", value)
			all = slices.Insert(all, 0, w) // It is what the others change.
			return err
		case !slices.Contains(parts, key.Value):
			return at(key, unknown(key.Value, append([]string{"preset"}, parts...)))
		}
		return within(key.Value, value, eachLine(value, func(inner, value *yaml.Node) error {
			w, err := wordOf(key.Value+"."+inner.Value, value)
			all = append(all, w)
			return err
		}))
	})
	if err == nil && len(all) == 0 && g.Named == nil {
		err = fault.New(fault.Usage, "it is empty: leave it out")
	}
	return all, err
}

func wordOf(key string, value *yaml.Node) (word, error) {
	texts, err := scalars(value)
	return word{key, strings.Join(texts, ","), value}, within(key, value, err)
}

// parts returns the blocks of the keys that have a dot.
func (g Group[S]) parts() []string {
	var all []string
	for _, f := range g.Fields {
		if part, _, ok := strings.Cut(f.Key, "."); ok && !slices.Contains(all, part) {
			all = append(all, part)
		}
	}
	return all
}

// word is a setting as it is written: a key with its value, or a preset without a key.
type word struct {
	key, text string
	at        *yaml.Node // where it stands, nil on a command line
}

// split cuts key=value,key=value into words. Where there are no presets, what
// has no = goes on with the value before it: audioPids=482,490.
func (g Group[S]) split(values []string) []word {
	var all []word
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			key, text, ok := strings.Cut(part, "=")
			switch {
			case ok && key != "":
				all = append(all, word{key: key, text: text})
			case len(all) > 0 && g.Named == nil:
				all[len(all)-1].text += "," + part
			default:
				all = append(all, word{text: part})
			}
		}
	}
	return all
}

// apply sets word after word, no key twice.
func (g Group[S]) apply(s *S, words []word) error {
	given := make(map[string]bool)
	for i, w := range words {
		err := g.setWord(s, w, i == 0, given)
		if err != nil && w.at != nil {
			err = at(w.at, err)
		}
		if err != nil {
			return err
		}
	}
	if g.Follow != nil {
		g.Follow(s, given)
	}
	return g.check(*s)
}

func (g Group[S]) setWord(s *S, w word, first bool, given map[string]bool) error {
	if w.key == "" {
		return g.preset(s, w.text, first)
	}
	f, err := g.find(w.key)
	if err != nil {
		return err
	}
	if given[f.Key] {
		return fault.New(fault.Usage, "%s is given twice", f.Key)
	}
	given[f.Key] = true
	if err := f.Set(s, w.text); err != nil {
		return fault.New(fault.Usage, "%s: %w", w.key, err)
	}
	return nil
}

func (g Group[S]) preset(s *S, name string, first bool) error {
	if g.Named == nil {
		return fault.New(fault.Usage, "%q: settings are written key=value", name)
	}
	if !first {
		return fault.New(fault.Usage, "%q: a preset comes first, and settings follow it as key=value", name)
	}
	preset, ok := g.Named(name)
	if !ok {
		known := DidYouMean(name, slices.Concat(g.Presets, g.Aliases), " ("+strings.Join(g.Presets, ", ")+" are), and settings are key=value")
		return fault.New(fault.Usage, "%q is no preset%s", name, known)
	}
	*s = preset
	return nil
}

// find returns the field of a key, with or without the implied prefix.
func (g Group[S]) find(key string) (Field[S], error) {
	if i := slices.IndexFunc(g.Fields, func(f Field[S]) bool { return f.Key == key || f.Key == g.Implied+key }); i >= 0 {
		return g.Fields[i], nil
	}
	known := Keys(g.Fields)
	for i := range known {
		known[i] = strings.TrimPrefix(known[i], g.Implied)
	}
	return Field[S]{}, unknown(key, known)
}

// String writes the settings as a command line has them.
func (g Group[S]) String(s S) string {
	if g.Format != nil {
		return g.Format(s)
	}
	return Join(g.Fields, s, func(Field[S], string) bool { return true })
}

// Join writes key=value,key=value for the settings that are set and kept.
func Join[S any](fields []Field[S], s S, keep func(f Field[S], text string) bool) string {
	var words []string
	for _, f := range fields {
		if text := strings.Join(f.Get(&s), ","); text != "" && keep(f, text) {
			words = append(words, f.Key+"="+text)
		}
	}
	return strings.Join(words, ",")
}

// below returns the fields of a part, their keys without it.
func (g Group[S]) below(part string) []Field[S] {
	var all []Field[S]
	for _, f := range g.Fields {
		if rest, ok := strings.CutPrefix(f.Key, part+"."); ok {
			f.Key = rest
			all = append(all, f)
		}
	}
	return all
}
