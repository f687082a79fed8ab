package server

import (
	"context"
	"time"
)

// copyEvery is how often the state is copied.
const copyEvery = 24 * time.Hour

// keepCopies keeps a copy of the state, which was read without an error, beside it: now
// and every day.
func (s *Server) keepCopies(ctx context.Context, state State) error {
	for {
		if err := state.Copy(); err != nil {
			s.env.Log.Warn("the state was not copied; trying again in a day", "error", err)
		}
		select {
		case <-time.After(copyEvery):
		case <-ctx.Done():
			return nil
		}
	}
}
