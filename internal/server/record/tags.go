package record

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/channel"
)

// Tags with which a channel asks for what MediaLive has no member for.
const (
	// TagEpoch is when lap 0 begins, as [channel.ParseEpoch] reads it. Without it,
	// that is when the channel starts.
	TagEpoch = "lilo:epoch"
	// TagPacing is its longest train, as the setting pacing of a spec.
	TagPacing = "lilo:pacing"
)

// ReadTags sets in a spec what those tags say. Errors are of kind Usage.
func ReadTags(tags map[string]string, s *channel.Spec) error {
	for tag, key := range map[string]string{TagEpoch: "epoch", TagPacing: "pacing"} {
		text, ok := tags[tag]
		if !ok {
			continue
		}
		if err := s.Set(key, text); err != nil {
			return fmt.Errorf("the tag %s: %w", tag, err)
		}
	}
	return nil
}
