package service

import (
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/record"
)

// operation is a call that only some states of a channel allow.
type operation string

const (
	toStart   operation = "start"
	toStop    operation = "stop"
	toUpdate  operation = "update"
	toDelete  operation = "delete"
	toRestart operation = "restart the pipelines of"
)

// permit returns an error if a channel's state does not allow a call: a conflict,
// except for the start of a channel that is being created.
func permit(op operation, state types.ChannelState) error {
	switch {
	case op.allowedIn(state):
		return nil
	case op == toDelete && (record.OnAir(state) || state == types.ChannelStateStopping):
		return Errorf(Conflict, "Cannot delete a channel that has not been stopped yet")
	case op == toStart && state == types.ChannelStateCreating:
		return Errorf(BadRequest, "Cannot start a channel that is being created: its state is %s", state)
	}
	return Errorf(Conflict, "Cannot %s a channel whose state is %s", op, state)
}

func (op operation) allowedIn(state types.ChannelState) bool {
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
