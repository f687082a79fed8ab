package mpegts

import (
	"errors"

	"github.com/lilo-live/lilo/internal/media"
)

// pesCursor writes the PES packets of an elementary stream of an entry.
type pesCursor struct {
	start  PCR // of the entry
	cutoff cutoff
	pes    pesPacketizer
	loaded bool              // pes holds the current PES packet
	reader *media.Reader     // nil for null packets in place of all
	damage media.DamageError // left out of the samples read
}

func newPESCursor(e *Entry, pid PID, end cutoff, t *media.Track, units []media.AccessUnit, samples bool) pesCursor {
	c := pesCursor{start: e.origin.Start, cutoff: end, pes: pesPacketizer{pid: pid, counter: e.origin.counters[pid]}}
	if samples {
		c.reader = media.NewReader(e.plan.loop.Asset, t, units)
	}
	return c
}

// replaced reports whether a null packet replaces packet number count.
func (c *pesCursor) replaced(count packetCount) bool {
	return c.reader == nil || c.cutoff.passed(count)
}

// load builds a PES packet of so many packets and goes to packet at of them.
func (c *pesCursor) load(packets, at Slot, random bool, appendPES func([]byte) ([]byte, error)) (err error) {
	c.pes.begin(packets, random)
	if c.pes.buf, err = appendPES(c.pes.buf); err != nil {
		if err = c.addDamage(err); err != nil {
			return err
		}
	}
	for range at {
		c.pes.skip()
	}
	c.loaded = true
	return nil
}

// addDamage counts an error that says what was left out of a sample, and returns any other.
func (c *pesCursor) addDamage(err error) error {
	var d *media.DamageError
	if !errors.As(err, &d) {
		return err
	}
	c.damage.Units += d.Units
	c.damage.Text = err.Error()
	return nil
}
