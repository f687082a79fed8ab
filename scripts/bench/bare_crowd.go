//go:build linux

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/playout"
)

// bareCrowd is bare for many channels, at the instants at which the scheduler
// sends them, until ctx is done; then it prints a crowd. Each channel's trains
// come from memory of its own, as much as a ring has, for what is sent again and
// again lies nearer to the processor than any stream does.
func bareCrowd(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bare-crowd", flag.ExitOnError)
	channels := flags.Int("channels", 1000, "how many")
	pacing := flags.Duration("pacing", 10*time.Millisecond, "from train to train")
	rate := flags.Int64("rate", 5_000_000, "of each, in bit/s")
	port := flags.Int("port", 5000, "to send to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	clock, err := playout.NewClock()
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, clock.Interrupt)
	var all []*bareChannel
	for range *channels {
		c, err := newBareChannel(*rate, *port)
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	fmt.Println("playing")
	runtime.GC() // What was made is not collected while it sends.
	if err := sendAll(ctx, clock, *pacing, all); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(bareLateness(all))
}

// bareChannel is a socket and what is sent of it.
type bareChannel struct {
	fd     int
	each   time.Duration // from datagram to datagram
	memory []byte
	sent   int64
	late   []float64 // of its trains, in ms
}

func newBareChannel(rate int64, port int) (*bareChannel, error) {
	c := &bareChannel{each: time.Duration(7 * 188 * 8 * int64(time.Second) / rate)}
	c.memory = make([]byte, int(300*time.Millisecond/c.each)*datagramSize)
	var err error
	if c.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, err
	}
	for i := range c.memory {
		c.memory[i] = byte(i)
	}
	if err := unix.Connect(c.fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return nil, err
	}
	return c, unix.SetsockoptInt(c.fd, unix.SOL_UDP, unix.UDP_SEGMENT, datagramSize)
}

// train sends what is due a time after the start.
func (c *bareChannel) train(at time.Duration) error {
	for n := int64(at/c.each) - c.sent; n > 0; n = int64(at/c.each) - c.sent {
		room := int64(len(c.memory) / datagramSize)
		from := c.sent % room
		n = min(n, room-from, 48)
		if _, err := unix.SendmsgN(c.fd, c.memory[from*datagramSize:(from+n)*datagramSize], nil, nil, unix.MSG_DONTWAIT); err != nil {
			return err
		}
		c.sent += n
	}
	return nil
}

// sendAll sends the channels in groups, a millisecond apart.
func sendAll(ctx context.Context, clock playout.Clock, pacing time.Duration, all []*bareChannel) error {
	groups := max(1, min(len(all)/64, int(pacing/time.Millisecond)))
	start := clock.Now()
	for train := 1; ctx.Err() == nil; train++ {
		for g := range groups {
			due := start.Add(time.Duration(train)*pacing + time.Duration(g)*time.Millisecond)
			for now := clock.Now(); now < due && ctx.Err() == nil; now = clock.Now() {
				clock.Wait(due)
			}
			for _, b := range all[len(all)*g/groups : len(all)*(g+1)/groups] {
				b.late = append(b.late, clock.Now().Sub(due).Seconds()*1e3)
				if err := b.train(due.Sub(start)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// bareLateness returns how late the trains of the channels were.
func bareLateness(all []*bareChannel) (c crowd) {
	var quantiles []float64
	for _, b := range all {
		c.Datagrams += b.sent
		slices.Sort(b.late)
		quantiles = append(quantiles, b.late[len(b.late)*999/1000])
		c.Max = max(c.Max, b.late[len(b.late)-1])
	}
	c.MedianLate999, c.Late999 = median(quantiles), slices.Max(quantiles)
	return c
}
