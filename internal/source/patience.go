package source

import (
	"math/rand/v2"
	"time"
)

// patience says how long to wait for what, and how often to try.
type patience struct {
	// tries is how often a source that is being opened is asked.
	tries int
	// stall is how long nothing may come.
	stall time.Duration
	// check is how long a server may take to say that what is here is good.
	check time.Duration
	// poll is how often to look whether another process has brought more.
	poll time.Duration
	// rest is how long to wait for a reader to want more before the rest is brought.
	rest time.Duration
	// pause returns how long to wait after the nth failure in a row, from 1 on.
	pause func(n int) time.Duration
	// urgent is the longest such pause while a reader waits.
	urgent time.Duration
}

func usualPatience() patience {
	return patience{
		tries: 5, stall: 10 * time.Second, check: 3 * time.Second, poll: time.Second,
		rest:  100 * time.Millisecond,
		pause: backoff, urgent: 2 * time.Second,
	}
}

const (
	firstPause = 250 * time.Millisecond
	lastPause  = 15 * time.Second
)

// backoff doubles from failure to failure, and spreads over its upper half so
// that the many who lost one server do not all come back at once.
func backoff(n int) time.Duration {
	d := lastPause
	if n < 8 {
		d = min(lastPause, firstPause<<max(0, n-1))
	}
	return d/2 + time.Duration(rand.Int64N(int64(d/2)))
}
