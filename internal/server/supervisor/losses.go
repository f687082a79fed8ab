package supervisor

import (
	"fmt"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
)

// calm is how long a pipeline loses nothing until its alert is cleared, and the least
// time between two log lines about its losses.
const calm = time.Minute

// losses are the datagrams that the receivers of a pipeline miss.
type losses struct {
	counted playout.Lost // by the playback that plays
	since   time.Time
	lost    playout.Lost // since then, zero if there is no alert
	last    time.Time
	logged  time.Time
	unsaid  playout.Lost // since the last log line
}

// minus returns what was lost after before; all of l if the count began again.
func minus(l, before playout.Lost) playout.Lost {
	if l.Skipped < before.Skipped || l.Dropped < before.Dropped || l.Unread < before.Unread {
		return l
	}
	return playout.Lost{Skipped: l.Skipped - before.Skipped, Dropped: l.Dropped - before.Dropped, Unread: l.Unread - before.Unread}
}

func plus(l, more playout.Lost) playout.Lost {
	return playout.Lost{Skipped: l.Skipped + more.Skipped, Dropped: l.Dropped + more.Dropped, Unread: l.Unread + more.Unread}
}

// inspectLosses updates the alert about what a pipeline loses, and logs it now and then.
func (c *runtime) inspectLosses(index int, n player.Snapshot) {
	total := n.Lost()
	s, now := &c.losses[index], c.s.records.Now()
	more := minus(total, s.counted)
	s.counted = total
	if more.Total() == 0 {
		if s.lost.Total() > 0 && now.Sub(s.last) >= calm {
			s.lost = playout.Lost{}
			c.alerts.clear(index, alertLost)
		}
		return
	}
	if s.lost.Total() == 0 {
		s.since = now
	}
	s.lost, s.unsaid, s.last = plus(s.lost, more), plus(s.unsaid, more), now
	c.alerts.set(index, alertLost, fmt.Sprintf("%d datagrams were lost since %s UTC: %s",
		s.lost.Total(), s.since.UTC().Format(time.TimeOnly), reasons(s.lost)))
	if now.Sub(s.logged) >= calm {
		c.s.o.Log.Warn("datagrams were lost: "+reasons(s.unsaid), "channel", c.id, "name", c.name(), "pipeline", index, "datagrams", s.unsaid.Total())
		s.logged, s.unsaid = now, playout.Lost{}
	}
}

// reasons says what datagrams were lost to.
func reasons(l playout.Lost) string {
	var all []string
	for _, one := range []struct {
		n    int64
		text string
	}{
		{l.Skipped, "%d were overdue, because this machine is too busy or stood still"},
		{l.Dropped, "%d were not accepted by the system"},
		{l.Unread, "%d have null packets, because the source was read too late"},
	} {
		if one.n > 0 {
			all = append(all, fmt.Sprintf(one.text, one.n))
		}
	}
	return strings.Join(all, "; ")
}
