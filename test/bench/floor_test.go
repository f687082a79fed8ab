//go:build bench && linux

package bench

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// makeFloor compiles testdata/floor.c, the sender in C that every processor figure is
// compared with. Without a C compiler there is none, and the report says so.
func (b *bench) makeFloor(ctx context.Context, r *report) error {
	if _, err := exec.LookPath("cc"); err != nil {
		return nil //nolint:nilerr // A machine without one has no floor.
	}
	program := filepath.Join(b.work, "floor")
	if out, err := exec.CommandContext(ctx, "cc", "-O2", "-o", program, "test/bench/testdata/floor.c").CombinedOutput(); err != nil {
		return fmt.Errorf("cc: %w: %s", err, out)
	}
	b.floor, r.bench.floor = program, program
	return nil
}

// floorCommand returns the command of a floor; PORT is to be filled in.
func (b *bench) floorCommand(sockets int, bitRate int64, pacing time.Duration) string {
	return strings.Join([]string{b.floor, fmt.Sprint(sockets), fmt.Sprint(bitRate), fmt.Sprint(pacing.Nanoseconds()), "PORT"}, " ")
}
