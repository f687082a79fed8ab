package source

import (
	"math/rand/v2"
	"time"
)

// timing holds timeouts, intervals and limits of fetching. No byte of a stream
// depends on them.
type timing struct {
	// attempts is how often a source is requested while it is opened.
	attempts int
	// stall is how long a transfer may receive nothing.
	stall time.Duration
	// revalidate is how long a server may take to say that the cached copy is current.
	revalidate time.Duration
	// poll is how often to look for blocks that another process has fetched.
	poll time.Duration
	// settle is how long to wait for further reads before the rest is fetched.
	settle time.Duration
	// backoff returns the pause after the nth failure in a row, from 1 on.
	backoff func(n int) time.Duration
	// urgent is the longest such pause while a reader waits.
	urgent time.Duration
}

func defaultTiming() timing {
	return timing{
		attempts: 5, stall: 10 * time.Second, revalidate: 3 * time.Second, poll: time.Second,
		settle: 100 * time.Millisecond, backoff: backoff, urgent: 2 * time.Second,
	}
}

const (
	firstPause = 250 * time.Millisecond
	lastPause  = 15 * time.Second
)

// backoff doubles the pause with each failure. It is random in its upper half,
// so that the many clients of a failed server do not return at once.
func backoff(n int) time.Duration {
	d := min(lastPause, firstPause<<min(max(0, n-1), 8))
	return d/2 + time.Duration(rand.Int64N(int64(d/2)))
}
