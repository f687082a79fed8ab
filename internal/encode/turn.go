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

// shareName is the file in which the encoder tells those who wait how far it is.
const shareName = workName + "progress"

// pollEvery is how often one who waits looks again.
const pollEvery = 200 * time.Millisecond

// turn waits until it is this process's turn to encode, and returns what ends
// the turn. It is nil when another process has done the work meanwhile.
func (j *Job) turn(ctx context.Context, entry *cache.Entry) (unlock func(), err error) {
	tick := time.NewTicker(pollEvery) //nolint:forbidigo // Waits for another process, which no clock of a test drives.
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
		j.tell(Progress{Fraction: readShare(entry), Waiting: true})
		select {
		case <-ctx.Done():
			return nil, fault.New(fault.Internal, "interrupted while another process encodes %s", j.Name)
		case <-tick.C:
		}
	}
}

func readShare(entry *cache.Entry) float64 {
	text, err := os.ReadFile(entry.Path(shareName))
	if err != nil {
		return 0
	}
	share, _ := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	return share
}

// writeShare is for people only: whatever becomes of it does no harm.
func writeShare(entry *cache.Entry, share float64) {
	_ = os.WriteFile(entry.Path(shareName), strconv.AppendFloat(nil, share, 'f', 4, 64), 0o600)
}

func (j *Job) tell(p Progress) {
	if j.Report != nil {
		j.Report(p)
	}
}
