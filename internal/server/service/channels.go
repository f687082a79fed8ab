package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/setting"
)

// Channels has the operations on channels.
type Channels struct{ core }

// Create creates a channel; it is CREATING when the call returns. A repeated request
// with the same token returns the same channel again.
func (c *Channels) Create(ctx context.Context, in *sdk.CreateChannelInput) (*sdk.CreateChannelOutput, error) {
	request, token := *in, deref(in.RequestId)
	request.RequestId = nil
	var id string
	var tried *types.Channel
	err := c.records.Update(ctx, func(tx *record.Tx) (err error) {
		before, origin := tx.Channels.ByRequest(token)
		if id, err = repeated(before, origin, &request); id != "" || err != nil {
			return err
		}
		r, err := c.newChannel(tx, &request, token)
		if err != nil {
			return err
		}
		if deref(request.DryRun) {
			tried = r.Doc
			tried.Id, tried.Arn, tried.State = nil, nil, ""
			return nil
		}
		id = *r.Doc.Id
		c.begin(ctx, tx, id, r)
		return nil
	})
	if err == nil && tried == nil {
		tried, err = c.Describe(ctx, id)
	}
	return &sdk.CreateChannelOutput{Channel: tried}, err
}

func (c *Channels) newChannel(tx *record.Tx, request *sdk.CreateChannelInput, token string) (*record.Channel, error) {
	if deref(request.Name) == "" {
		return nil, noName()
	}
	if !setting.Shown(*request.Name) {
		return nil, hiddenName(*request.Name)
	}
	if err := checkTags(request.Tags); err != nil {
		return nil, err
	}
	if c.full(tx) {
		return nil, Errorf(TooMany, "This server allows at most %d channels", c.o.MaxChannels)
	}
	doc := new(types.Channel)
	medialive.Merge(doc, request)
	doc.State = types.ChannelStateCreating
	var err error
	if doc.Id, doc.Arn, err = c.newName(tx, channelKind); err != nil {
		return nil, err
	}
	r := record.NewChannel(tx.NewOrigin(token, medialive.Digest(request)), doc)
	return r, c.check(tx, r)
}

func noName() error { return Errorf(BadRequest, "Non-empty channel name required") }

// hiddenName returns the error for a name that would look like another, or break lines.
func hiddenName(name string) error {
	return Errorf(BadRequest, "The name %q holds characters that cannot be shown", name)
}

// full reports whether MaxChannels is reached.
func (c *Channels) full(tx *record.Tx) bool {
	if c.o.MaxChannels == 0 {
		return false
	}
	n := 0
	for _, r := range tx.Channels.All() {
		if !r.Deleted() {
			n++
		}
	}
	return n >= c.o.MaxChannels
}

// check completes the document of a new record and validates it.
func (c *Channels) check(tx *record.Tx, r *record.Channel) error {
	if err := checkDestinations(r.Doc.Destinations); err != nil {
		return err
	}
	medialive.Complete(r.Doc)
	if faults := medialive.Check(r.Doc, r.InputDocs(tx.Inputs.Find)); len(faults) > 0 {
		return invalid(faults...)
	}
	attachedTo := attachments(tx.Channels.All())
	for i, a := range r.Doc.InputAttachments {
		input := deref(a.InputId)
		if tx.Inputs.Find(input) == nil {
			return invalidMember(fmt.Sprintf("/inputAttachments/%d/inputId", i), "Input %s not found", input)
		}
		if other := attachedTo[input]; other != "" && other != *r.Doc.Id {
			return attached(input)
		}
	}
	return c.playable(tx, r)
}

// checkDestinations reports a destination of no kind, or of several: MediaLive refuses it
// before it looks at the rest of the document.
func checkDestinations(all []types.OutputDestination) error {
	for _, d := range all {
		kinds := 0
		for _, n := range []int{len(d.Settings), len(d.MediaPackageSettings), len(d.SrtSettings), len(d.MediaConnectRouterSettings)} {
			kinds += min(n, 1)
		}
		if d.MultiplexSettings != nil {
			kinds++
		}
		if kinds != 1 {
			return Errorf(BadRequest, "Exactly one of settings, MediaPackage settings, or Multiplex settings is required for destination %s.", deref(d.Id))
		}
	}
	return nil
}

// Describe returns a channel. One that was deleted can be described for a day.
func (c *Channels) Describe(_ context.Context, id string) (*types.Channel, error) {
	if r := c.records.Channels.Get(id); r != nil {
		return c.describe(r), nil
	}
	return nil, noChannel(id)
}

// describe adds to the document of a channel what is only known while it runs.
func (c *Channels) describe(r *record.Channel) *types.Channel {
	doc := *r.Doc
	n := int32(c.supervisor.Running(*doc.Id))
	doc.PipelinesRunningCount = &n
	doc.State = c.state(r)
	doc.PipelineDetails, doc.EgressEndpoints = []types.PipelineDetail{}, []types.ChannelEgressEndpoint{}
	if r.OnAir() && r.State() != types.ChannelStateStarting {
		active := r.ActiveInput(c.records.Now())
		for i := range r.Pipelines() {
			id := fmt.Sprint(i)
			doc.PipelineDetails = append(doc.PipelineDetails, types.PipelineDetail{
				ActiveInputAttachmentName: &active.Attachment, ActiveInputSwitchActionName: &active.Action, PipelineId: &id,
				ChannelEngineVersion: doc.ChannelEngineVersion,
			})
			doc.EgressEndpoints = append(doc.EgressEndpoints, types.ChannelEgressEndpoint{SourceIp: &c.o.EgressIP})
		}
	}
	return &doc
}

// List returns the channels in the order of their creation.
func (c *Channels) List(_ context.Context, in *sdk.ListChannelsInput) (*sdk.ListChannelsOutput, error) {
	all := c.records.Channels.List()
	part, next, err := page(all, in.MaxResults, in.NextToken, func(i int) int64 { return all[i].Sequence })
	out := &sdk.ListChannelsOutput{Channels: make([]types.ChannelSummary, len(part)), NextToken: next}
	for i, r := range part {
		medialive.Merge(&out.Channels[i], c.describe(r))
	}
	return out, err
}

// Update replaces the members that the request has; the channel is UPDATING when
// the call returns.
func (c *Channels) Update(ctx context.Context, in *sdk.UpdateChannelInput) (*sdk.UpdateChannelOutput, error) {
	if in.Name != nil && *in.Name == "" {
		return nil, noName()
	}
	if !setting.Shown(deref(in.Name)) {
		return nil, hiddenName(*in.Name)
	}
	doc, err := c.replace(ctx, deref(in.ChannelId), in, deref(in.DryRun))
	return &sdk.UpdateChannelOutput{Channel: doc}, err
}

// UpdateClass sets the number of pipelines, and the destinations if the request has
// them.
func (c *Channels) UpdateClass(ctx context.Context, in *sdk.UpdateChannelClassInput) (*sdk.UpdateChannelClassOutput, error) {
	if !slices.Contains(in.ChannelClass.Values(), in.ChannelClass) {
		return nil, invalidMember("/channelClass", "channelClass must be STANDARD or SINGLE_PIPELINE, not %q", in.ChannelClass)
	}
	doc, err := c.replace(ctx, deref(in.ChannelId), in, false)
	return &sdk.UpdateChannelClassOutput{Channel: doc}, err
}

func (c *Channels) replace(ctx context.Context, id string, request any, dry bool) (*types.Channel, error) {
	var tried *types.Channel
	err := c.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Channels.Find(id)
		if err := c.permitted(r, id, toUpdate); err != nil {
			return err
		}
		n := r.Reread().InState(types.ChannelStateUpdating, tx.Now)
		n.Doc = new(types.Channel)
		medialive.Merge(n.Doc, r.Doc, request)
		n.Doc.State = types.ChannelStateUpdating
		if err := c.check(tx, n); err != nil {
			return err
		}
		if dry {
			tried = n.Doc
			return nil
		}
		c.begin(ctx, tx, id, n)
		return nil
	})
	if err != nil || dry {
		return tried, err
	}
	return c.Describe(ctx, id)
}

// permitted returns an error if a channel does not exist or its state does not allow
// a call.
func (c *Channels) permitted(r *record.Channel, id string, op operation) error {
	if r == nil {
		return noChannel(id)
	}
	return permit(op, c.state(r))
}

// state returns the state of a channel as it is described: one whose pipelines keep failing is
// RECOVERING.
func (c *Channels) state(r *record.Channel) types.ChannelState {
	state := r.State()
	if (state == types.ChannelStateRunning || state == types.ChannelStateStarting) && c.supervisor.Recovering(*r.Doc.Id) {
		return types.ChannelStateRecovering
	}
	return state
}

// move moves a channel to another state if its present one allows the call.
func (c *Channels) move(ctx context.Context, id string, op operation, to types.ChannelState) (*types.Channel, error) {
	var lengths lengths
	var turns []record.Length
	if r := c.records.Channels.Find(id); r != nil && op == toStart {
		lengths, turns = c.lengths(ctx, r, r.Actions), c.turns(ctx, r)
	}
	err := c.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Channels.Find(id)
		if err := c.permitted(r, id, op); err != nil {
			return err
		}
		n := r.InState(to, tx.Now)
		if op == toStart {
			n = n.Reread()
			n.Epoch, n.History, n.Lengths = epochOf(n.Doc.Tags, tx.Now), record.History{}, turns
			n.Actions = slices.Clone(n.Actions)
			fixImmediate(n.Actions, n.Epoch)
			// An end that is not known is no reason not to start: an alert tells it.
			_ = lengths.follow(n, n.InputDocs(tx.Inputs.Find), 0)
		}
		c.begin(ctx, tx, id, n)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c.Describe(ctx, id)
}

// startLead is the time from the call to the epoch: enough to open the source, so
// that the channel begins with its first packet.
const startLead = 250 * time.Millisecond

// epochOf returns the epoch of a channel with those tags that starts now.
func epochOf(tags map[string]string, now time.Time) time.Time {
	var s channel.Spec
	if err := record.ReadTags(tags, &s); err == nil && !s.Epoch.IsZero() {
		return s.Epoch
	}
	return now.Add(startLead).Truncate(time.Millisecond)
}

// Start starts a channel at the beginning of its source; it is STARTING when the
// call returns.
func (c *Channels) Start(ctx context.Context, id string) (*types.Channel, error) {
	return c.move(ctx, id, toStart, types.ChannelStateStarting)
}

// Stop stops a channel; it is STOPPING when the call returns.
func (c *Channels) Stop(ctx context.Context, id string) (*types.Channel, error) {
	doc, err := c.move(ctx, id, toStop, types.ChannelStateStopping)
	if err == nil {
		n := int(deref(doc.PipelinesRunningCount))
		c.o.Emit(event.StateChange, event.Detail{ChannelARN: *doc.Arn, State: "STOPPING", Message: "Stopping channel", PipelinesRunningCount: &n})
	}
	return doc, err
}

// Delete deletes a channel; it is DELETING when the call returns.
func (c *Channels) Delete(ctx context.Context, id string) (*types.Channel, error) {
	return c.move(ctx, id, toDelete, types.ChannelStateDeleting)
}

// RestartPipelines restarts the named pipelines, by default all, in the same stream.
func (c *Channels) RestartPipelines(_ context.Context, in *sdk.RestartChannelPipelinesInput) (*types.Channel, error) {
	for _, name := range in.PipelineIds {
		if !slices.Contains(name.Values(), name) {
			return nil, Errorf(BadRequest, "pipelineIds must be PIPELINE_0 or PIPELINE_1, not %q", name)
		}
	}
	id := deref(in.ChannelId)
	r := c.records.Channels.Find(id)
	if err := c.permitted(r, id, toRestart); err != nil {
		return nil, err
	}
	if r.Pipelines() == 1 && slices.Contains(in.PipelineIds, types.ChannelPipelineIdToRestartPipeline1) {
		return nil, Errorf(BadRequest, "Channel %s has the class SINGLE_PIPELINE: it has no PIPELINE_1", id)
	}
	c.supervisor.Restart(id, func(index int) bool {
		return len(in.PipelineIds) == 0 || slices.Contains(in.PipelineIds, types.ChannelPipelineIdToRestart(fmt.Sprintf("PIPELINE_%d", index)))
	})
	return c.describe(r), nil
}

// Alerts returns a channel's alerts in the order in which they were set.
func (c *Channels) Alerts(_ context.Context, in *sdk.ListAlertsInput) (*sdk.ListAlertsOutput, error) {
	id, state := deref(in.ChannelId), types.ChannelAlertState(deref(in.StateFilter))
	if state != "" && !slices.Contains(state.Values(), state) {
		return nil, Errorf(BadRequest, "stateFilter must be SET or CLEARED, not %q", state)
	}
	if c.records.Channels.Find(id) == nil {
		return nil, noChannel(id)
	}
	part, next, err := page(c.supervisor.Alerts(id, state), in.MaxResults, in.NextToken, func(i int) int64 { return int64(i) + 1 })
	return &sdk.ListAlertsOutput{Alerts: part, NextToken: next}, err
}
