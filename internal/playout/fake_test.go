package playout

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// perSecond is the rate of the fake stream in packets a second: 5,000,400
// bit/s, so that due times are no whole milliseconds.
const perSecond = 3325

// fake is a stream of numbered null packets; Idle marks its own.
type fake struct {
	failAt packet.Number // Fill fails from this packet on, if not 0
}

var errSource = errors.New("the source is gone")

func (f fake) Fill(dst []byte, n packet.Number) error {
	if f.failAt > 0 && n+packet.Number(len(dst)/packet.Size) > f.failAt {
		return errSource
	}
	number(dst, n, 0)
	return nil
}

func (f fake) Idle(dst []byte, n packet.Number) { number(dst, n, 1) }

func number(dst []byte, n packet.Number, idle byte) {
	for ; len(dst) > 0; dst = dst[packet.Size:] {
		binary.BigEndian.PutUint32(dst, 0x471f_ff10)
		binary.BigEndian.PutUint64(dst[4:], uint64(n))
		dst[12] = idle
		n++
	}
}

func (fake) Due(n packet.Number) time.Duration {
	q, r := n/perSecond, n%perSecond
	return time.Duration(q)*time.Second + (time.Duration(r)*time.Second+perSecond-1)/perSecond
}

func (f fake) Before(d time.Duration) packet.Number {
	if d <= 0 {
		return 0
	}
	q, r := int64(d/time.Second), int64(d%time.Second)
	return packet.Number(q*perSecond + (r*perSecond+int64(time.Second)-1)/int64(time.Second))
}

func (fake) RTPTime(n packet.Number) uint32 {
	return uint32(n/perSecond*90000 + n%perSecond*90000/perSecond)
}
func (fake) BitRate() int64            { return perSecond * packet.Size * 8 }
func (fake) Lap(n packet.Number) int64 { return int64(n / (10 * perSecond)) }

func outputs(all ...*recorder) (out []output.Output) {
	for _, r := range all {
		out = append(out, r)
	}
	return out
}

// datagram is what a recorder has received: when, and which packets.
type datagram struct {
	at     Instant
	number int64 // of the datagram, as Send said
	first  int64 // number of the first packet, as its bytes say
	idle   bool  // some packet replaces one that was not read
}

// recorder is an output that records what it is sent.
type recorder struct {
	clock   Clock
	url     string // empty: test://recorder
	packets int
	answer  func(n int) output.Result // nil: everything is sent

	mu     sync.Mutex
	got    []datagram
	trains int
	closed int
}

func (r *recorder) URL() string  { return cmp.Or(r.url, "test://recorder") }
func (r *recorder) Packets() int { return r.packets }

func (r *recorder) Send(first packet.Number, payload []byte) output.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trains++
	n := len(payload) / (r.packets * packet.Size)
	for i := range n {
		b := payload[i*r.packets*packet.Size:]
		d := datagram{r.clock.Now(), int64(first)/int64(r.packets) + int64(i), int64(binary.BigEndian.Uint64(b[4:])), false}
		for k := range r.packets {
			d.idle = d.idle || b[k*packet.Size+12] == 1
		}
		r.got = append(r.got, d)
	}
	if r.answer != nil {
		return r.answer(n)
	}
	return output.Result{Sent: n}
}

func (r *recorder) Close() error { r.closed++; return nil }

// manual is a clock that a test sets.
type manual struct{ now Instant }

func (m *manual) Now() Instant          { return m.now }
func (m *manual) Wait(Instant)          {}
func (m *manual) Interrupt()            {}
func (m *manual) Alarm(Instant)         {}
func (m *manual) Clone() (Clock, error) { return m, nil }
func (m *manual) Close() error          { return nil }

// harness is a scheduler that a test steps through time. Readers read when the
// test says so, on its goroutine.
type harness struct {
	t      *testing.T
	clock  *manual
	sched  *Scheduler
	hold   bool // readers do nothing
	wakes  []Instant
	logged *lines
}

func newHarness(t *testing.T) *harness {
	r := &harness{t: t, clock: &manual{now: At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))}, logged: &lines{}}
	r.sched = New(r.clock, slog.New(r.logged))
	r.sched.reads.running = 1000 // Only the test reads.
	return r
}

// add adds a channel of recorders with that many packets a datagram.
func (r *harness) add(c Config, packets ...int) (*Channel, []*recorder) {
	r.t.Helper()
	var all []*recorder
	for _, n := range packets {
		rec := &recorder{clock: r.clock, packets: n}
		all = append(all, rec)
		c.Outputs = append(c.Outputs, rec)
	}
	if c.Epoch.IsZero() {
		c.Epoch = wallTime(r.clock.now)
	}
	if c.Stream == nil {
		c.Stream = fake{}
	}
	p, err := r.sched.Add(c)
	if err != nil {
		r.t.Fatal(err)
	}
	return p, all
}

// step lets the scheduler send and then the readers read. It returns when the
// scheduler wants to wake.
func (r *harness) step() Instant {
	next := r.sched.step(r.clock.now)
	for !r.hold && r.sched.reads.readOne(r.clock.now, never) {
	}
	return next
}

// run steps from wake to wake for d.
func (r *harness) run(d time.Duration) {
	for end := r.clock.now.Add(d); ; {
		next := r.step()
		if next > end {
			r.clock.now = end
			return
		}
		r.clock.now = next
		r.wakes = append(r.wakes, next)
	}
}

// stall lets time pass without anything being done.
func (r *harness) stall(d time.Duration) { r.clock.now = r.clock.now.Add(d) }

// lines is a log handler that records messages.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) Enabled(context.Context, slog.Level) bool { return true }
func (l *lines) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *lines) WithGroup(string) slog.Handler            { return l }

func (l *lines) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, r.Message)
	return nil
}

func wallTime(i Instant) time.Time { return time.Unix(0, int64(i)) }
