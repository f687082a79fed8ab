package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// transfer is a response that is being read. It is cancelled when nothing
// arrives for some time. It belongs to one goroutine, and its errors are of
// type *fetchError.
type transfer struct {
	*response
	pos      int64 // of the next byte, in the object
	stall    time.Duration
	cancel   context.CancelFunc
	watchdog *time.Timer
	timedOut atomic.Bool
}

func startTransfer(ctx context.Context, o object, r request, stall time.Duration) (*transfer, error) {
	ctx, cancel := context.WithCancel(ctx)
	t := &transfer{stall: stall, cancel: cancel}
	t.watchdog = time.AfterFunc(stall, func() { t.timedOut.Store(true); cancel() })
	defer t.watchdog.Stop()
	var err error
	if t.response, err = o.fetch(ctx, r); err != nil {
		cancel()
		return nil, t.fetchError(err)
	}
	t.pos = t.start
	return t, nil
}

// fill reads until p is full. It returns io.EOF if the response ends before.
func (t *transfer) fill(p []byte) (n int, err error) {
	t.watchdog.Reset(t.stall)
	defer t.watchdog.Stop()
	for n < len(p) && err == nil {
		var m int
		m, err = t.Read(p[n:])
		n += m
		t.watchdog.Reset(t.stall)
	}
	t.pos += int64(n)
	switch {
	case n == len(p):
		return n, nil
	case errors.Is(err, io.EOF) && (t.end < 0 || t.pos >= t.end):
		return n, io.EOF
	}
	return n, t.fetchError(err)
}

// fetchError returns err as a *fetchError.
func (t *transfer) fetchError(err error) error {
	if t.timedOut.Load() {
		return &fetchError{temporary, fmt.Sprintf("does not answer: nothing came for %s", t.stall)}
	}
	if e, ok := errors.AsType[*fetchError](err); ok {
		return e
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &fetchError{temporary, fmt.Sprintf("sent less than announced: the connection ended at byte %d", t.pos)}
	}
	return &fetchError{temporary, "cannot be reached: " + withoutURL(err)}
}

// close ends the transfer, and its connection if the response was not read completely.
func (t *transfer) close() {
	t.Close()
	t.cancel()
}
