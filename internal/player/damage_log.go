package player

import (
	"log/slog"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

// The pauses between two lines about damaged samples, in the stream's time. Each is
// twice as long as the one before: every lap has the same damage.
const (
	minDamagePause = time.Minute
	maxDamagePause = 24 * time.Hour
)

// damageLog tells what is left out of the samples of a channel. The zero value tells nothing.
type damageLog struct {
	log     *slog.Logger
	channel string
	units   int
	// A line may be written from next on.
	next  time.Duration
	pause time.Duration
}

// add counts what was left out of samples read for packets that are due at an instant.
func (l *damageLog) add(d media.DamageError, due time.Duration) {
	if l.units += d.Units; l.log == nil || due < l.next {
		return
	}
	l.pause = min(max(2*l.pause, minDamagePause), maxDamagePause)
	l.next = due + l.pause
	l.log.Warn("the source is damaged; the channel goes on without what no decoder can use: get the file again or encode it (--encode avc)",
		"channel", l.channel, "left_out", l.units, "last", d.Text)
}
