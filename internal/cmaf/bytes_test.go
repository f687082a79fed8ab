package cmaf

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// TestBytes pins the bytes of headers and segments: a player that joined
// before an upgrade must find the same ones after it.
func TestBytes(t *testing.T) {
	l := bundled(t)
	for i, want := range []string{
		"c44d2d2073e0fce68070f51e307e93a9b8236d4bf0b1bf153a4cf2d3e2fd0827",
		"93c514f6d0286a05def0155bf86206ef1cd5d2b1d78db44e96a574242d97c64d",
	} {
		track := tracks(t, l)[i]
		b := track.Header()
		for _, lap := range []int64{-1, 0, 1_000_000} {
			var err error
			for third := range int64(3) {
				if b, err = track.Append(b, segment(l, lap, third)); err != nil {
					t.Fatal(err)
				}
			}
		}
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("track %d: SHA-256 %s of %d bytes, want %s", i, got, len(b), want)
		}
	}
}
