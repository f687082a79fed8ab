package encode

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
)

// progressName is the file through which the process that encodes shows its
// progress to those that wait.
const progressName = tempPrefix + "progress"

// pollInterval is how often a waiting process looks for the mezzanine.
const pollInterval = 200 * time.Millisecond

// lock waits until this process may encode and returns the function that
// releases the lock. It returns nil if another process has made the mezzanine.
func (j *Job) lock(ctx context.Context, entry *cache.Entry) (unlock func(), err error) {
	tick := time.NewTicker(pollInterval) //nolint:forbidigo // Waits for another process, which no clock of a test drives.
	defer tick.Stop()
	for {
		if finished(entry) {
			return nil, nil
		}
		unlock, err := entry.TryLock(lockName)
		switch {
		case err == nil && finished(entry):
			unlock()
			return nil, nil
		case err == nil:
			return unlock, nil
		case !errors.Is(err, cache.ErrInUse):
			return nil, fault.New(fault.Source, "the cache cannot be locked: %w", err)
		}
		j.Report(Progress{Fraction: readFraction(entry), Waiting: true})
		select {
		case <-ctx.Done():
			return nil, fault.New(fault.Internal, "interrupted while another process encodes %s", j.Name)
		case <-tick.C:
		}
	}
}

// readFraction returns the progress of the process that encodes, 0 if it is unknown.
func readFraction(entry *cache.Entry) float64 {
	text, _ := os.ReadFile(entry.Path(progressName))
	fraction, _ := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	return fraction
}

// writeFraction ignores errors: the file only informs people.
func writeFraction(entry *cache.Entry, fraction float64) {
	_ = os.WriteFile(entry.Path(progressName), strconv.AppendFloat(nil, fraction, 'f', 4, 64), 0o600)
}
