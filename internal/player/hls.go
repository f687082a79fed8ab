package player

import (
	"time"

	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/source"
)

// HLS returns the timeline of the channel that begins at an epoch and plays its
// source for ever.
func (c *Input) HLS(epoch time.Time) (*hls.Timeline, error) {
	p, err := c.HLSEntry(epoch)
	if err != nil {
		return nil, err
	}
	return hls.New(p)
}

// HLSEntry returns the part of a timeline in which the channel's source plays from
// a time on. All parts of a channel share one reel, which is made for the first.
func (c *Input) HLSEntry(from time.Time) (hls.Entry, error) {
	reel, err := c.reel()
	if err != nil {
		return hls.Entry{}, err
	}
	_, remote := c.source.(source.Remote)
	// What is before the first lap lies at the end of the file: of a remote one it
	// would have to be fetched before what plays.
	return hls.Entry{Loop: reel, From: from, Cold: remote}, nil
}
