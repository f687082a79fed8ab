//go:build e2e

package e2e

import (
	"bufio"
	"strconv"
	"strings"
	"testing"
)

// Initializing the packages, which every command pays for, allocates little: libraries that build
// tables at start would cost a channel its memory, whether it uses them or not.
func TestStartAllocatesLittle(t *testing.T) {
	t.Setenv("GODEBUG", "inittrace=1")
	p := lilo(t, 0, "version")
	const limit = 2_000_000 // bytes; 1.7 MB at the time of writing
	var sum int
	var largest []string
	lines := bufio.NewScanner(&p.err)
	for lines.Scan() {
		// init internal/bytealg @0.008 ms, 0 ms clock, 0 bytes, 0 allocs
		fields := strings.Fields(lines.Text())
		if len(fields) != 11 || fields[0] != "init" {
			continue
		}
		bytes, err := strconv.Atoi(fields[7])
		if err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		sum += bytes
		if bytes > 200_000 {
			largest = append(largest, lines.Text())
		}
	}
	if sum == 0 {
		t.Fatal("the runtime told of no initialization")
	}
	if sum > limit {
		t.Errorf("initialization allocates %d bytes, limit %d; the largest:\n%s", sum, limit, strings.Join(largest, "\n"))
	}
}
