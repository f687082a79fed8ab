package resource

import (
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
)

// cast is what a record says is to be played.
type cast struct {
	of         *channelRecord
	channels   []player.Config // one a pipeline
	unhonoured []medialive.Unhonoured
}

// castOf returns what the record of a channel says is to be played now.
func (r *Registry) castOf(id string) (*cast, error) {
	r.mu.RLock()
	record, l := r.channels[id], r.lives[id]
	if record == nil || l == nil {
		r.mu.RUnlock()
		return nil, noChannel(id)
	}
	made, inputs := l.cast, documents(r.inputs, record.doc)
	r.mu.RUnlock()
	if made != nil && made.of == record {
		return made, nil
	}
	made, err := r.read(record, inputs)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	if r.channels[id] == record {
		l.cast = made
	}
	r.mu.Unlock()
	r.reveal(id, made.unhonoured)
	return made, nil
}

// documents returns the inputs that a channel is attached to, by id.
func documents(inputs map[string]*inputRecord, doc *types.Channel) map[string]types.Input {
	all := map[string]types.Input{}
	for _, a := range doc.InputAttachments {
		if record := inputs[deref(a.InputId)]; record != nil {
			all[*a.InputId] = *record.doc
		}
	}
	return all
}

// read turns a record into what is played.
func (r *Registry) read(record *channelRecord, inputs map[string]types.Input) (*cast, error) {
	p, err := record.read(inputs)
	if err != nil {
		return nil, err
	}
	c := &cast{of: record, unhonoured: p.Unhonoured}
	for i, spec := range p.Pipelines {
		if r.o.Pacing != 0 {
			spec.Pacing = r.o.Pacing
		}
		if err := wishes(record.doc.Tags, &spec); err != nil {
			return nil, err
		}
		spec.Epoch = record.epoch
		to := spec.To
		if spec, err = spec.Complete(); err != nil {
			return nil, err
		}
		spec.To = to // A channel without UDP outputs is sent nowhere, and not to this machine.
		var s channel.Schedule
		if i < len(p.Schedules) {
			s = p.Schedules[i]
		}
		c.channels = append(c.channels, player.Config{
			Key: deref(record.doc.Id) + "-" + pipelineID(i), Spec: spec, Schedule: record.schedule(i, s), Once: p.Once,
		})
	}
	return c, nil
}

// schedule returns the schedule of a pipeline: what was played until it was
// changed last, then what it says now, and nothing from before the epoch.
func (r *channelRecord) schedule(index int, now channel.Schedule) channel.Schedule {
	if index < len(r.past.Schedules) {
		now = splice(r.past.Schedules[index], now, r.past.Cut)
	}
	return from(now, r.epoch)
}

// splice returns what is before of the one schedule until an instant, and what
// is after of the other from then on.
func splice(before, after channel.Schedule, cut time.Time) channel.Schedule {
	var s channel.Schedule
	for _, one := range before.Entries {
		if !one.At.After(cut) {
			s.Entries = append(s.Entries, one)
		}
	}
	for _, one := range after.Entries {
		if one.At.After(cut) {
			s.Entries = append(s.Entries, one)
		}
	}
	for _, one := range before.Pauses {
		if one.From.Before(cut) {
			if one.To.IsZero() || one.To.After(cut) {
				one.To = cut
			}
			s.Pauses = append(s.Pauses, one)
		}
	}
	for _, one := range after.Pauses {
		s.Pauses = appendPause(s.Pauses, one, cut)
	}
	return s
}

// appendPause adds what is of a pause after the cut. One that goes on over it stays one.
func appendPause(all []channel.Pause, p channel.Pause, cut time.Time) []channel.Pause {
	if !p.To.IsZero() && !p.To.After(cut) {
		return all
	}
	if !p.From.After(cut) {
		p.From = cut
		if n := len(all); n > 0 && all[n-1].To.Equal(cut) {
			all[n-1].To = p.To
			return all
		}
	}
	return append(all, p)
}

// from leaves out what is over before an instant.
func from(s channel.Schedule, epoch time.Time) channel.Schedule {
	return channel.Schedule{
		Entries: slices.DeleteFunc(slices.Clone(s.Entries), func(one channel.Entry) bool { return one.At.Before(epoch) }),
		Pauses: slices.DeleteFunc(slices.Clone(s.Pauses), func(one channel.Pause) bool {
			return !one.To.IsZero() && one.To.Before(epoch)
		}),
	}
}

// reveal alerts of the settings that are not honoured, and of no others.
func (r *Registry) reveal(id string, settings []medialive.Unhonoured) {
	texts := map[string]bool{}
	for _, s := range settings {
		texts[s.Path+": "+s.Text] = true
	}
	r.clearIf(id, func(a types.ChannelAlert) bool { return *a.AlertType == alertSetting && !texts[*a.Message] })
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		r.alert(id, 0, alertSetting, text)
	}
}

// pipelineCount returns how many pipelines a channel has.
func pipelineCount(doc *types.Channel) int {
	if doc.ChannelClass == types.ChannelClassSinglePipeline {
		return 1
	}
	return 2
}

// deref returns what p points to, or the zero value.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
