package medialive

import (
	"cmp"
	"reflect"
	"slices"
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
		if text != "" && m.IsValid() {
			setText(m, text)
		}
	}
}

// putDefaults sets the members of an SDK structure that have these names, if it
// has them, to MediaLive's defaults.
func putDefaults(to any, names ...string) {
	all := defaults()
	for m := range members(reflect.ValueOf(to)) {
		if slices.Contains(names, m.name()) {
			setText(m.value, all[m.key()])
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

// only returns the fields of these keys.
func only[S any](fields []setting.Field[S], keys ...string) []setting.Field[S] {
	return slices.DeleteFunc(fields, func(f setting.Field[S]) bool { return !slices.Contains(keys, f.Key) })
}
