package resource

import (
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// What MediaLive answers, in one place, since not all of it was seen.

func noChannel(id string) error { return Refuse(NotFound, "Channel %s not found", id) }
func noInput(id string) error   { return Refuse(NotFound, "Input %s not found", id) }
func noGroup(id string) error   { return Refuse(NotFound, "Input security group %s not found", id) }
func noResource(arn string) error {
	return Refuse(NotFound, "Resource %s not found", arn)
}

func noName() error { return Refuse(BadRequest, "Non-empty channel name required") }

func attached(input string) error {
	return Refuse(Conflict, "inputId=%s is already attached", input)
}

// operation is a call that not every state of a channel allows.
type operation string

const (
	toStart   operation = "start"
	toStop    operation = "stop"
	toUpdate  operation = "update"
	toDelete  operation = "delete"
	toRestart operation = "restart the pipelines of"
)

// permit says whether a channel's state allows a call. All but a channel that
// is being created are conflicts.
func permit(op operation, state types.ChannelState) error {
	if op.in(state) {
		return nil
	}
	running := state == types.ChannelStateRunning || state == types.ChannelStateStarting ||
		state == types.ChannelStateStopping || state == types.ChannelStateRecovering
	switch {
	case op == toDelete && running:
		return Refuse(Conflict, "Cannot delete a channel that has not been stopped yet")
	case op == toStart && state == types.ChannelStateCreating:
		return Refuse(BadRequest, "Cannot start a channel that is being created: its state is %s", state)
	}
	return Refuse(Conflict, "Cannot %s a channel whose state is %s", op, state)
}

// in tells whether the operation is allowed in a state.
func (op operation) in(state types.ChannelState) bool {
	switch state {
	case types.ChannelStateIdle, types.ChannelStateUpdateFailed:
		return op == toStart || op == toUpdate || op == toDelete
	case types.ChannelStateCreateFailed:
		return op == toDelete
	case types.ChannelStateStarting:
		return op == toStop
	case types.ChannelStateRunning, types.ChannelStateRecovering:
		return op == toStop || op == toRestart
	default:
		return false
	}
}
