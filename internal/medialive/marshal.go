package medialive

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"time"

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
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32, reflect.Int64:
		return v.Int()
	default:
		return nil
	}
}

func writtenStruct(v reflect.Value) map[string]any {
	all := make(map[string]any)
	for m := range members(v) {
		if !unset(m.value) {
			all[m.name()] = written(m.value)
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
