//go:build linux

package main

import (
	"net"

	"golang.org/x/sys/unix"
)

// sink opens a socket that nobody reads. Datagrams to it are dropped before they are
// copied to a receiver. It accepts whole trains (UDP_GRO): on the loopback interface the
// sender pays for the receiver's work, and segmenting a train is a network card's work.
func sink() (*net.UDPConn, int, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, 0, err
	}
	_ = conn.SetReadBuffer(4096)
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, 0, err
	}
	if err := raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_GRO, 1) }); err != nil {
		return nil, 0, err
	}
	return conn, conn.LocalAddr().(*net.UDPAddr).Port, nil
}
