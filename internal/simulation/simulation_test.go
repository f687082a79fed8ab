package simulation

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// usual is how long a seed lasts.
var usual = plan{chaos: 5 * time.Minute, every: 2 * time.Second, calm: 5 * time.Minute}

// Whatever a seed does to a server, what must hold does.
func TestSimulation(t *testing.T) {
	var seed uint64
	if text := os.Getenv("LILO_SIM_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatalf("LILO_SIM_SEED=%s: %v", text, err)
		}
		w := simulate(t, seed, usual)
		t.Logf("seed %d:\n%s\n%v", seed, w.story(), w.counts)
		return
	}
	first, last := uint64(1), uint64(3)
	if text := os.Getenv("LILO_SIM_SEEDS"); text != "" {
		if _, err := fmt.Sscanf(text, "%d-%d", &first, &last); err != nil {
			t.Fatalf("LILO_SIM_SEEDS=%s: %v: write 1-1000", text, err)
		}
	}
	for seed = first; seed <= last; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { simulate(t, seed, usual) })
	}
}

// A seed that failed fails again: its history is the same.
func TestSeedHasOneHistory(t *testing.T) {
	short := plan{chaos: time.Minute, every: 2 * time.Second, calm: time.Minute}
	one, other := simulate(t, 1, short).story(), simulate(t, 1, short).story()
	if one == other {
		return
	}
	a, b := strings.Split(one, "\n"), strings.Split(other, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("line %d of the history is\n%s\nand then\n%s", i+1, a[i], b[i])
		}
	}
	t.Errorf("a history has %d lines, and then %d", len(a), len(b))
}
