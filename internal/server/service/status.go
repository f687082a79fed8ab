package service

import (
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// Status is the condition of a channel.
type Status struct {
	// Channel is as Describe returns it.
	Channel *types.Channel
	// Since is when it entered its state.
	Since time.Time
	// Pipelines are one or two, or none if the channel cannot be played.
	Pipelines []supervisor.Pipeline
	// Alerts are those that are set.
	Alerts []types.ChannelAlert
}

// Statuses returns all channels that are not deleted, in the order of their creation.
func (c *Channels) Statuses() []Status {
	var all []Status
	for _, r := range c.records.Channels.List() {
		all = append(all, c.status(r))
	}
	return all
}

// Status returns a channel that is not deleted.
func (c *Channels) Status(id string) (Status, error) {
	if r := c.records.Channels.Find(id); r != nil {
		return c.status(r), nil
	}
	return Status{}, noChannel(id)
}

func (c *Channels) status(r *record.Channel) Status {
	id := *r.Doc.Id
	return Status{
		Channel: c.describe(r), Since: r.Since, Pipelines: c.supervisor.Pipelines(id),
		Alerts: c.supervisor.Alerts(id, types.ChannelAlertStateSet),
	}
}

// Playback returns what plays in a pipeline, nil if nothing does.
func (c *Channels) Playback(id string, index int) supervisor.Playback {
	if all := c.supervisor.Pipelines(id); index < len(all) {
		return all[index].Playback
	}
	return nil
}

// HLS serves a channel's first pipeline as HLS; nil if that does not play.
func (c *Channels) HLS(id string) http.Handler {
	if b := c.Playback(id, 0); b != nil {
		return b.HLS()
	}
	return nil
}
