package api

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/resource"
)

// batch gathers what became of each resource of a batch.
type batch struct {
	done   []types.BatchSuccessfulResultModel
	failed []types.BatchFailedResultModel
}

func newBatch() *batch {
	return &batch{[]types.BatchSuccessfulResultModel{}, []types.BatchFailedResultModel{}}
}

// add notes what became of one resource.
func (b *batch) add(id string, arn *string, state string, err error) {
	if err != nil {
		code, text := string(resource.CodeOf(err)), err.Error()
		b.failed = append(b.failed, types.BatchFailedResultModel{Id: &id, Code: &code, Message: &text})
		return
	}
	b.done = append(b.done, types.BatchSuccessfulResultModel{Id: &id, Arn: arn, State: &state})
}

// channels does something to channels.
func (b *batch) channels(ids []string, do func(id string) (*types.Channel, error)) {
	for _, id := range ids {
		doc, err := do(id)
		if err != nil {
			b.add(id, nil, "", err)
			continue
		}
		b.add(id, doc.Arn, string(doc.State), nil)
	}
}

func (h *handler) batchStart(_ context.Context, c *call) (any, error) {
	in, b := new(sdk.BatchStartInput), newBatch()
	if err := c.read(in); err != nil {
		return nil, err
	}
	b.channels(in.ChannelIds, h.registry.StartChannel)
	b.none(in.MultiplexIds)
	return sdk.BatchStartOutput{Successful: b.done, Failed: b.failed}, nil
}

func (h *handler) batchStop(_ context.Context, c *call) (any, error) {
	in, b := new(sdk.BatchStopInput), newBatch()
	if err := c.read(in); err != nil {
		return nil, err
	}
	b.channels(in.ChannelIds, h.registry.StopChannel)
	b.none(in.MultiplexIds)
	return sdk.BatchStopOutput{Successful: b.done, Failed: b.failed}, nil
}

func (h *handler) batchDelete(_ context.Context, c *call) (any, error) {
	in, b := new(sdk.BatchDeleteInput), newBatch()
	if err := c.read(in); err != nil {
		return nil, err
	}
	b.channels(in.ChannelIds, h.registry.DeleteChannel)
	for _, id := range in.InputIds {
		b.input(h.registry, id)
	}
	for _, id := range in.InputSecurityGroupIds {
		b.group(h.registry, id)
	}
	b.none(in.MultiplexIds)
	return sdk.BatchDeleteOutput{Successful: b.done, Failed: b.failed}, nil
}

func (b *batch) input(r *resource.Registry, id string) {
	doc, err := r.Input(id)
	if err == nil {
		err = r.DeleteInput(id)
	}
	if err != nil {
		b.add(id, nil, "", err)
		return
	}
	b.add(id, doc.Arn, string(types.InputStateDeleted), nil)
}

func (b *batch) group(r *resource.Registry, id string) {
	doc, err := r.Group(id)
	if err == nil {
		err = r.DeleteGroup(id)
	}
	if err != nil {
		b.add(id, nil, "", err)
		return
	}
	b.add(id, doc.Arn, string(types.InputSecurityGroupStateDeleted), nil)
}

// none notes multiplexes, of which there are none.
func (b *batch) none(ids []string) {
	for _, id := range ids {
		b.add(id, nil, "", resource.Refuse(resource.NotFound, "Multiplex %s not found", id))
	}
}
