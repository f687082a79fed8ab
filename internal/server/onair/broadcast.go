package onair

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/engine"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/playout"
)

// Broadcast is a channel on air. Any goroutine may call its methods.
type Broadcast struct {
	air       *Air
	channel   Channel
	programme *engine.Programme
	playing   *playout.Channel
	gate      gate
	done      chan struct{}
	err       error // read after done

	setting  sync.Mutex          // one goroutine sets the schedule at a time
	moved    map[int64]time.Time // of setting: when switches come that were set late, by their instants
	pauses   atomic.Pointer[[]channel.Pause]
	timeline atomic.Pointer[timeline]
}

// timeline is the broadcast as HLS, made when it is first asked for.
type timeline struct{ make func() (*hls.Timeline, error) }

// first returns what plays at the epoch.
func (b *Broadcast) first() *engine.Channel { return b.programme.Cues()[0].Channel }

// await releases the sources when the channel has ended.
func (b *Broadcast) await() {
	err := b.playing.Err()
	b.err = errors.Join(err, b.programme.Close())
	close(b.done)
}

// Report returns what probe tells of the source that plays first.
func (b *Broadcast) Report() engine.Report { return b.first().Report() }

// HLS serves the broadcast as package hls does.
func (b *Broadcast) HLS(now func() time.Time) http.Handler {
	return b.air.maker.Handler(func() *hls.Timeline {
		t, err := b.timeline.Load().make()
		if err != nil {
			b.air.log.Warn("there is no HLS of the channel", "channel", b.channel.Key, "error", err)
			return nil
		}
		return t
	}, now)
}

// laid returns the timeline of what the programme plays now.
func (b *Broadcast) laid() *timeline {
	cues := b.programme.Cues()
	return &timeline{sync.OnceValues(func() (*hls.Timeline, error) {
		var parts []hls.Entry
		for _, c := range cues {
			p, err := c.Channel.HLSEntry(b.channel.Spec.Epoch.Add(c.From))
			if err != nil {
				return nil, err
			}
			if c.Once {
				p.Laps, p.Cold = 1, true
			}
			parts = append(parts, p)
		}
		return hls.New(parts...)
	})}
}

// Stop takes it off air and returns when its sockets are closed.
func (b *Broadcast) Stop() {
	b.playing.Stop()
	<-b.done
}

// Done is closed when it is off air, whether stopped or ended by its stream.
func (b *Broadcast) Done() <-chan struct{} { return b.done }

// Err waits for that and returns why: nil when it was stopped.
func (b *Broadcast) Err() error {
	<-b.done
	return b.err
}
