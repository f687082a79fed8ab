//go:build e2e

package simulation

import (
	"fmt"
	"testing"
	"time"
)

// As many seeds as a minute takes, the same each time: what fails is the change that is
// tested. LILO_SIM_SEEDS tries others.
func TestManySeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("make e2e does it")
	}
	begin := time.Now()
	for seed := uint64(100_000); time.Since(begin) < time.Minute && !t.Failed(); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { simulate(t, seed, usual) })
	}
}
