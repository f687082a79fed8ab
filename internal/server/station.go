package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/console"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
	"github.com/lilo-live/lilo/internal/source"
)

// station is what the console shows and steers: the server's channels.
type station struct {
	channels *service.Channels
	maker    maker
	source   source.Options
}

// Channels implements console.Operator.
func (s *station) Channels() []console.Channel {
	var all []console.Channel
	for _, one := range s.channels.Statuses() {
		all = append(all, s.seen(one))
	}
	return all
}

// Find implements console.Operator.
func (s *station) Find(id string) (console.Channel, bool) {
	one, err := s.channels.Status(id)
	if err != nil {
		return console.Channel{}, false
	}
	return s.seen(one), true
}

func (s *station) seen(one service.Status) console.Channel {
	c := console.Channel{ID: deref(one.Channel.Id), Name: deref(one.Channel.Name), State: string(one.Channel.State), Since: one.Since}
	for _, a := range one.Alerts {
		c.Alerts = append(c.Alerts, console.Alert{Kind: deref(a.AlertType), Message: deref(a.Message), Set: deref(a.SetTimestamp)})
	}
	for i, p := range one.Pipelines {
		if i == 0 {
			c.Spec, c.Source = p.Spec, s.shown(p.Spec.Source)
			if p.Spec.Source == s.maker.clip {
				c.Spec.Source = "" // As lilo run and lilo deploy have it.
			}
			c.Spec.AWS.Region = channel.DefaultAWS().Region // What it is told to be here is nobody's wish for AWS.
		}
		c.Pipelines = append(c.Pipelines, pipelineSeen(p))
	}
	return c
}

// shown is a source's name as it may be shown.
func (s *station) shown(name string) string {
	if name == "" || name == s.maker.clip {
		return "the bundled clip"
	}
	return source.Redact(name)
}

func pipelineSeen(p supervisor.Pipeline) console.Pipeline {
	if p.Playback == nil {
		return console.NewPipeline(p.Spec, nil)
	}
	s := p.Playback.Snapshot()
	return console.NewPipeline(p.Spec, &s)
}

// Probe implements console.Operator.
func (s *station) Probe(ctx context.Context, name string, encode *channel.Encode) (player.Report, error) {
	if rest, ok := strings.CutPrefix(name, "file://"); ok {
		path, err := url.PathUnescape(rest)
		if err != nil {
			path = rest
		}
		name = path
	}
	spec := channel.Default()
	spec.Source, spec.Encode = name, encode
	spec, err := spec.Complete()
	if err != nil {
		return player.Report{}, err
	}
	return player.Probe(ctx, spec, player.Options{Source: s.source})
}

// Create implements console.Operator.
func (s *station) Create(ctx context.Context, spec channel.Spec, start bool) (string, error) {
	d, err := documentOf(spec, s.maker.clip)
	if err != nil {
		return "", err
	}
	id, err := s.maker.create(ctx, d)
	if err == nil && start {
		_, err = s.channels.Start(ctx, id)
	}
	return id, err
}

// Start implements console.Operator.
func (s *station) Start(ctx context.Context, id string) error {
	_, err := s.channels.Start(ctx, id)
	return err
}

// Stop implements console.Operator.
func (s *station) Stop(ctx context.Context, id string) error {
	_, err := s.channels.Stop(ctx, id)
	return err
}

// Delete implements console.Operator. A channel that is on air is stopped first.
func (s *station) Delete(ctx context.Context, id string) error {
	return s.maker.remove(ctx, id)
}

// HLS implements console.Operator.
func (s *station) HLS(id string) http.Handler { return s.channels.HLS(id) }

// Document implements console.Operator.
func (s *station) Document(id string) ([]byte, error) {
	one, err := s.channels.Status(id)
	if err != nil {
		return nil, err
	}
	return medialive.Marshal(one.Channel)
}
