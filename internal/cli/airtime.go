package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/playout"
	remote "github.com/lilo-live/lilo/internal/source"
)

// airtime shows how a channel fares: one line again and again on a terminal,
// lines now and then elsewhere.
type airtime struct {
	spec    channel.Spec
	loop    float64 // seconds a lap
	fetched func() (remote.Progress, bool)
	line    *line
	now     func() time.Time
	start   time.Time
}

// show returns when the channel has ended or ctx is done.
func (a *airtime) show(ctx context.Context, playing *playout.Channel) {
	a.start = a.now()
	if a.spec.Epoch.After(a.start) {
		a.start = a.spec.Epoch
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	defer a.line.Clear()
	next := 10 * time.Second
	for {
		select {
		case <-ctx.Done():
			return
		case <-playing.Done():
			return
		case <-tick.C:
		}
		spent, text := a.now().Sub(a.start), a.text(playing.Snapshot())
		if a.line.term.live() {
			a.line.Update(text)
		} else if spent >= next {
			a.line.Print(text)
			next = spent.Truncate(time.Minute) + time.Minute
		}
	}
}

// text is how the channel fares, on a line.
func (a *airtime) text(s playout.Snapshot) string {
	spent := a.now().Sub(a.start)
	if spent < 0 {
		return "begins in " + clock((-spent).Round(time.Second))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "on air %s  lap %s, %.1f of %.1f s  %s  late %s", clock(spent), count(s.Lap),
		max(0, s.Position.Seconds()-float64(s.Lap)*a.loop), a.loop, rate(s.BitRate), brief(s.Late.LastSecond))
	b.WriteString("  " + losses(s) + fetchedText(a.fetched()))
	return b.String()
}

// losses tells what was not sent as it should have been.
func losses(s playout.Snapshot) string {
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

// close says how it was.
func (a *airtime) close(s playout.Snapshot) {
	spent := max(0, a.now().Sub(a.start))
	a.line.Print(fmt.Sprintf("off air after %s: %s sent, %s; late by %s (99.9 %%), %s at most",
		clock(spent), counted(s.Datagrams, "datagram"), losses(s), brief(s.Late.P999), brief(s.Late.Max)))
	for _, o := range s.Outputs {
		if len(s.Outputs) > 1 || o.LastError != "" {
			a.line.Print(outputText(o))
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
