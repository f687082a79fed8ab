package supervisor

import (
	"fmt"
	"time"

	"github.com/lilo-live/lilo/internal/player"
)

// calm is how long a pipeline skips nothing until its alert is cleared, and the least
// time between two log lines about its skips.
const calm = time.Minute

// skips are the datagrams that a pipeline did not send because they were overdue.
type skips struct {
	counted int64 // by the playback that plays
	since   time.Time
	n       int64 // since then, 0 if there is no alert
	last    time.Time
	logged  time.Time
	unsaid  int64 // since the last log line
}

// inspectSkips updates the alert about what a pipeline skips, and logs it now and then.
func (c *runtime) inspectSkips(index int, n player.Snapshot) {
	total := int64(0)
	for _, o := range n.Outputs {
		total += o.Skipped
	}
	s, now := &c.skips[index], c.s.records.Now()
	more := total - s.counted
	if more < 0 { // It was started again.
		more = total
	}
	s.counted = total
	if more == 0 {
		if s.n > 0 && now.Sub(s.last) >= calm {
			s.n = 0
			c.alerts.clear(index, alertSkip)
		}
		return
	}
	if s.n == 0 {
		s.since = now
	}
	s.n, s.unsaid, s.last = s.n+more, s.unsaid+more, now
	c.alerts.set(index, alertSkip, fmt.Sprintf("%d datagrams were not sent since %s UTC, because they were overdue: this machine is too busy, or stood still",
		s.n, s.since.UTC().Format(time.TimeOnly)))
	if now.Sub(s.logged) >= calm {
		name := ""
		if r := c.record(); r != nil && r.Doc.Name != nil {
			name = *r.Doc.Name
		}
		c.s.o.Log.Warn("datagrams were skipped, since they were overdue", "channel", c.id, "name", name, "pipeline", index, "datagrams", s.unsaid)
		s.logged, s.unsaid = now, 0
	}
}
