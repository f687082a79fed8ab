package medialive

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"time"
)

// Wire returns the wire form of a value of an SDK type as the maps, lists and
// plain values that encoding/json writes it from.
func Wire(v any) any { return written(reflect.ValueOf(v)) }

// Digest returns a digest of the wire form of a value of an SDK type.
func Digest(v any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v", Wire(v))) // It writes maps in the order of their keys.
	return hex.EncodeToString(sum[:])
}

// Merge sets the members of into, a pointer to an SDK type, that the documents
// have as well, by name; of those that several have set, the last wins as a
// whole. It copies deeply: into shares nothing with the documents.
func Merge(into any, documents ...any) {
	target := reflect.ValueOf(into).Elem()
	for _, document := range documents {
		mergeStruct(target, reflect.Indirect(reflect.ValueOf(document)))
	}
}

func mergeStruct(into, from reflect.Value) {
	for m := range members(from) {
		if field := into.FieldByName(m.field); field.IsValid() && !unset(m.value) {
			field.SetZero()
			copyInto(field, m.value)
		}
	}
}

// copyInto sets into, which is zero, to a deep copy of from. Their types may
// differ in name, as those of a request and of its answer do; what only one of
// them has is left out.
func copyInto(into, from reflect.Value) {
	switch {
	case into.Kind() != from.Kind():
	case from.Type() == reflect.TypeFor[time.Time]():
		into.Set(from)
	case from.Kind() == reflect.Pointer:
		if !from.IsNil() {
			into.Set(reflect.New(into.Type().Elem()))
			copyInto(into.Elem(), from.Elem())
		}
	case from.Kind() == reflect.Struct:
		mergeStruct(into, from)
	case from.Kind() == reflect.Slice:
		into.Set(reflect.MakeSlice(into.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			copyInto(into.Index(i), from.Index(i))
		}
	case from.Kind() == reflect.Map:
		into.Set(reflect.MakeMapWithSize(into.Type(), from.Len()))
		for key, value := range from.Seq2() {
			item := reflect.New(into.Type().Elem()).Elem()
			copyInto(item, value)
			into.SetMapIndex(key, item)
		}
	default:
		into.Set(from.Convert(into.Type()))
	}
}
