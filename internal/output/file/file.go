// Package file writes a transport stream to a file or any other writer.
package file

import (
	"io"
	"sync"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// queueSize is how many bytes wait for a slow writer before datagrams are
// dropped: 6 s of 5 Mb/s.
const queueSize = 4 << 20

// Output writes to one writer, on a goroutine of its own so that a slow disk
// delays nobody.
type Output struct {
	url     string
	w       io.WriteCloser
	packets int
	written chan struct{} // closed when the goroutine has ended

	mu     sync.Mutex
	filled sync.Cond
	queue  []byte
	runs   bool // the goroutine was started
	closed bool
	err    error
}

// New returns an output that writes to w, which it closes in the end. url
// names it; packets is how many TS packets count as a datagram, 1 to
// output.MaxPackets.
func New(url string, w io.WriteCloser, packets int) *Output {
	o := &Output{url: url, w: w, packets: packets, written: make(chan struct{}), queue: make([]byte, 0, queueSize)}
	o.filled.L = &o.mu
	return o
}

// URL returns the name of the writer.
func (o *Output) URL() string { return o.url }

// Packets returns how many TS packets count as a datagram.
func (o *Output) Packets() int { return o.packets }

// Send queues packets, as output.Output says.
func (o *Output) Send(_ int64, payload []byte) output.Result {
	n := len(payload) / (o.packets * packet.Size)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil || len(o.queue)+len(payload) > queueSize {
		return output.Result{Dropped: n, Err: o.err}
	}
	o.start()
	o.queue = append(o.queue, payload...)
	o.filled.Signal()
	return output.Result{Sent: n}
}

// start starts the writing goroutine with the first packets.
func (o *Output) start() {
	if !o.runs {
		o.runs = true
		go o.write()
	}
}

// write empties the queue into the writer until Close. Two buffers take turns:
// one is filled while the other is written.
func (o *Output) write() {
	defer close(o.written)
	other := make([]byte, 0, queueSize)
	for {
		full, ok := o.take(other)
		if !ok {
			return
		}
		if _, err := o.w.Write(full); err != nil {
			o.fail(err)
		}
		other = full[:0]
	}
}

// take waits for bytes and swaps the buffer that holds them for the empty one.
func (o *Output) take(empty []byte) ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.queue) == 0 && !o.closed {
		o.filled.Wait()
	}
	full := o.queue
	o.queue = empty
	return full, len(full) > 0
}

func (o *Output) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = err
	}
}

// Close writes what is queued, closes the writer and returns the first error of either.
func (o *Output) Close() error {
	o.mu.Lock()
	o.closed = true
	o.start()
	o.filled.Signal()
	o.mu.Unlock()
	<-o.written
	err := o.w.Close()
	if o.err != nil {
		return o.err
	}
	return err
}
