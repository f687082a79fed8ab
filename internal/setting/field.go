package setting

import (
	"reflect"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/fault"
)

// Field is one setting of an S.
type Field[S any] struct {
	Row
	form

	set   func(*S, []string) error
	get   func(*S) []string
	wire  func(*S) string // nil: as get
	check func(*S) error
	node  func(*S, *yaml.Node) error // nil: the scalars of the node are set
	part  func(*S) *yaml.Node        // nil: what get returns is written
}

// Row is what a table says about a setting.
type Row struct {
	// Key names the setting in YAML. Flag and Variable derive from it.
	Key string
	// Usage says in one line what the setting is for.
	Usage string
	// Default is what holds when the setting is left out: a value, or words.
	Default string
	// OnAWS is the default on MediaLive where that differs.
	OnAWS string
	// Local says that MediaLive has nothing like it.
	Local bool
	// Example is a value to show where Default is in words.
	Example string
	// MediaLive is the path of the member that holds the setting in MediaLive's
	// document, below the structure of the table; empty where it is Key.
	MediaLive string
}

// form is how the values of a setting are written.
type form struct {
	// Value names a value in a help text: "URL", "RATE". A switch has none.
	Value string
	// Values says what can be written: "1 to 8", "AAC, AC3, MP2".
	Values string
	// List says that the setting takes several values.
	List bool
	// Schema describes what can be written in YAML.
	Schema Schema

	words bool                                    // several values are words of one
	block func(b *strings.Builder, indent string) // writes the settings below it; nil: there are none
}

// Of returns a setting that the field holds.
func Of[S, T any](row Row, k Kind[T], field func(*S) *T) Field[S] {
	given := func(s *S) bool { return k.Zero || !reflect.ValueOf(field(s)).Elem().IsZero() }
	f := Field[S]{
		Row: row, form: form{Value: k.Value, Values: k.Values, Schema: k.Schema},
		set: func(s *S, values []string) error {
			v, err := k.read(values[0])
			if err == nil {
				*field(s) = v
			}
			return err
		},
		get: func(s *S) []string {
			if !given(s) {
				return nil
			}
			return []string{k.Format(*field(s))}
		},
		check: func(s *S) error {
			if !given(s) || k.Check == nil {
				return nil
			}
			return k.Check(*field(s))
		},
	}
	if k.Wire != nil {
		f.wire = func(s *S) string {
			if !given(s) {
				return ""
			}
			return k.Wire(*field(s))
		}
	}
	return f
}

// ListOf returns a setting that takes several values, which the field holds. The
// function all, if it is not nil, checks them together.
func ListOf[S, T any](row Row, k Kind[T], all func([]T) error, field func(*S) *[]T) Field[S] {
	list := Schema{"anyOf": []Schema{k.Schema, {"type": "array", "items": k.Schema, "minItems": 1}}}
	check := func(s *S) error {
		if all == nil {
			return nil
		}
		return all(*field(s))
	}
	return Field[S]{
		Row: row, form: form{Value: k.Value, Values: k.Values, List: true, Schema: list},
		set: func(s *S, values []string) error {
			list := make([]T, len(values))
			for i, text := range values {
				v, err := k.read(text)
				if err != nil {
					return err
				}
				list[i] = v
			}
			*field(s) = list
			return check(s)
		},
		get: func(s *S) []string {
			var texts []string
			for _, v := range *field(s) {
				texts = append(texts, k.Format(v))
			}
			return texts
		},
		check: check,
	}
}

// Alias returns a setting that is only read: others write what it sets.
func Alias[S any](row Row, values string, schema Schema, set func(*S, string) error) Field[S] {
	return Field[S]{
		Row: row, form: form{Value: "TEXT", Values: values, Schema: schema},
		set:   func(s *S, values []string) error { return set(s, values[0]) },
		get:   func(*S) []string { return nil },
		check: func(*S) error { return nil },
	}
}

// Within returns the fields of a part of P as fields of P, their keys behind a prefix.
func Within[P, S any](prefix string, part func(*P) *S, fields []Field[S]) []Field[P] {
	all := make([]Field[P], len(fields))
	for i, f := range fields {
		all[i] = Field[P]{
			Row: f.Row, form: f.form,
			set:   func(p *P, values []string) error { return f.set(part(p), values) },
			get:   func(p *P) []string { return f.get(part(p)) },
			wire:  func(p *P) string { return f.Wire(part(p)) },
			check: func(p *P) error { return f.check(part(p)) },
		}
		all[i].Key = prefix + f.Key
		if f.node != nil {
			all[i].node = func(p *P, n *yaml.Node) error { return f.node(part(p), n) }
		}
	}
	return all
}

// Set reads the values of the setting, one unless it is a list. The error does
// not name the key.
func (f Field[S]) Set(s *S, values ...string) error {
	if len(values) != 1 && !f.List && !f.words {
		return fault.New(fault.Usage, "it takes one value, not %d", len(values))
	}
	return f.set(s, values)
}

// Get returns the values as Set reads them, nil where the setting is left out.
func (f Field[S]) Get(s *S) []string { return f.get(s) }

// Wire returns the value as MediaLive writes it, "" where it is left out.
func (f Field[S]) Wire(s *S) string {
	if f.wire != nil {
		return f.wire(s)
	}
	return strings.Join(f.get(s), ",")
}

// Member returns the path of the setting in MediaLive's document.
func (f Field[S]) Member() string {
	if f.MediaLive != "" {
		return f.MediaLive
	}
	return f.Key
}

// IsSwitch reports whether the setting is true or false, so that its flag needs no value.
func (f Field[S]) IsSwitch() bool { return f.Value == "" }

// Flag returns the name of the flag: auto-start for autoStart.
func (f Field[S]) Flag() string { return f.join("-", unicode.ToLower) }

// Variable returns the name of the environment variable: LILO_AUTO_START for autoStart.
func (f Field[S]) Variable() string { return "LILO_" + f.join("_", unicode.ToUpper) }

// join writes the words of the key in that case, with a separator between them.
func (f Field[S]) join(separator string, letter func(rune) rune) string {
	var b strings.Builder
	for _, r := range f.Key {
		if unicode.IsUpper(r) {
			b.WriteString(separator)
		}
		b.WriteRune(letter(r))
	}
	return b.String()
}

// Find returns the field of that key.
func Find[S any](fields []Field[S], key string) (Field[S], error) {
	if i := slices.IndexFunc(fields, func(f Field[S]) bool { return f.Key == key }); i >= 0 {
		return fields[i], nil
	}
	return Field[S]{}, unknown(key, Keys(fields))
}

func unknown(key string, known []string) error {
	return fault.New(fault.Usage, "%q is not known (%s are)", key, strings.Join(known, ", "))
}

// Keys returns the keys in the order of the table.
func Keys[S any](fields []Field[S]) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.Key
	}
	return keys
}

// Check reports the first setting whose value is out of bounds, by its key.
func Check[S any](fields []Field[S], s *S) error {
	for _, f := range fields {
		if err := f.check(s); err != nil {
			return fault.New(fault.Usage, "%s: %w", f.Key, err)
		}
	}
	return nil
}

// ReadEnv sets what the environment says. An empty variable is ignored; the
// values of a list are separated by spaces.
func ReadEnv[S any](fields []Field[S], s *S, get func(string) string) error {
	return ReadTexts(fields, s, func(f Field[S]) (name, text string) { return f.Variable(), get(f.Variable()) })
}

// ReadTexts sets each field to the text that get returns for it, if any. Errors
// begin with the name that get returns.
func ReadTexts[S any](fields []Field[S], s *S, get func(Field[S]) (name, text string)) error {
	for _, f := range fields {
		name, text := get(f)
		if text == "" {
			continue
		}
		values := []string{text}
		if f.List {
			values = strings.Fields(text)
		}
		if err := f.Set(s, values...); err != nil {
			return fault.New(fault.Usage, "%s: %w", name, err)
		}
	}
	return nil
}
