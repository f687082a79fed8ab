package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// flow is an answer while it is read, and a watch that cuts it off when
// nothing comes for long. It belongs to one goroutine.
type flow struct {
	*answer
	pos    int64 // of the next byte, in the object
	stall  time.Duration
	cancel context.CancelFunc
	watch  timer
	cut    atomic.Bool
}

// begin asks an object and returns what comes. The errors of a flow are of type *trouble.
func begin(ctx context.Context, o object, a ask, c clock, stall time.Duration) (*flow, error) {
	ctx, cancel := context.WithCancel(ctx)
	f := &flow{stall: stall, cancel: cancel}
	f.watch = c.timer(stall, func() { f.cut.Store(true); cancel() })
	var err error
	if f.answer, err = o.fetch(ctx, a); err != nil {
		f.watch.Stop()
		cancel()
		return nil, f.why(err)
	}
	f.watch.Stop()
	f.pos = f.at
	return f, nil
}

// fill reads until p is full. Its error is io.EOF where the answer ends before.
func (f *flow) fill(p []byte) (n int, err error) {
	f.watch.Reset(f.stall)
	defer f.watch.Stop()
	for n < len(p) && err == nil {
		var m int
		m, err = f.Read(p[n:])
		n += m
		f.watch.Reset(f.stall)
	}
	f.pos += int64(n)
	switch {
	case n == len(p):
		return n, nil
	case errors.Is(err, io.EOF) && (f.end < 0 || f.pos >= f.end):
		return n, io.EOF
	}
	return n, f.why(err)
}

// why returns the reason for an error as trouble.
func (f *flow) why(err error) error {
	if t, ok := errors.AsType[*trouble](err); ok && !f.cut.Load() {
		return t
	}
	switch {
	case f.cut.Load():
		return &trouble{passing, fmt.Sprintf("does not answer: nothing came for %s", f.stall)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &trouble{passing, fmt.Sprintf("sent less than it said: the connection ended at byte %d", f.pos)}
	}
	return &trouble{passing, "cannot be reached: " + plain(err)}
}

// close ends the flow. A connection whose answer was not read to its end goes with it.
func (f *flow) close() {
	f.Close()
	f.cancel()
}
