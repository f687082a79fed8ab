package medialive

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// toleratedKey is the member that the model requires and the service does without: the
// channels of the CDK's second level lack it.
const toleratedKey = "AudioDescription audioSelectorName"

// checkMembers checks every member below v against the model: that it is set if
// it is required, within bounds, and one of the values of its enumeration. It
// also checks each structure by itself.
func checkMembers(at place, v reflect.Value, model map[string]constraint) {
	for m := range members(v) {
		here, c := at.at(m.name()), model[m.key()]
		if unset(m.value) {
			if c.required && m.key() != toleratedKey {
				here.report("%s is required", m.name())
			}
			continue
		}
		checkValue(here, reflect.Indirect(m.value), c)
		checkMembers(here, m.value, model)
		checkSettings(here, m.value.Interface())
	}
}

// checkValue checks a number, a text or an enumeration.
func checkValue(at place, v reflect.Value, c constraint) {
	switch {
	case v.CanInt():
		checkBounds(at, float64(v.Int()), c, fmt.Sprint(v.Int()))
	case v.CanFloat():
		checkBounds(at, v.Float(), c, fmt.Sprint(v.Float()))
	case v.Kind() == reflect.String:
		if all := enumValues(v); len(all) > 0 && !slices.Contains(all, v.String()) {
			at.report("%q is none of %s", v.String(), strings.Join(all, ", "))
		}
		checkBounds(at, float64(v.Len()), c, fmt.Sprintf("%d characters", v.Len()))
	}
}

func checkBounds(at place, n float64, c constraint, shown string) {
	low, high := c.low != nil && n < float64(*c.low), c.high != nil && n > float64(*c.high)
	switch {
	case (low || high) && c.low != nil && c.high != nil:
		at.report("%s: it must be from %d to %d", shown, *c.low, *c.high)
	case low:
		at.report("%s: it must be at least %d", shown, *c.low)
	case high:
		at.report("%s: it must be at most %d", shown, *c.high)
	}
}

// enumValues returns the values of an enumeration, nil if the type is none.
func enumValues(v reflect.Value) []string {
	method := v.MethodByName("Values")
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
		return nil
	}
	var all []string
	for m := range members(method.Call(nil)[0]) {
		all = append(all, m.value.String())
	}
	return all
}
