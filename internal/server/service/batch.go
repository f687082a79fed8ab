package service

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// Batch has the operations on several resources. Each resource is a transaction
// with a result of its own.
type Batch struct{ s *Service }

// Start starts channels.
func (b *Batch) Start(ctx context.Context, in *sdk.BatchStartInput) (*sdk.BatchStartOutput, error) {
	r := newResults()
	r.channels(ctx, in.ChannelIds, b.s.Channels.Start)
	r.multiplexes(in.MultiplexIds)
	return &sdk.BatchStartOutput{Successful: r.done, Failed: r.failed}, nil
}

// Stop stops channels.
func (b *Batch) Stop(ctx context.Context, in *sdk.BatchStopInput) (*sdk.BatchStopOutput, error) {
	r := newResults()
	r.channels(ctx, in.ChannelIds, b.s.Channels.Stop)
	r.multiplexes(in.MultiplexIds)
	return &sdk.BatchStopOutput{Successful: r.done, Failed: r.failed}, nil
}

// Delete deletes channels, inputs and input security groups.
func (b *Batch) Delete(ctx context.Context, in *sdk.BatchDeleteInput) (*sdk.BatchDeleteOutput, error) {
	r := newResults()
	r.channels(ctx, in.ChannelIds, b.s.Channels.Delete)
	for _, id := range in.InputIds {
		r.add(id, b.s.Inputs.arn(inputKind, id), string(types.InputStateDeleted), b.s.Inputs.Delete(ctx, id))
	}
	for _, id := range in.InputSecurityGroupIds {
		r.add(id, b.s.Groups.arn(groupKind, id), string(types.InputSecurityGroupStateDeleted), b.s.Groups.Delete(ctx, id))
	}
	r.multiplexes(in.MultiplexIds)
	return &sdk.BatchDeleteOutput{Successful: r.done, Failed: r.failed}, nil
}

// results are those of the resources of a batch.
type results struct {
	done   []types.BatchSuccessfulResultModel
	failed []types.BatchFailedResultModel
}

func newResults() *results {
	return &results{[]types.BatchSuccessfulResultModel{}, []types.BatchFailedResultModel{}}
}

func (r *results) add(id, arn, state string, err error) {
	if err != nil {
		code, text := string(CodeOf(err)), err.Error()
		r.failed = append(r.failed, types.BatchFailedResultModel{Id: &id, Code: &code, Message: &text})
		return
	}
	r.done = append(r.done, types.BatchSuccessfulResultModel{Id: &id, Arn: &arn, State: &state})
}

// channels adds the results of do for channels.
func (r *results) channels(ctx context.Context, ids []string, do func(context.Context, string) (*types.Channel, error)) {
	for _, id := range ids {
		doc, err := do(ctx, id)
		if err != nil {
			doc = &types.Channel{}
		}
		r.add(id, deref(doc.Arn), string(doc.State), err)
	}
}

// multiplexes adds the results for multiplexes: there are none here.
func (r *results) multiplexes(ids []string) {
	for _, id := range ids {
		r.add(id, "", "", Errorf(NotFound, "Multiplex %s not found", id))
	}
}
