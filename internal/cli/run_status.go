package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
)

// runStatus shows the condition of a channel on air: on a terminal in a status
// line, elsewhere as a line now and then.
type runStatus struct {
	line  *statusLine
	now   func() time.Time
	start time.Time // when the channel begins to play
}

// show returns when the channel has ended or ctx is done.
func (c *runStatus) show(ctx context.Context, ch *player.Channel) {
	c.start = c.now()
	if epoch := ch.Spec().Epoch; epoch.After(c.start) {
		c.start = epoch
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	defer c.line.Clear()
	next := 10 * time.Second
	for {
		select {
		case <-ctx.Done():
			return
		case <-ch.Done():
			return
		case <-tick.C:
		}
		spent, text := c.now().Sub(c.start), c.text(ch.Snapshot())
		if c.line.term.live() {
			c.line.Update(text)
		} else if spent >= next {
			c.line.Print(text)
			next = spent.Truncate(time.Minute) + time.Minute
		}
	}
}

// text returns the condition of the channel on one line.
func (c *runStatus) text(s player.Snapshot) string {
	spent := c.now().Sub(c.start)
	if spent < 0 {
		return "begins in " + clock((-spent).Round(time.Second))
	}
	return fmt.Sprintf("on air %s  lap %s, %.1f of %.1f s  %s  late %s  %s", clock(spent), count(s.Lap),
		s.LapPosition, s.LapSeconds, rate(s.BitRate), lateness(s.Late.LastSecond), lossText(s)+fetchedText(s))
}

// lossText says what was not sent as it should have been.
func lossText(s player.Snapshot) string {
	dropped, skipped := int64(0), int64(0)
	for _, o := range s.Outputs {
		dropped += o.Dropped
		skipped += o.Skipped
	}
	text := count(dropped) + " dropped"
	if skipped > 0 {
		text += ", " + count(skipped) + " skipped"
	}
	if s.Starved > 0 {
		text += ", " + counted(s.Starved, "packet") + " read too late"
	}
	return text
}

// fetchedText says how much of a remote source is in the cache, or how often the
// source was away.
func fetchedText(s player.Snapshot) string {
	at := s.Fetched
	switch {
	case !s.Remote:
		return ""
	case at.Stalled:
		return "  the source is away"
	case at.Have < at.Size:
		return fmt.Sprintf("  %.0f %% fetched", 100*float64(at.Have)/float64(at.Size))
	case at.Outages > 0:
		return "  the source was away " + counted(at.Outages, "time")
	}
	return ""
}

// summarize says how the channel has fared.
func (c *runStatus) summarize(s player.Snapshot) {
	spent := max(0, c.now().Sub(c.start))
	c.line.Print(fmt.Sprintf("off air after %s: %s sent, %s; late by %s (99.9 %%), %s at most",
		clock(spent), counted(s.Datagrams, "datagram"), lossText(s), lateness(s.Late.P999), lateness(s.Late.Max)))
	for _, o := range s.Outputs {
		if len(s.Outputs) > 1 || o.LastError != "" {
			c.line.Print(outputText(o))
		}
	}
}

func outputText(o playout.OutputSnapshot) string {
	text := fmt.Sprintf("  %s: %s sent, %s dropped", o.URL, counted(o.Datagrams, "datagram"), count(o.Dropped))
	if o.Refused > 0 {
		text += fmt.Sprintf(", refused %s", counted(o.Refused, "time"))
	}
	if o.LastError != "" {
		text += "; it " + strings.TrimPrefix(o.LastError, o.URL+" ")
	}
	return text
}
