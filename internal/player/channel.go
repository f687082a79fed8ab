package player

import (
	"context"
	"errors"
	"hash/fnv"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/output/outputs"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/playout"
)

// Channel is a channel on air. Any goroutine may call its methods.
type Channel struct {
	player   *Player
	config   Config
	playlist *Playlist
	playing  *playout.Channel
	pauses   pauses
	first    tap // its first destination
	// timeline makes the HLS timeline on the first call. It is replaced with the schedule.
	timeline atomic.Pointer[func() (*hls.Timeline, error)]
	done     chan struct{}
	err      error // valid once done is closed

	setting sync.Mutex // held by the goroutine that sets the schedule
	// moved holds when entries begin that were set too late, by the instants asked for
	// in nanoseconds since 1970. setting guards it.
	moved map[int64]time.Time

	sending   sync.Mutex // held by the goroutine that sets what is sent
	window    Window
	scheduled []channel.Pause
}

// start begins to play and gives up when ctx is done: a remote source may take long
// to deliver the first packets.
func (c *Channel) start(ctx context.Context) error {
	started := make(chan error, 1)
	go func() {
		started <- c.player.inputs.guard.Do("starting channel "+c.config.name(), func() error { return c.begin(ctx) })
	}()
	select {
	case err := <-started:
		return err
	case <-ctx.Done():
	}
	go func() {
		if <-started == nil {
			c.playing.Stop()
		}
	}()
	return fault.New(fault.Internal, "interrupted: %s was not put on air", c.playlist.initial().name())
}

// begin opens the outputs and adds the channel to the scheduler, which reads the
// first packets before it returns.
func (c *Channel) begin(ctx context.Context) error {
	s := &c.config.Spec
	if c.config.FailFast {
		if err := c.playlist.initial().load(); err != nil {
			return err
		}
	}
	to, err := outputs.Open(ctx, s.To, output.Stream{
		SSRC: SSRC(s.Name), RTPTime: c.playlist.RTPTime, Name: s.Name, BitRate: c.playlist.BitRate(), FEC: s.FEC, Dial: c.player.dial,
		Time: func(n packet.Number) time.Time { return s.Epoch.Add(c.playlist.Due(n)) },
	})
	if err != nil {
		return err
	}
	if s.Epoch.IsZero() {
		s.Epoch = epochNow(c.player.Now())
	}
	c.apply(c.config.Schedule.Pauses)
	if len(to) > 0 {
		c.first.Output = to[0]
		to = append([]output.Output{&c.first}, to[1:]...)
	}
	c.playing, err = c.player.scheduler.Add(playout.Config{
		Name: c.config.name(), Stream: c.playlist, Epoch: s.Epoch, Pacing: s.Pacing, Tolerance: s.Tolerance, For: s.For, Outputs: c.pauses.filter(to),
	})
	if err != nil {
		return errors.Join(err, outputs.Close(to))
	}
	c.playlist.onAir()
	return nil
}

// SSRC returns the SSRC of the RTP streams of a channel of that name (RFC 3550, 8). A
// restarted channel keeps it.
func SSRC(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32()
}

// epochNow returns an epoch just far enough ahead for the stream to begin with its
// first packet, on a whole millisecond so that it can be typed.
func epochNow(now time.Time) time.Time {
	return now.Add(20 * time.Millisecond).Truncate(time.Millisecond).UTC()
}

// wait closes the sources when the channel has ended.
func (c *Channel) wait() {
	c.err = errors.Join(c.playing.Err(), c.playlist.Close())
	close(c.done)
}

// SetWindow sets the part of the stream that is sent. It holds for what has not been sent yet.
func (c *Channel) SetWindow(w Window) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.window = w
	c.pauses.set(c.playlist, c.config.Spec.Epoch, c.scheduled, w)
}

// Spec returns the spec that the channel plays, with its epoch.
func (c *Channel) Spec() channel.Spec { return c.config.Spec }

// Report returns what Probe reports on the source that plays first.
func (c *Channel) Report() Report { return c.playlist.Report() }

// Watch returns the transport packets that are sent to the first destination from now on,
// train by train, until end is called. Who takes them too slowly finds trains closed.
func (c *Channel) Watch() (trains <-chan []byte, end func()) { return c.first.watch() }

// HLS returns a handler that serves the channel as package hls does.
func (c *Channel) HLS() http.Handler {
	return c.player.renderer.Handler(func() *hls.Timeline {
		t, err := (*c.timeline.Load())()
		if err != nil {
			c.player.log.Warn("the channel has no HLS", "channel", c.config.name(), "error", err)
			return nil
		}
		return t
	}, c.player.Now)
}

// Stop takes the channel off air and returns when its sockets are closed.
func (c *Channel) Stop() {
	c.playing.Stop()
	<-c.done
}

// Done is closed when the channel is off air: stopped, at its end, or failed.
func (c *Channel) Done() <-chan struct{} { return c.done }

// Err waits for the channel to end and returns why it failed, nil if it did not.
func (c *Channel) Err() error {
	<-c.done
	return c.err
}
