//go:build linux

package main

import (
	"context"
	"flag"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/playout"
)

// The datagrams of RTP: a header and seven transport packets.
const datagramSize = 12 + 7*188

// bare sends datagrams of nothing in the trains of a channel of that rate: what
// no sender with these wake-ups can do without.
func bare(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bare", flag.ExitOnError)
	rate := flags.Int64("rate", 5_000_000, "of the transport stream, in bit/s")
	pacing := flags.Duration("pacing", 8*time.Millisecond, "from train to train")
	port := flags.Int("port", 5000, "to send to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	conn, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: *port})
	if err != nil {
		return err
	}
	defer conn.Close()
	clock, err := playout.NewClock()
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, clock.Interrupt)
	each := time.Duration(7 * 188 * 8 * int64(time.Second) / *rate)
	return trains(ctx, conn, clock, *pacing, each)
}

// trains sends what is due at every step of pacing, a datagram being due every each.
func trains(ctx context.Context, conn *net.UDPConn, clock playout.Clock, pacing, each time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	const longest = 48 // datagrams in one call
	buf, oob := make([]byte, longest*datagramSize), segmented(datagramSize)
	sent, start := int64(0), clock.Now()
	for train := int64(1); ctx.Err() == nil; train++ {
		at := time.Duration(train) * pacing
		clock.Wait(start.Add(at))
		for due := int64(at / each); sent < due; {
			n := min(due-sent, longest)
			sent += n
			if err := raw.Write(func(fd uintptr) bool {
				_, err = unix.SendmsgN(int(fd), buf[:n*datagramSize], oob, nil, 0)
				return true
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
