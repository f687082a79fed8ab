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
	in func(*S) value
}

// value is the setting of one S. A function that is nil has nothing to do.
type value struct {
	set   func(texts []string) error
	get   func() []string // as set reads it, nil where it is left out
	check func() error
	wire  func() string            // nil: what get returns
	read  func(n *yaml.Node) error // nil: the texts of the node are set
	write func() *yaml.Node        // nil: what get returns is written
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
	// Schema returns what can be written in YAML. Only those who ask for it pay for it:
	// the tables are made anew at every start.
	Schema func() Schema

	complete func(text string) []string // nil: to the words of the schema

	words bool                                    // several values are words of one
	block func(b *strings.Builder, indent string) // writes the settings below it; nil: there are none
}

// Of returns a setting that the field holds.
func Of[S, T any](row Row, k Kind[T], field func(*S) *T) Field[S] {
	return Field[S]{row, form{Value: k.Value, Values: k.Values, Schema: k.Schema.itself}, func(s *S) value {
		at, given := field(s), []T(nil)
		if k.Zero || !reflect.ValueOf(at).Elem().IsZero() {
			given = []T{*at}
		}
		return valueOf(k, given, nil, func(v []T) { *at = v[0] })
	}}
}

// ListOf returns a setting that takes several values, which the field holds. The
// function all, if it is not nil, checks them together.
func ListOf[S, T any](row Row, k Kind[T], all func([]T) error, field func(*S) *[]T) Field[S] {
	schema := func() Schema {
		return Schema{"anyOf": []Schema{k.Schema, {"type": "array", "items": k.Schema, "minItems": 1}}}
	}
	return Field[S]{row, form{Value: k.Value, Values: k.Values, List: true, Schema: schema}, func(s *S) value {
		at := field(s)
		return valueOf(k, *at, all, func(v []T) { *at = v })
	}}
}

// valueOf returns a setting of values of a kind, of which some are given.
func valueOf[T any](k Kind[T], given []T, all func([]T) error, store func([]T)) value {
	check := func(list []T) error {
		for _, v := range list {
			if k.Check == nil {
				break
			}
			if err := k.Check(v); err != nil {
				return err
			}
		}
		if all == nil {
			return nil
		}
		return all(list)
	}
	written := func(format func(T) string) []string {
		var texts []string
		for _, v := range given {
			texts = append(texts, format(v))
		}
		return texts
	}
	if k.Wire == nil {
		k.Wire = k.Format
	}
	return value{
		set: func(texts []string) error {
			if k.Separator != "" {
				texts = strings.Split(strings.Join(texts, k.Separator), k.Separator)
			}
			list := make([]T, len(texts))
			for i, text := range texts {
				v, err := k.Parse(text)
				if err != nil {
					return err
				}
				list[i] = v
			}
			err := check(list)
			if err == nil {
				store(list)
			}
			return err
		},
		get:   func() []string { return written(k.Format) },
		check: func() error { return check(given) },
		wire:  func() string { return strings.Join(written(k.Wire), ",") },
	}
}

// Alias returns a setting that is only read: others write what it sets.
func Alias[S any](row Row, values string, schema Schema, set func(*S, string) error) Field[S] {
	return Field[S]{row, form{Value: "TEXT", Values: values, Schema: schema.itself}, func(s *S) value {
		return value{set: func(texts []string) error { return set(s, texts[0]) }}
	}}
}

// Prefixed returns the fields of a part of P as fields of P, their keys behind a prefix.
func Prefixed[P, S any](prefix string, part func(*P) *S, fields []Field[S]) []Field[P] {
	all := make([]Field[P], len(fields))
	for i, f := range fields {
		all[i] = Field[P]{f.Row, f.form, func(p *P) value { return f.in(part(p)) }}
		all[i].Key = prefix + f.Key
	}
	return all
}

// Set reads the values of the setting, one unless it is a list. The error does
// not name the key.
func (f Field[S]) Set(s *S, values ...string) error {
	if len(values) != 1 && !f.List && !f.words {
		return fault.New(fault.Usage, "it takes one value, not %d", len(values))
	}
	if v := f.in(s); v.set != nil {
		return v.set(values)
	}
	return errBlock
}

// Get returns the values as Set reads them, nil where the setting is left out.
func (f Field[S]) Get(s *S) []string {
	if v := f.in(s); v.get != nil {
		return v.get()
	}
	return nil
}

// Wire returns the value as MediaLive writes it, "" where it is left out.
func (f Field[S]) Wire(s *S) string {
	if v := f.in(s); v.wire != nil {
		return v.wire()
	}
	return strings.Join(f.Get(s), ",")
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
		switch {
		case r == '-':
			b.WriteString(separator)
			continue
		case unicode.IsUpper(r):
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
	return fault.New(fault.Usage, "%q is not known%s", key, DidYouMean(key, known, " ("+strings.Join(known, ", ")+" are)"))
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
		v := f.in(s)
		if v.check == nil {
			continue
		}
		if err := v.check(); err != nil {
			return fault.New(fault.Usage, "%s: %w", f.Key, err)
		}
	}
	return nil
}

// ReadEnv sets what the environment says. An empty variable is ignored; the
// values of a list are separated by spaces.
func ReadEnv[S any](fields []Field[S], s *S, get func(string) string) error {
	return ReadTexts(fields, s, func(f Field[S]) (name, text string) {
		return f.Variable(), get(f.Variable())
	})
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
