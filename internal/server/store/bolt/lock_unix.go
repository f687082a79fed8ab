//go:build unix && !solaris && !illumos && !aix

package bolt

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lock shares the lock of a file that bbolt takes, or fails when nobody releases that
// in time. Closing the file releases it.
func lock(f *os.File, within time.Duration) error {
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) //nolint:gosec // A descriptor is small.
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Since(begin) >= within {
			return err
		}
	}
}
