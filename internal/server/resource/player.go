package resource

import (
	"context"
	"net/http"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

// Player puts channels on air.
type Player interface {
	// Start returns when the first datagram is about to leave.
	Start(ctx context.Context, c player.Config) (Broadcast, error)
}

// Broadcast is one pipeline on air, as [player.Channel] is.
type Broadcast interface {
	Snapshot() player.Snapshot
	Report() player.Report
	SetSchedule(ctx context.Context, s channel.Schedule) error
	HLS(now func() time.Time) http.Handler
	Stop()
	Done() <-chan struct{}
	Err() error
}

// Live returns the player that really plays.
func Live(a *player.Player) Player { return live{a} }

type live struct{ air *player.Player }

func (l live) Start(ctx context.Context, c player.Config) (Broadcast, error) {
	b, err := l.air.Start(ctx, c)
	if err != nil {
		return nil, err
	}
	return b, nil
}
