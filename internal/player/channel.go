package player

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/playout"
)

// Channel is a channel on air. Any goroutine may call its methods.
type Channel struct {
	air      *Player
	channel  Config
	playlist *Playlist
	playing  *playout.Channel
	gate     pauses
	done     chan struct{}
	err      error // read after done

	setting  sync.Mutex          // one goroutine sets the schedule at a time
	moved    map[int64]time.Time // of setting: when switches come that were set late, by their instants
	pauses   atomic.Pointer[[]channel.Pause]
	timeline atomic.Pointer[timeline]
}

// timeline is the broadcast as HLS, made when it is first asked for.
type timeline struct{ make func() (*hls.Timeline, error) }

// first returns what plays at the epoch.
func (b *Channel) first() *Input { return b.playlist.Entries()[0].Input }

// await releases the sources when the channel has ended.
func (b *Channel) await() {
	err := b.playing.Err()
	b.err = errors.Join(err, b.playlist.Close())
	close(b.done)
}

// Report returns what probe tells of the source that plays first.
func (b *Channel) Report() Report { return b.first().Report() }

// HLS serves the broadcast as package hls does.
func (b *Channel) HLS(now func() time.Time) http.Handler {
	return b.air.maker.Handler(func() *hls.Timeline {
		t, err := b.timeline.Load().make()
		if err != nil {
			b.air.log.Warn("there is no HLS of the channel", "channel", b.channel.Key, "error", err)
			return nil
		}
		return t
	}, now)
}

// laid returns the timeline of what the playlist plays now.
func (b *Channel) laid() *timeline {
	entries := b.playlist.Entries()
	return &timeline{sync.OnceValues(func() (*hls.Timeline, error) {
		var parts []hls.Entry
		for _, c := range entries {
			p, err := c.Input.HLSEntry(b.channel.Spec.Epoch.Add(c.From))
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
func (b *Channel) Stop() {
	b.playing.Stop()
	<-b.done
}

// Done is closed when it is off air, whether stopped or ended by its stream.
func (b *Channel) Done() <-chan struct{} { return b.done }

// Err waits for that and returns why: nil when it was stopped.
func (b *Channel) Err() error {
	<-b.done
	return b.err
}
