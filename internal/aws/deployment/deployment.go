// Package deployment holds what the lilo commands, the CDK app and its
// functions must agree on: names of a deployment's outputs, MediaLive's log
// group, and what the states of a channel mean. Of LILO it may import only awserr.
package deployment

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/aws/awserr"
)

// ConsoleLinkOutput is the output of the core stack that links to the channel.
const ConsoleLinkOutput = "ConsoleLink"

// LogGroup is the log group that MediaLive writes the logs of all channels to.
const LogGroup = "ElementalMediaLive"

// ConsoleLink returns the URL of a channel in the AWS console.
func ConsoleLink(region, channelID string) string {
	host := "console.aws.amazon.com"
	switch begin, _, _ := strings.Cut(region, "-"); {
	case begin == "cn":
		host = "console.amazonaws.cn"
	case begin == "eusc":
		host = "console.amazonaws-eusc.eu"
	case strings.HasPrefix(region, "us-gov-"):
		host = "console.amazonaws-us-gov.com"
	}
	return "https://" + region + "." + host + "/medialive/home?region=" + region + "#!/channels/" + channelID
}

// States of a channel (MediaLive's API, ChannelState).
const (
	Idle         = "IDLE"
	Running      = "RUNNING"
	Starting     = "STARTING"
	Recovering   = "RECOVERING"
	CreateFailed = "CREATE_FAILED"
	UpdateFailed = "UPDATE_FAILED"
	Deleting     = "DELETING"
	Deleted      = "DELETED"
)

// Action is what brings a channel closer to a state.
type Action int

// The actions.
const (
	Wait       Action = iota // the channel changes by itself
	Act                      // start it, or stop it
	Done                     // it is in the state
	Impossible               // it cannot get there
)

// ToRun returns what to do with a channel in a state so that it runs. Only an
// idle channel can be started.
func ToRun(state string) Action {
	switch state {
	case Running:
		return Done
	case Idle:
		return Act
	case CreateFailed, UpdateFailed, Deleting, Deleted:
		return Impossible
	}
	return Wait
}

// ToIdle returns what to do with a channel in a state so that it stops. One that
// failed, or that is being deleted or gone, has stopped.
func ToIdle(state string) Action {
	switch {
	case state == Idle, state == CreateFailed, state == UpdateFailed, state == Deleting, state == Deleted:
		return Done
	case OnAir(state):
		return Act
	}
	return Wait
}

// OnAir reports whether a channel in a state sends, or is about to.
func OnAir(state string) bool { return state == Running || state == Starting || state == Recovering }

// ChannelState returns the state of a channel, [Deleted] if it does not exist.
func ChannelState(ctx context.Context, channels medialive.DescribeChannelAPIClient, id string) (string, error) {
	out, err := channels.DescribeChannel(ctx, &medialive.DescribeChannelInput{ChannelId: &id})
	switch awserr.KindOf(err) {
	case awserr.None:
		return string(out.State), nil
	case awserr.NotFound:
		return Deleted, nil
	default:
		return "", err
	}
}
