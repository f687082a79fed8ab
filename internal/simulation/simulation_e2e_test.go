//go:build e2e

package simulation

import (
	"fmt"
	"testing"
	"time"
)

// Seeds that nobody has tried, as many as a minute takes.
func TestNewSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("make e2e does it")
	}
	begin := time.Now()
	for seed := uint64(begin.Unix()) << 16; time.Since(begin) < time.Minute && !t.Failed(); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { simulate(t, seed, usual) })
	}
}
