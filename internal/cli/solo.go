package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/server/console"
)

// soloID is the id of the one channel in its page.
const soloID = "1"

// solo is the one channel of lilo run as the console's station: to be looked
// at, and not to be steered.
type solo struct {
	spec    channel.Spec // with its epoch
	source  source
	playing *playout.Channel
	now     func() time.Time

	once    sync.Once
	preview http.Handler
}

// Steered implements console.Station.
func (s *solo) Steered() bool { return false }

// Find implements console.Station.
func (s *solo) Find(id string) (console.Channel, bool) { return s.Channels()[0], id == soloID }

// Channels implements console.Station.
func (s *solo) Channels() []console.Channel {
	n := s.playing.Snapshot()
	length := s.source.Report().LoopSeconds
	p := console.Pipeline{
		Epoch: s.spec.Epoch, BitRate: n.BitRate, Lap: n.Lap, LapSeconds: length,
		LapPosition: max(0, n.Position.Seconds()-float64(n.Lap)*length),
		LateMillis:  n.Late.LastSecond.Seconds() * 1000, P999Millis: n.Late.P999.Seconds() * 1000,
		Starved: n.Starved, Bytes: n.Bytes,
	}
	for _, d := range s.spec.To {
		p.To = append(p.To, d.String())
	}
	for _, o := range n.Outputs {
		p.Datagrams += o.Datagrams
		p.Dropped += o.Dropped
		if o.LastError != "" {
			p.LastError = o.LastError
		}
	}
	return []console.Channel{{
		ID: soloID, Name: s.spec.Name, State: "RUNNING", Spec: s.spec, Source: s.source.Report().Source,
		Pipelines: []console.Pipeline{p}, Since: s.spec.Epoch,
	}}
}

// HLS implements console.Station.
func (s *solo) HLS(id string) http.Handler {
	if id != soloID {
		return nil
	}
	s.once.Do(func() {
		if t, err := s.source.HLS(s.spec.Epoch); err == nil {
			s.preview = hls.Handler(t, s.now)
		}
	})
	return s.preview
}

// Document implements console.Station: what would create the channel.
func (s *solo) Document(string) ([]byte, error) {
	doc, err := medialive.ChannelHere(s.spec, "")
	if err != nil {
		return nil, err
	}
	text, err := medialive.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, text, "", "  ")
	return b.Bytes(), err
}

// errWatched is what whoever would steer the channel is told.
func errWatched() error {
	return fault.New(fault.Usage, "the channel is lilo run's: it ends with it, and lilo serve has more")
}

// Probe implements console.Station.
func (s *solo) Probe(context.Context, string, *channel.Encode) (player.Report, error) {
	return player.Report{}, errWatched()
}

// Create implements console.Station.
func (s *solo) Create(context.Context, channel.Spec, bool) (string, error) { return "", errWatched() }

// Start implements console.Station.
func (s *solo) Start(context.Context, string) error { return errWatched() }

// Stop implements console.Station.
func (s *solo) Stop(context.Context, string) error { return errWatched() }

// Delete implements console.Station.
func (s *solo) Delete(context.Context, string) error { return errWatched() }
