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
	if got := hex.EncodeToString(sum.Sum(nil)); got != "5f670a74b5dc737fad0823daa192eb2efe45424ba0f4926ae5c3b694b62a76c9" {
		t.Error(got)
	}
}
