//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// A process with one channel wakes once for each train, whichever of its threads: what reads
// ahead, prints, collects garbage or watches the source must not wake one for itself.
func TestOneWakeUpATrain(t *testing.T) {
	long(t)
	file := movie(t)
	for _, pacing := range []time.Duration{8 * time.Millisecond, 40 * time.Millisecond} {
		t.Run(pacing.String(), func(t *testing.T) {
			t.Parallel()
			p := start(t, "run", file, "--to", listen(t).url("rtp"), "--pacing", pacing.String())
			time.Sleep(2 * time.Second) // The start may wake more.
			before, from := sleeps(t, p.cmd.Process.Pid), time.Now()
			time.Sleep(10 * time.Second)
			wakeUps := sleeps(t, p.cmd.Process.Pid) - before
			trains := time.Since(from).Seconds() / pacing.Seconds()
			if each := float64(wakeUps) / trains; each > 1.2 {
				t.Errorf("%.2f wake-ups a train, want one", each)
			}
			p.end()
		})
	}
}

var voluntary = regexp.MustCompile(`\nvoluntary_ctxt_switches:\t(\d+)`)

// sleeps returns how often the threads of a process have gone to sleep. Threads that another
// process displaces do not count: they wake for nothing.
func sleeps(t *testing.T, pid int) (sum int) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(files) == 0 {
		t.Fatalf("no threads: %v", err)
	}
	for _, file := range files {
		text, _ := os.ReadFile(file) // It is empty if the thread has ended.
		if found := voluntary.FindSubmatch(text); found != nil {
			n, _ := strconv.Atoi(string(found[1]))
			sum += n
		}
	}
	return sum
}
