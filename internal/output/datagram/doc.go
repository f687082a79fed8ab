// Package datagram sends a transport stream in UDP datagrams. [Conn] is the
// [output.Output] that the packages rtp and udp open: it sends a train of
// datagrams of one size in as few system calls as the system allows, never blocks,
// and opens its socket again after the network has failed.
package datagram
