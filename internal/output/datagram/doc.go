// Package datagram is the socket that the outputs over UDP share: it sends a
// train of equal datagrams in as few system calls as the system allows, never
// blocks, and heals itself when the network comes back.
package datagram
