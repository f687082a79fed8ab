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
	if got := hex.EncodeToString(sum.Sum(nil)); got != "53020c99666a60c036cce6b0d756f8e749a6be019c17a38889e8bcc5cb7e0047" {
		t.Error(got)
	}
}
