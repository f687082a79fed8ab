package resource

import (
	"time"

	"github.com/lilo-live/lilo/internal/channel"
)

// Tags with which a channel asks for what MediaLive has no words for.
const (
	// TagEpoch is when lap 0 begins, as [channel.ParseEpoch] reads it; without
	// it that is when the channel is started.
	TagEpoch = "lilo:epoch"
	// TagPacing is its longest train, as the setting pacing of a spec.
	TagPacing = "lilo:pacing"
)

// wishes reads these tags into a spec. Faults are of kind Usage.
func wishes(tags map[string]string, s *channel.Spec) error {
	for tag, key := range map[string]string{TagEpoch: "epoch", TagPacing: "pacing"} {
		text, ok := tags[tag]
		if !ok {
			continue
		}
		if err := s.Set(key, text); err != nil {
			return Refuse(BadRequest, "The tag %s: %v", tag, err)
		}
	}
	return nil
}

// epochOf returns when lap 0 begins of a channel with those tags that is started now.
func epochOf(tags map[string]string, now time.Time) time.Time {
	var s channel.Spec
	if err := wishes(tags, &s); err == nil && !s.Epoch.IsZero() {
		return s.Epoch
	}
	return now.Add(lead).Truncate(time.Millisecond)
}
