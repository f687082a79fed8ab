package medialive

import (
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/smithy-go/middleware"
)

// member is a member of a structure, or an item of a list.
type member struct {
	of    reflect.Type  // the structure or list
	field string        // its name in Go, or the position in the list
	value reflect.Value // can be set if the structure can
}

// members returns the members of the structure or list that v leads to, as they
// are in a document; there are none of anything else.
func members(v reflect.Value) iter.Seq[member] {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return func(yield func(member) bool) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				field := v.Type().Field(i)
				if onWire(field) && !yield(member{v.Type(), field.Name, v.Field(i)}) {
					return
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				if !yield(member{v.Type(), strconv.Itoa(i), v.Index(i)}) {
					return
				}
			}
		default: // Nothing else has members.
		}
	}
}

// name returns the name of the member in a document.
func (m member) name() string { return wireName(m.field) }

// key returns the member as model.txt and defaults.txt name it.
func (m member) key() string { return m.of.Name() + " " + m.name() }

// setMembers returns the names of the members that are set.
func setMembers(v any) []string {
	var set []string
	for m := range members(reflect.ValueOf(v)) {
		if !unset(m.value) {
			set = append(set, m.name())
		}
	}
	return set
}

// memberAt returns the member of a structure at a path; it is not valid where
// the structure has none, or where one on the way is not set.
func memberAt(v reflect.Value, path string) reflect.Value {
	for name := range strings.SplitSeq(path, "/") {
		v = reflect.Indirect(v)
		if v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByNameFunc(func(field string) bool { return wireName(field) == name })
	}
	return v
}

// unset reports whether a member is left out. An empty list is set; an empty text is not,
// since Terraform sends one for each member that its configuration lacks.
func unset(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsZero() || v.Elem().Kind() == reflect.String && v.Elem().IsZero()
	case reflect.Slice, reflect.Map, reflect.String:
		return v.IsZero()
	default:
		return false
	}
}

// isLeaf reports whether a member is set as a whole: a text, a number, a list of
// them, a map, or a structure without members.
func isLeaf(v reflect.Value) bool {
	t := v.Type()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice {
		return t.Elem().Kind() != reflect.Struct
	}
	return len(slices.Collect(members(reflect.Zero(t)))) == 0
}

// onWire reports whether a field of an SDK type is a member of the document, and
// not smithy's marker, the metadata of an answer, or a stream.
func onWire(field reflect.StructField) bool {
	return field.IsExported() && field.Type != reflect.TypeFor[middleware.Metadata]() && field.Type.Kind() != reflect.Interface
}

// wireName returns the name of a field on the wire: with a lower-case first letter.
func wireName(field string) string {
	r, n := utf8.DecodeRuneInString(field)
	return string(unicode.ToLower(r)) + field[n:]
}

// textOf returns a number, a text or an enumeration as text, "" if it is not set,
// and [] for an empty list.
func textOf(m reflect.Value) string {
	m = reflect.Indirect(m)
	switch {
	case !m.IsValid():
		return ""
	case m.CanInt():
		return strconv.FormatInt(m.Int(), 10)
	case m.CanFloat():
		return strconv.FormatFloat(m.Float(), 'f', -1, 64)
	case m.Kind() == reflect.Slice && m.Len() == 0:
		return "[]"
	}
	return m.String()
}

// setText sets a number, a text or an enumeration; the text [] sets an empty list.
func setText(m reflect.Value, text string) {
	if m.Kind() == reflect.Pointer {
		m.Set(reflect.New(m.Type().Elem()))
		m = m.Elem()
	}
	switch number, _ := strconv.ParseFloat(text, 64); {
	case m.Kind() == reflect.Slice:
		m.Set(reflect.MakeSlice(m.Type(), 0, 0))
	case m.CanInt():
		m.SetInt(int64(number))
	case m.CanFloat():
		m.SetFloat(number)
	default:
		m.SetString(text)
	}
}

// textAt returns a member of a structure as text, "" where it is not set.
func textAt(v reflect.Value, member string) string { return textOf(memberAt(v, member)) }

// numberAt returns a member of a structure as a number, 0 where it is not set.
func numberAt(v reflect.Value, member string) float64 {
	number, _ := strconv.ParseFloat(textAt(v, member), 64)
	return number
}
