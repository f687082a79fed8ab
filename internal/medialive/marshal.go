package medialive

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aws/smithy-go/middleware"
	smithytime "github.com/aws/smithy-go/time"
)

// Marshal returns the wire form of a value of an SDK type (rest-json: camelCase
// names in alphabetical order; members that are not set are left out).
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(written(reflect.ValueOf(v))); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// written returns the value that encoding/json writes the wire form from, nil for none.
func written(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return written(v.Elem())
	case reflect.Struct:
		if t, ok := reflect.TypeAssert[time.Time](v); ok {
			return smithytime.FormatDateTime(t)
		}
		return writtenStruct(v)
	case reflect.Slice:
		all := make([]any, v.Len())
		for i := range all {
			all[i] = written(v.Index(i))
		}
		return all
	case reflect.Map:
		all := make(map[string]any, v.Len())
		for _, key := range v.MapKeys() {
			all[key.String()] = written(v.MapIndex(key))
		}
		return all
	case reflect.Float32, reflect.Float64:
		return writtenFloat(v.Float())
	default:
		return writtenPlain(v)
	}
}

func writtenPlain(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool:
		return v.Bool()
	case v.CanInt():
		return v.Int()
	}
	return nil
}

func writtenStruct(v reflect.Value) map[string]any {
	all := make(map[string]any)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if onWire(field) && !unset(v.Field(i)) {
			all[wireName(field.Name)] = written(v.Field(i))
		}
	}
	return all
}

// writtenFloat uses the words of smithy for what JSON has no number for.
func writtenFloat(f float64) any {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return f
}

// unset reports whether a member is left out. An empty list is set; an empty enumeration is not.
func unset(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	default:
		return false
	}
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
