package record

import (
	"fmt"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
)

// Tags of a channel that stand for settings that MediaLive lacks.
const (
	// TagEpoch is when lap 0 begins, as [channel.ParseEpoch] reads it. It defaults
	// to the start of the channel.
	TagEpoch = "lilo:epoch"
	// TagPacing is the setting pacing of a spec.
	TagPacing = "lilo:pacing"
	// TagTolerance is the setting tolerance of a spec.
	TagTolerance = "lilo:tolerance"
	// TagKeepES is the setting keep-es of a spec.
	TagKeepES = "lilo:keep-es"
	// TagNode has the labels of the nodes that may play the channel: rack=a,net=studio.
	TagNode = "lilo:node"
)

// NodeLabels returns the labels that a node needs to play a channel with these tags.
func NodeLabels(tags map[string]string) map[string]string {
	text := tags[TagNode]
	if text == "" {
		return nil
	}
	all := map[string]string{}
	for one := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(one, "=")
		all[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return all
}

// ReadTags sets the epoch, the pacing, the tolerance and keep-es of a spec from tags. Errors are of kind Usage.
func ReadTags(tags map[string]string, s *channel.Spec) error {
	for tag, key := range map[string]string{TagEpoch: "epoch", TagPacing: "pacing", TagTolerance: "tolerance", TagKeepES: "keep-es"} {
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
