// Package packet is the vocabulary of transport stream packets (ISO/IEC
// 13818-1, 2.4.3) that the multiplex, the scheduler and the outputs share. It
// imports nothing of LILO.
package packet

// Size is the length of a packet in bytes (ISO/IEC 13818-1, 2.4.3.2).
const Size = 188

// Bits is the length of a packet in bits.
const Bits = 8 * Size

// Number is the number of a packet in a stream, from 0 at the epoch. A number of
// packets is a Number too, as with time.Duration.
type Number int64

// PID is a packet identifier, 13 bits (ISO/IEC 13818-1, 2.4.3.3).
type PID uint16
