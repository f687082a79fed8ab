package aws

import (
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
)

// CheckSettings checks that MediaLive takes the channel of a spec and its input. It
// returns what it does not take.
func CheckSettings(s channel.Spec) []Check {
	if !strings.Contains(s.Source, "://") {
		s.Source = "s3://bucket/uploaded.mp4"
	}
	if _, err := medialive.InputRequest(s); err != nil {
		return []Check{FailedCheck("settings", err)}
	}
	if _, err := medialive.ChannelRequest(s, "input", "role"); err != nil {
		return []Check{FailedCheck("settings", err)}
	}
	return nil
}
