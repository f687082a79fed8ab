package supervisor

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/record"
)

// Target is what the record of a channel says must run.
type Target struct {
	of          *record.Channel
	until       time.Time // when more of inputs that follow one another must be planned; zero for never
	Pipelines   []player.Config
	Unsupported []medialive.Unsupported

	addresses [][]string // that each pipeline sends to
}

// Target returns what a record says must run; find returns the inputs it names.
// Errors are of kind Usage.
func (s *Supervisor) Target(r *record.Channel, find func(id string) *record.Input) (*Target, error) {
	p, err := r.Read(r.InputDocs(find))
	if err != nil {
		return nil, err
	}
	t := &Target{of: r, Unsupported: slices.Concat(p.Unsupported, unknownLengths(r, p.Turns))}
	now := s.records.Now()
	turns := r.Turns(now.Add(planned + r.LongestTurn()))
	if len(turns) > 0 {
		t.until = r.NextSwitch(now)
	}
	for i, spec := range p.Pipelines {
		if s.o.Pacing != 0 {
			spec.Pacing = s.o.Pacing
		}
		if err := record.ReadTags(r.Doc.Tags, &spec); err != nil {
			return nil, err
		}
		spec.Epoch = r.Epoch
		to := spec.To
		if spec, err = spec.Complete(); err != nil {
			return nil, err
		}
		spec.To = to // Without UDP outputs, nothing is sent, not even to the default destination.
		t.addresses = append(t.addresses, addresses(to))
		var schedule channel.Schedule
		if i < len(p.Schedules) {
			schedule = p.Schedules[i]
		}
		schedule.Entries = withTurns(schedule.Entries, p.Turns, turns)
		t.Pipelines = append(t.Pipelines, player.Config{
			Key: aws.ToString(r.Doc.Id) + "-" + pipelineID(i), Spec: spec, Schedule: scheduleOf(r, i, schedule), Once: p.Once,
		})
	}
	return t, nil
}

// addresses returns what tells destinations apart.
func addresses(to []channel.Destination) (all []string) {
	for _, d := range to {
		all = append(all, d.TargetAddress())
	}
	return all
}

// planned is how far ahead it is planned which input follows the end of another, and more
// than the longest of them.
const planned = time.Minute

// withTurns adds the entries of inputs that follow the end of another.
func withTurns(entries []channel.Entry, all []medialive.Turn, turns []record.InputSwitch) []channel.Entry {
	entries = slices.Clone(entries)
	for _, t := range turns {
		if i := slices.IndexFunc(all, func(one medialive.Turn) bool { return one.Attachment == t.Attachment }); i >= 0 {
			e := all[i].Entry
			e.At = t.At
			entries = append(entries, e)
		}
	}
	slices.SortStableFunc(entries, func(a, b channel.Entry) int { return a.At.Compare(b.At) })
	return entries
}

// unknownLengths says which inputs no other follows, because it is not known when they end.
func unknownLengths(r *record.Channel, all []medialive.Turn) (told []medialive.Unsupported) {
	for i, l := range r.Lengths {
		if l.Length == 0 && i < len(all) && all[i].Once && r.OnAir() {
			told = append(told, medialive.Unsupported{
				Path: "/encoderSettings/globalConfiguration/inputEndAction",
				Text: fmt.Sprintf("nothing follows the input attachment %q: its file could not be opened when the channel started; stop the channel and start it again", l.Attachment),
			})
		}
	}
	return told
}

// History returns what the pipelines play until an instant.
func (t *Target) History(end time.Time) (all []record.Schedule) {
	for _, p := range t.Pipelines {
		all = append(all, record.Schedule(splice(p.Schedule, channel.Schedule{}, end)))
	}
	return all
}

// pipelineID returns the id of a pipeline in MediaLive's API: "0" or "1".
func pipelineID(index int) string { return strconv.Itoa(index) }

// scheduleOf returns the schedule of a pipeline since the epoch: its history, then now.
func scheduleOf(r *record.Channel, index int, now channel.Schedule) channel.Schedule {
	if h := r.History; index < len(h.Schedules) {
		now = splice(channel.Schedule(h.Schedules[index]), now, h.End)
	}
	return channel.Schedule{
		Entries: slices.DeleteFunc(slices.Clone(now.Entries), func(e channel.Entry) bool { return e.At.Before(r.Epoch) }),
		Pauses: slices.DeleteFunc(slices.Clone(now.Pauses), func(p channel.Pause) bool {
			return !p.To.IsZero() && p.To.Before(r.Epoch)
		}),
	}
}

// splice returns the schedule before up to an instant, and after from then on.
func splice(before, after channel.Schedule, at time.Time) channel.Schedule {
	later := func(e channel.Entry) bool { return e.At.After(at) }
	sooner := func(e channel.Entry) bool { return !later(e) }
	s := channel.Schedule{Entries: slices.Concat(
		slices.DeleteFunc(slices.Clone(before.Entries), later),
		slices.DeleteFunc(slices.Clone(after.Entries), sooner),
	)}
	for _, p := range before.Pauses {
		if p.From.Before(at) {
			if p.To.IsZero() || p.To.After(at) {
				p.To = at
			}
			s.Pauses = append(s.Pauses, p)
		}
	}
	for _, p := range after.Pauses {
		s.Pauses = appendPause(s.Pauses, p, at)
	}
	return s
}

// appendPause adds the part of a pause after an instant, and joins it to a pause that
// ends there.
func appendPause(all []channel.Pause, p channel.Pause, at time.Time) []channel.Pause {
	if !p.To.IsZero() && !p.To.After(at) {
		return all
	}
	if !p.From.After(at) {
		p.From = at
		if n := len(all); n > 0 && all[n-1].To.Equal(at) {
			all[n-1].To = p.To
			return all
		}
	}
	return append(all, p)
}
