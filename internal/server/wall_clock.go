package server

import (
	"context"
	"time"
)

// watchClock tells when the wall clock was set: channels do not follow it.
func (s *Server) watchClock(ctx context.Context) error {
	var told time.Duration
	for {
		select {
		case <-time.After(time.Minute):
		case <-ctx.Done():
			return nil
		}
		by := s.env.Machine.Now().Sub(s.player.Now())
		if (by - told).Abs() > time.Second {
			told = by
			s.env.Log.Warn("the wall clock was set: channels and their schedules stay with the time that it had when the server began; start the server again to follow it", "by", by.Round(time.Millisecond))
		}
	}
}
