package player

import (
	"time"

	"github.com/lilo-live/lilo/internal/mpegts"
)

// stream gives the packets of a plan to playout.
type stream struct {
	channel *Input
	plan    *mpegts.Plan
	packets *mpegts.Muxer
	idle    *mpegts.Muxer
}

// Fill implements playout.Stream.
func (s *stream) Fill(dst []byte, n int64) error { return s.channel.named(s.packets.Fill(dst, n)) }

// Idle implements playout.Stream. It has a cursor of its own, which reads
// nothing and so has no error to give.
func (s *stream) Idle(dst []byte, n int64) { _ = s.idle.Fill(dst, n) }

// Due implements playout.Stream.
func (s *stream) Due(n int64) time.Duration { return time.Duration(s.plan.Due(n)) }

// Before implements playout.Stream.
func (s *stream) Before(d time.Duration) int64 { return s.plan.Before(int64(d)) }

// RTPTime implements playout.Stream.
func (s *stream) RTPTime(n int64) uint32 { return s.plan.RTPTime(n) }

// BitRate implements playout.Stream.
func (s *stream) BitRate() int64 { return s.plan.BitRate() }

// Lap implements playout.Stream.
func (s *stream) Lap(n int64) int64 { return s.plan.Lap(n) }
