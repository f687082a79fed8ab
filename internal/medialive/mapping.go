package medialive

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/setting"
)

// put copies settings to the members of an SDK structure that carry them.
// Settings that are left out, or that the structure has no member for, are
// skipped.
func put[S any](to any, fields []setting.Field[S], s *S) {
	for _, f := range fields {
		text := f.Wire(s)
		m := memberAt(reflect.ValueOf(to), f.Member())
		if text == "" || !m.IsValid() {
			continue
		}
		if m.Kind() == reflect.Pointer {
			m.Set(reflect.New(m.Type().Elem()))
			m = m.Elem()
		}
		switch number, _ := strconv.ParseFloat(text, 64); {
		case m.CanInt():
			m.SetInt(int64(number))
		case m.CanFloat():
			m.SetFloat(number)
		default:
			m.SetString(text)
		}
	}
}

// take copies the members of an SDK structure to settings. A value that the
// setting does not take leaves it as it is, and is noted.
func take[S any](at place, from any, fields []setting.Field[S], s *S) {
	for _, f := range fields {
		m := memberAt(reflect.ValueOf(from), f.Member())
		if !m.IsValid() {
			continue
		}
		text := textOf(m)
		if text == "0" && strings.HasPrefix(f.Values, "1 to ") {
			text = "" // 0 means "not set" where values begin at 1.
		}
		if text == "" {
			at.handled(f.Member())
		} else if err := f.Set(s, text); err != nil {
			at.at(f.Member()).unsupported("%v: %s is taken", err, cmp.Or(strings.Join(f.Get(s), ","), "the default"))
		} else {
			at.handled(f.Member())
		}
	}
}

// memberAt returns the member of a structure at a path; it is not valid where
// the structure has none, or where one on the way is not set.
func memberAt(v reflect.Value, path string) reflect.Value {
	for name := range strings.SplitSeq(path, "/") {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByNameFunc(func(field string) bool { return wireName(field) == name })
	}
	return v
}

// textOf returns a member as text, "" where it is not set.
func textOf(m reflect.Value) string {
	if m.Kind() == reflect.Pointer {
		if m.IsNil() {
			return ""
		}
		m = m.Elem()
	}
	switch {
	case m.CanInt():
		return strconv.FormatInt(m.Int(), 10)
	case m.CanFloat():
		return strconv.FormatFloat(m.Float(), 'f', -1, 64)
	}
	return m.String()
}

// only returns the fields of these keys.
func only[S any](fields []setting.Field[S], keys ...string) []setting.Field[S] {
	return slices.DeleteFunc(fields, func(f setting.Field[S]) bool { return !slices.Contains(keys, f.Key) })
}
