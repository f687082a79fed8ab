package supervisor

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/record"
)

// Duty is what this node does about a pipeline, where several nodes share the channels.
type Duty struct {
	// Open says that it opens the pipeline, or keeps it open.
	Open bool
	// Window is the part of the stream that it sends.
	Window player.Window
}

// SetDuty sets the duty of a pipeline. It needs Options.Shared.
func (s *Supervisor) SetDuty(key placement.Key, d Duty) {
	s.mu.Lock()
	old := s.duties[key]
	if d == (Duty{}) {
		delete(s.duties, key)
	} else {
		s.duties[key] = d
	}
	c := s.channels[key.Channel]
	s.mu.Unlock()
	if c == nil || old == d {
		return
	}
	signal(c.given)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pipelines {
		if p.index != key.Pipeline {
			continue
		}
		signal(p.given)
		if !d.Open && p.giveUp != nil {
			p.giveUp()
		}
	}
}

// duty returns the duty of a pipeline: all of it, where this node shares with nobody.
func (s *Supervisor) duty(key placement.Key) Duty {
	if !s.o.Shared {
		return Duty{Open: true}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.duties[key]
}

func (p *pipeline) key() placement.Key { return placement.Key{Channel: p.of.id, Pipeline: p.index} }

func (p *pipeline) duty() Duty { return p.of.s.duty(p.key()) }

// awaitDuty waits until this node is to open the pipeline, or returns false when ctx is done
// first.
func (p *pipeline) awaitDuty(ctx context.Context) bool {
	if !p.duty().Open {
		p.of.alerts.clearIf(func(a types.ChannelAlert) bool {
			return *a.PipelineId == pipelineID(p.index) && *a.AlertType != alertSetting
		})
		p.setRecovering(false)
	}
	for !p.duty().Open {
		select {
		case <-p.given:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// whileOpen returns a context that ends when this node is no longer to open the pipeline.
func (p *pipeline) whileOpen(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.giveUp = cancel
	return ctx, func() {
		cancel()
		p.of.mu.Lock()
		defer p.of.mu.Unlock()
		p.giveUp = nil
	}
}

// awaitDuty waits until this node is to open any of the channel's pipelines, or returns false
// when ctx is done first.
func (c *runtime) awaitDuty(ctx context.Context, pipelines []*pipeline) bool {
	if !c.s.o.Shared {
		return true
	}
	c.s.starts.settle(c.id)
	for !slices.ContainsFunc(pipelines, func(p *pipeline) bool { return p.duty().Open }) {
		select {
		case <-c.given:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// changedHere tells that something is open that was not, or that a report has changed.
func (s *Supervisor) changedHere() {
	if s.o.Changed != nil {
		s.o.Changed()
	}
}

// Opened reports whether this node can send a pipeline as soon as it may.
func (s *Supervisor) Opened(key placement.Key) bool {
	all := s.Pipelines(key.Channel)
	return key.Pipeline < len(all) && all[key.Pipeline].Playback != nil
}

// Demands returns the pipelines of all channels that are to be on air.
func (s *Supervisor) Demands() (all []placement.Pipeline) {
	for _, r := range s.records.Channels.List() {
		c := s.channel(*r.Doc.Id)
		if c == nil || !r.OnAir() {
			continue
		}
		t, err := c.target()
		if err != nil {
			continue // The runtime tells it.
		}
		for i, p := range t.Pipelines {
			all = append(all, placement.Pipeline{Key: placement.Key{Channel: c.id, Pipeline: i}, Rate: rateOf(r, p.Spec), Needs: needsOf(r, p)})
		}
	}
	return all
}

// rateOf returns the rate of all that a pipeline sends, as far as it is known before its
// source is open: that which is set, or the highest that the input may have.
func rateOf(r *record.Channel, s channel.Spec) media.BitRate {
	rate := media.BitRate(s.MuxRate)
	if rate == 0 {
		rate = 10_000_000
		if in := r.Doc.InputSpecification; in != nil {
			switch in.MaximumBitrate {
			case types.InputMaximumBitrateMax20Mbps:
				rate = 20_000_000
			case types.InputMaximumBitrateMax50Mbps:
				rate = 50_000_000
			default: // The least.
			}
		}
	}
	return rate * media.BitRate(max(1, len(s.To)))
}

// needsOf returns what a node must have to play a pipeline.
func needsOf(r *record.Channel, c player.Config) (n placement.Needs) {
	n.Labels = record.NodeLabels(r.Doc.Tags)
	for _, to := range c.Spec.To {
		for _, name := range []string{to.Interface, to.LocalAddr} {
			if name != "" {
				n.Interfaces = append(n.Interfaces, name)
			}
		}
	}
	add := func(source string) {
		if filepath.IsAbs(source) {
			n.Files = append(n.Files, source)
		}
	}
	add(c.Spec.Source)
	for _, e := range c.Schedule.Entries {
		add(e.Source)
	}
	return n
}

// Report is what other nodes are told of a pipeline.
type Report struct {
	Sends      bool                 `json:"sends,omitempty"`
	Recovering bool                 `json:"recovering,omitempty"`
	Alerts     []types.ChannelAlert `json:"alerts,omitempty"`
}

// Report returns the report of a pipeline of this node, in JSON.
func (s *Supervisor) Report(key placement.Key) []byte {
	var r Report
	if c := s.channel(key.Channel); c != nil {
		r.Sends = c.sends(key.Pipeline)
		c.mu.Lock()
		for _, p := range c.pipelines {
			if p.index == key.Pipeline {
				r.Recovering = p.recovering
			}
		}
		c.mu.Unlock()
		for _, a := range c.alerts.list(types.ChannelAlertStateSet) {
			if *a.PipelineId == pipelineID(key.Pipeline) {
				r.Alerts = append(r.Alerts, a)
			}
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		return nil // It cannot fail.
	}
	return data
}

// SetReports sets the reports of other nodes, in JSON, by pipeline.
func (s *Supervisor) SetReports(all map[placement.Key][]byte) {
	reports := map[placement.Key]Report{}
	for key, data := range all {
		var r Report
		if json.Unmarshal(data, &r) == nil {
			reports[key] = r
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = reports
}

// report returns the report of another node.
func (s *Supervisor) report(key placement.Key) Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reports[key]
}

// SetUnplaced sets why pipelines are with no node, or with one that should not have them.
func (s *Supervisor) SetUnplaced(all map[placement.Key]string) {
	s.setAlert(alertUnplaced, func(key placement.Key) string { return all[key] })
}

// SetClock sets what is wrong with the clock by which this node sends, in words that follow
// "the clock ", or "".
func (s *Supervisor) SetClock(wrong string) {
	s.setAlert(alertClock, func(key placement.Key) string {
		if wrong == "" || !s.duty(key).Open {
			return ""
		}
		return "The clock of the node " + wrong + ": synchronize it (NTP or PTP) and restart the server"
	})
}

// setAlert sets or clears an alert of all pipelines.
func (s *Supervisor) setAlert(kind string, why func(placement.Key) string) {
	s.mu.Lock()
	runtimes := make([]*runtime, 0, len(s.channels))
	for _, c := range s.channels {
		runtimes = append(runtimes, c)
	}
	s.mu.Unlock()
	for _, c := range runtimes {
		for i := range maxPipelines {
			text := why(placement.Key{Channel: c.id, Pipeline: i})
			c.alerts.setIf(text != "", i, kind, text)
		}
	}
}

// maxPipelines is how many pipelines a channel has at most.
const maxPipelines = 2
