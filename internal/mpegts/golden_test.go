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
	if got := hex.EncodeToString(sum.Sum(nil)); got != "0ed32ac558f7ffbbb44b59a5f659b57ef9ee830ff68056613451289a5d7a65e5" {
		t.Error(got)
	}
}
