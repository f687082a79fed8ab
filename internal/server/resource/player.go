package resource

import (
	"context"
	"net/http"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/engine"
	"github.com/lilo-live/lilo/internal/server/onair"
)

// Player puts channels on air.
type Player interface {
	// Start returns when the first datagram is about to leave.
	Start(ctx context.Context, c onair.Channel) (Broadcast, error)
}

// Broadcast is one pipeline on air, as [onair.Broadcast] is.
type Broadcast interface {
	Snapshot() onair.Snapshot
	Report() engine.Report
	SetSchedule(ctx context.Context, s channel.Schedule) error
	HLS(now func() time.Time) http.Handler
	Stop()
	Done() <-chan struct{}
	Err() error
}

// Live returns the player that really plays.
func Live(a *onair.Air) Player { return live{a} }

type live struct{ air *onair.Air }

func (l live) Start(ctx context.Context, c onair.Channel) (Broadcast, error) {
	b, err := l.air.Start(ctx, c)
	if err != nil {
		return nil, err
	}
	return b, nil
}
