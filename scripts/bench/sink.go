//go:build linux

package main

import (
	"net"

	"golang.org/x/sys/unix"
)

// sink opens a socket that nobody reads: what is sent to it is dropped where a
// receiver's copy would begin, and costs no process anything. It takes trains
// whole (UDP_GRO): on the loopback the sender pays for what the receiver's side
// does, and cutting up a train is a network card's work, not the sender's.
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

// segmented is the control message that has the kernel cut a buffer into
// datagrams of that size (UDP_SEGMENT).
func segmented(size uint16) []byte {
	oob := make([]byte, unix.CmsgSpace(2))
	oob[0] = byte(unix.CmsgLen(2)) // The length is in the first eight bytes, in the machine's order.
	oob[8], oob[12] = unix.SOL_UDP, unix.UDP_SEGMENT
	oob[16], oob[17] = byte(size), byte(size>>8)
	return oob
}
