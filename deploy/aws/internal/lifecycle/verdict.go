package lifecycle

import "github.com/aws/aws-sdk-go-v2/service/medialive/types"

// verdict is what a state of the channel means to somebody who wants another.
type verdict int

const (
	wait    verdict = iota // it changes by itself
	act                    // it is for us to start or stop it
	reached                // it is there
	never                  // it will not get there
)

// towardsRunning judges a state when the channel is to run.
func towardsRunning(s types.ChannelState) verdict {
	switch s {
	case types.ChannelStateRunning:
		return reached
	case types.ChannelStateIdle:
		return act
	case types.ChannelStateCreateFailed, types.ChannelStateUpdateFailed, types.ChannelStateDeleting, types.ChannelStateDeleted:
		return never
	default:
		return wait
	}
}

// towardsIdle judges a state when the channel is to stand still. One that
// failed, or that is going or gone, does.
func towardsIdle(s types.ChannelState) verdict {
	switch s {
	case types.ChannelStateIdle, types.ChannelStateCreateFailed, types.ChannelStateUpdateFailed, types.ChannelStateDeleting, types.ChannelStateDeleted:
		return reached
	case types.ChannelStateRunning, types.ChannelStateStarting, types.ChannelStateRecovering:
		return act
	default:
		return wait
	}
}

// onAir says whether a channel in that state sends, or is about to.
func onAir(s types.ChannelState) bool {
	return s == types.ChannelStateRunning || s == types.ChannelStateStarting || s == types.ChannelStateRecovering
}
