package medialive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"time"

	smithytime "github.com/aws/smithy-go/time"

	"github.com/lilo-live/lilo/internal/fault"
)

// Unmarshal reads the wire form into a pointer to a value of an SDK type.
// Members that the type does not have are ignored, as by AWS; null and an empty
// text set nothing. Faults are of kind Usage and begin with the path of the
// member that has the wrong type.
func Unmarshal(data []byte, v any) error {
	into := reflect.ValueOf(v)
	if into.Kind() != reflect.Pointer || into.IsNil() {
		return errors.New("medialive: Unmarshal needs a pointer")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	switch err := decoder.Decode(&value); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return fault.New(fault.Usage, "not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Usage, "not JSON: something follows the document at byte %d", decoder.InputOffset())
	}
	return read("", value, into.Elem())
}

// read sets v to a value that encoding/json has parsed, the member at path.
func read(path string, value any, v reflect.Value) error {
	if value == nil {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return read(path, value, v.Elem())
	case reflect.String:
		text, ok := value.(string)
		if !ok {
			return wrongType(path, "a string", value)
		}
		v.SetString(text)
	case reflect.Bool:
		yes, ok := value.(bool)
		if !ok {
			return wrongType(path, "true or false", value)
		}
		v.SetBool(yes)
	case reflect.Int32, reflect.Int64:
		return readInteger(path, value, v)
	case reflect.Float64:
		f, ok := float(value)
		if !ok {
			return wrongType(path, "a number", value)
		}
		v.SetFloat(f)
	case reflect.Slice:
		return readList(path, value, v)
	default:
		return readObject(path, value, v)
	}
	return nil
}

func readInteger(path string, value any, v reflect.Value) error {
	number, ok := value.(json.Number)
	if !ok {
		return wrongType(path, "a whole number", value)
	}
	n, err := number.Int64()
	if err != nil || v.OverflowInt(n) {
		return wrongType(path, "a whole number of "+strconv.Itoa(v.Type().Bits())+" bits", value)
	}
	v.SetInt(n)
	return nil
}

func readList(path string, value any, v reflect.Value) error {
	items, ok := value.([]any)
	if !ok {
		return wrongType(path, "a list", value)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := read(path+"/"+strconv.Itoa(i), item, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// readObject sets a structure, a map or a time.
func readObject(path string, value any, v reflect.Value) error {
	if v.Type() == reflect.TypeFor[time.Time]() {
		t, err := smithytime.ParseDateTime(fmt.Sprint(value))
		if err != nil {
			return wrongType(path, "a time of ISO 8601", value)
		}
		v.Set(reflect.ValueOf(t))
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return wrongType(path, "an object", value)
	}
	for m := range members(v) {
		if err := read(path+"/"+m.name(), object[m.name()], m.value); err != nil {
			return err
		}
	}
	if v.Kind() != reflect.Map {
		return nil
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(object)))
	for name, value := range object {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := read(path+"/"+name, value, item); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(name), item)
	}
	return nil
}

// float returns a number, or what one of smithy's words for numbers stands for.
func float(value any) (float64, bool) {
	switch value := value.(type) {
	case json.Number:
		f, err := value.Float64()
		return f, err == nil
	case string:
		f, ok := map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}[value]
		return f, ok
	}
	return 0, false
}

// wrongType returns the error of a member that is not what it must be.
func wrongType(path, what string, value any) error {
	if path == "" {
		path = "/"
	}
	return fault.New(fault.Usage, "%s: expected %s, not %s", path, what, shown(value))
}

func shown(value any) string {
	switch value := value.(type) {
	case string:
		if len(value) > 40 {
			value = value[:40] + "…"
		}
		return strconv.Quote(value)
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	case []any:
		return "a list"
	}
	return "an object"
}
