package source

import (
	"slices"
	"testing"
)

func TestStateRoundTrip(t *testing.T) {
	for _, s := range []state{
		{Version: version{Tag: `"x"`, Size: 10 * blockSize}, Have: []blockRange{{0, 3}, {5, 10}}},
		{Version: version{Modified: "then", Size: 1}, Have: []blockRange{{0, 1}}},
		{Version: version{Size: 1 << 40}, Have: []blockRange{}},
	} {
		text, err := s.marshal()
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseState(text)
		if err != nil || got.Version != s.Version || !slices.Equal(got.Have, s.Have) {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

func TestStateComplete(t *testing.T) {
	for _, c := range []struct {
		size int64
		have []blockRange
		want bool
	}{
		{2 * blockSize, []blockRange{{0, 2}}, true},
		{2*blockSize + 1, []blockRange{{0, 3}}, true},
		{2*blockSize + 1, []blockRange{{0, 2}}, false},
		{2 * blockSize, []blockRange{{1, 2}}, false},
		{2 * blockSize, nil, false},
		{-1, nil, false},
	} {
		if got := (state{Version: version{Size: c.size}, Have: c.have}).complete(); got != c.want {
			t.Errorf("%d bytes with %v: %t", c.size, c.have, got)
		}
	}
}

// FuzzState changes states: what is believed makes sense, and what was changed is not believed.
func FuzzState(f *testing.F) {
	good, err := state{Version: version{Tag: `"x"`, Size: 1 << 20}, Have: []blockRange{{0, 3}, {5, 16}}}.marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format":1,"version":{"size":9223372036854775807},"block":65536,"have":[[0,1]]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseState(text)
		if err != nil {
			return
		}
		last := 0
		for _, r := range s.Have {
			if r[0] < last || r[1] <= r[0] || int64(r[1]-1)*blockSize >= s.Version.Size {
				t.Fatalf("believed: %s", text)
			}
			last = r[1]
		}
	})
}
