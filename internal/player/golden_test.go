package player

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
)

// I1, from version to version: the bytes of the bundled clip's stream. They
// change only on purpose; a running channel's receiver sees it when they do.
func TestBytesOfTheClip(t *testing.T) {
	c := open(t, channel.Spec{Name: "LILO"})
	for at, want := range map[time.Duration]string{
		0:                             "088195334a04944d941228cef66b7612065d19d8234df25d566bd89c5abb4404",
		26*time.Hour + 30*time.Minute: "8840f47a0fe53efbf5ef6054f661637dab619a7c2ecde7249bc77addebcb1633",
		87_600 * time.Hour:            "5f438066c2f5fdaac182aafdeee96ec72925c7515acc1996d41d66bd053d3560",
	} {
		sum := sha256.Sum256(render(t, c, at, at+12*time.Second))
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("from %s on: %s instead of %s", at, got, want)
		}
	}
}
