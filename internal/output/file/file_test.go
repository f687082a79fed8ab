package file_test

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/file"
	"github.com/lilo-live/lilo/internal/output/outputtest"
)

// sink collects what is written and tells who waits.
type sink struct {
	mu   sync.Mutex
	more sync.Cond
	buf  bytes.Buffer
}

func newSink() *sink {
	s := &sink{}
	s.more.L = &s.mu
	return s
}

func (s *sink) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.more.Broadcast()
	return s.buf.Write(b)
}

func (s *sink) Close() error { return nil }

func (s *sink) receive(n int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.buf.Len() < n {
		s.more.Wait()
	}
	return s.buf.Next(n)
}

func TestContract(t *testing.T) {
	outputtest.Run(t, func(_ *testing.T, packets int) (output.Output, func(int) []byte) {
		s := newSink()
		return file.New("file", s, packets), s.receive
	})
}

// stuck is a writer that hangs until it is let go, and fails then.
type stuck struct{ held chan struct{} }

var errDisk = errors.New("no space left")

func (s stuck) Write([]byte) (int, error) { <-s.held; return 0, errDisk }
func (s stuck) Close() error              { return nil }

func TestSlowWriterDropsAndFailureIsTold(t *testing.T) {
	s := stuck{make(chan struct{})}
	o := file.New("file", s, 7)
	payload := outputtest.Packets(0, 7*64)
	var sum output.Result
	for range 200 { // 200 · 84 KB are more than both buffers hold.
		sum.Add(o.Send(0, payload))
	}
	if sum.Dropped == 0 || sum.Sent == 0 || sum.Sent+sum.Dropped != 200*64 || sum.Err != nil {
		t.Errorf("a writer that hangs: %+v, want some sent, the rest dropped", sum)
	}
	close(s.held)
	if err := o.Close(); !errors.Is(err, errDisk) {
		t.Errorf("Close = %v, want %v", err, errDisk)
	}
	if r := o.Send(0, payload); r.Err == nil || r.Dropped != 64 {
		t.Errorf("after a failure: %+v, want all dropped with its error", r)
	}
}

func TestCloseWithoutSend(t *testing.T) {
	if err := file.New("file", newSink(), 7).Close(); err != nil {
		t.Error(err)
	}
}
