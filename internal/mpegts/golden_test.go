package mpegts

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"testing"
)

// I1, from version to version: the bytes of all films, with the defaults.
// They change only on purpose; a running channel's receiver sees it when they do.
func TestBytesOfDefaults(t *testing.T) {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(films)) {
		p := planOf(t, films[name], 0)
		for _, lap := range []Slot{0, 1_000_003} {
			sum.Write(packets(t, p.NewMuxer(), lap*p.Slots(), 2*p.Slots()))
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != "74f218e8916421689d838318f66c48d1d35334b18bf2a50d481458d10e2205cf" {
		t.Error(got)
	}
}
