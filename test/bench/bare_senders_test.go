//go:build bench && linux

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/playout"
)

// datagramSize is the length of a datagram with an RTP header and seven packets.
const datagramSize = 12 + 7*packet.Size

// maxSegments is how many datagrams are sent with one call.
const maxSegments = 48

// bareSenders is the process "bench bare". It sends datagrams without a stream in
// the trains and at the instants at which the scheduler sends channels, until ctx is
// done, and prints a channelStats: what no sender can do without. The datagrams of
// each sender come from memory as large as a channel's ring, since memory that is
// sent again and again stays closer to the processor than a stream does.
func bareSenders(ctx context.Context, args []string) error {
	load := parseLoad(args)
	clock, err := playout.NewClock()
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, clock.Interrupt)
	var all []*bareSender
	for range load.channels {
		s, err := newBareSender(load.rate, load.port)
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	fmt.Println("playing") // The parent waits for this line.
	runtime.GC()           // Garbage of the start is not collected later.
	if err := sendBare(ctx, clock, load.pacing, all); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(bareStats(all))
}

// bareSender is a socket and what it sends.
type bareSender struct {
	fd       int
	interval time.Duration // from datagram to datagram
	memory   []byte
	sent     int64
	late     []float64 // of its trains, in ms
}

func newBareSender(rate int64, port int) (*bareSender, error) {
	s := &bareSender{interval: time.Duration(7 * packet.Bits * int64(time.Second) / rate)}
	s.memory = make([]byte, int(300*time.Millisecond/s.interval)*datagramSize)
	for i := range s.memory {
		s.memory[i] = byte(i)
	}
	var err error
	if s.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, err
	}
	if err := unix.Connect(s.fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return nil, err
	}
	return s, unix.SetsockoptInt(s.fd, unix.SOL_UDP, unix.UDP_SEGMENT, datagramSize)
}

// train sends what is due at a time after the start.
func (s *bareSender) train(at time.Duration) error {
	for due := int64(at / s.interval); s.sent < due; {
		room := int64(len(s.memory) / datagramSize)
		from := s.sent % room
		n := min(due-s.sent, room-from, maxSegments)
		if _, err := unix.SendmsgN(s.fd, s.memory[from*datagramSize:(from+n)*datagramSize], nil, nil, unix.MSG_DONTWAIT); err != nil {
			return err
		}
		s.sent += n
	}
	return nil
}

// sendBare sends until ctx is done. Many senders send in groups, a millisecond apart.
func sendBare(ctx context.Context, clock playout.Clock, pacing time.Duration, all []*bareSender) error {
	groups := max(1, min(len(all)/64, int(pacing/time.Millisecond)))
	start := clock.Now()
	for train := 1; ctx.Err() == nil; train++ {
		for g := range groups {
			due := start.Add(time.Duration(train)*pacing + time.Duration(g)*time.Millisecond)
			for now := clock.Now(); now < due && ctx.Err() == nil; now = clock.Now() {
				clock.Wait(due)
			}
			for _, s := range all[len(all)*g/groups : len(all)*(g+1)/groups] {
				s.late = append(s.late, milliseconds(clock.Now().Sub(due)))
				if err := s.train(due.Sub(start)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// bareStats returns how late the trains of the senders were.
func bareStats(all []*bareSender) (c channelStats) {
	var p999 []float64
	for _, s := range all {
		c.Datagrams += s.sent
		slices.Sort(s.late)
		p999 = append(p999, s.late[len(s.late)*999/1000])
	}
	c.MedianLate999, c.Late999 = median(p999), slices.Max(p999)
	return c
}
