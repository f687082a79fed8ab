package resource

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/event"
)

// CreateChannel creates a channel; it is CREATING when the call returns. The
// same request with the same token creates nothing and answers the same again.
func (r *Registry) CreateChannel(in *sdk.CreateChannelInput) (*types.Channel, error) {
	request := *in
	token := deref(request.RequestId)
	request.RequestId = nil
	sum, err := digest(&request)
	if err != nil {
		return nil, err
	}
	var id string
	err = r.change(func(c *change) error {
		if again, err := repeated(r.channels, token, sum); again != "" || err != nil {
			id = again
			return err
		}
		id, err = r.createChannel(c, &request, c.origin(token, sum))
		return err
	})
	if err != nil {
		return nil, err
	}
	if id == "" {
		return r.rehearsed(&request)
	}
	return r.Channel(id)
}

// repeated returns the id of the record that was made with that token.
func repeated[P interface {
	made() (request, digest string)
}](all map[string]P, token, sum string) (string, error) {
	if token == "" {
		return "", nil
	}
	for id, record := range all {
		if request, digest := record.made(); request == token {
			if digest != sum {
				return "", Refuse(Conflict, "The requestId %s was used for another request already", token)
			}
			return id, nil
		}
	}
	return "", nil
}

func (o origin) made() (request, digest string) { return o.Request, o.Digest }

// createChannel makes the record of a channel and returns its id, none where
// that was only to be tried.
func (r *Registry) createChannel(c *change, request *sdk.CreateChannelInput, o origin) (string, error) {
	if deref(request.Name) == "" {
		return "", noName()
	}
	if err := checkTags(request.Tags); err != nil {
		return "", err
	}
	if r.full() {
		return "", Refuse(TooMany, "There may be no more than %d channels on this server", r.o.MaxChannels)
	}
	doc := new(types.Channel)
	if err := overlay(doc, request); err != nil {
		return "", err
	}
	id, err := c.id()
	if err != nil {
		return "", err
	}
	arn := r.arn("channel", id)
	doc.Id, doc.Arn, doc.State = &id, &arn, types.ChannelStateCreating
	record := &channelRecord{origin: o, doc: doc, reading: new(reading)}
	if err := r.check(c, record); err != nil {
		return "", err
	}
	if deref(request.DryRun) {
		clear(c.inputs.changed)
		return "", nil
	}
	c.channels.set(id, record)
	return id, nil
}

// rehearsed returns what a request that was only tried would have created.
func (r *Registry) rehearsed(request any, before ...any) (*types.Channel, error) {
	doc := new(types.Channel)
	if err := overlay(doc, append(before, request)...); err != nil {
		return nil, err
	}
	medialive.Complete(doc)
	return doc, nil
}

// full tells whether there are as many channels as there may be.
func (r *Registry) full() bool {
	if r.o.MaxChannels == 0 {
		return false
	}
	n := 0
	for _, record := range r.channels {
		if record.state() != types.ChannelStateDeleted {
			n++
		}
	}
	return n >= r.o.MaxChannels
}

// check completes the document of a record that is not kept yet, refuses it
// where it is wrong, and attaches its inputs.
func (r *Registry) check(c *change, record *channelRecord) error {
	medialive.Complete(record.doc)
	inputs := c.documents(record.doc)
	if faults := medialive.Check(record.doc, inputs); len(faults) > 0 {
		return invalid(faults...)
	}
	if err := c.attach(record); err != nil {
		return err
	}
	return r.judge(record, inputs)
}

// judge refuses what cannot be played at all, and with Strict what is not played as it says.
func (r *Registry) judge(record *channelRecord, inputs map[string]types.Input) error {
	c, err := r.read(record, inputs)
	if err != nil {
		return unplayable(err)
	}
	if !r.o.Strict || len(c.unhonoured) == 0 {
		return nil
	}
	var faults []types.ValidationError
	for _, u := range c.unhonoured {
		faults = append(faults, element(u.Path, "%s", u.Text))
	}
	return invalid(faults...)
}

// unplayable makes a refusal of what the engine says about a document.
func unplayable(err error) error {
	if fault.KindOf(err) == fault.Internal {
		return err
	}
	return invalid(element("/", "%s", err.Error()))
}

// documents returns the inputs that a channel names, as the change has them.
func (c *change) documents(doc *types.Channel) map[string]types.Input {
	all := map[string]types.Input{}
	for _, a := range doc.InputAttachments {
		if record, ok := c.inputs.get(deref(a.InputId)); ok && record.doc.State != types.InputStateDeleted {
			all[*a.InputId] = *record.doc
		}
	}
	return all
}

// attach attaches the inputs that a channel names.
func (c *change) attach(record *channelRecord) error {
	id := deref(record.doc.Id)
	for i, a := range record.doc.InputAttachments {
		input, ok := c.inputs.get(deref(a.InputId))
		if !ok || input.doc.State == types.InputStateDeleted {
			return invalid(element(fmt.Sprintf("/inputAttachments/%d/inputId", i), "Input %s not found", deref(a.InputId)))
		}
		if others := input.doc.AttachedChannels; len(others) > 0 && !slices.Contains(others, id) {
			return attached(deref(a.InputId))
		}
		c.inputs.set(*a.InputId, input.with(types.InputStateAttached, c.now, id))
	}
	return nil
}

// detach frees the inputs of a channel.
func (c *change) detach(record *channelRecord) {
	for _, a := range record.doc.InputAttachments {
		if input, ok := c.inputs.get(deref(a.InputId)); ok && input.doc.State == types.InputStateAttached {
			c.inputs.set(*a.InputId, input.with(types.InputStateDetached, c.now))
		}
	}
}

// channel returns the record of a channel that was not deleted.
func (c *change) channel(id string) (*channelRecord, error) {
	record, ok := c.channels.get(id)
	if !ok || record.state() == types.ChannelStateDeleted {
		return nil, noChannel(id)
	}
	return record, nil
}

// Channel returns a channel as it is described; one that was deleted for a while longer.
func (r *Registry) Channel(id string) (*types.Channel, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	record := r.channels[id]
	if record == nil || r.forgotten(record.state() == types.ChannelStateDeleted, record.origin) {
		return nil, noChannel(id)
	}
	return r.describe(record), nil
}

// remembered is how long a resource that was deleted answers that it is.
const remembered = 24 * time.Hour

func (r *Registry) forgotten(deleted bool, o origin) bool {
	return deleted && r.o.Now().Sub(o.Since) > remembered
}

// describe returns the document of a channel with what is only known of it
// while it plays. Its caller holds r.mu.
func (r *Registry) describe(record *channelRecord) *types.Channel {
	doc := *record.doc
	n := int32(r.lives[*doc.Id].running())
	doc.PipelinesRunningCount = &n
	doc.PipelineDetails, doc.EgressEndpoints = []types.PipelineDetail{}, []types.ChannelEgressEndpoint{}
	if record.onAir() && record.state() != types.ChannelStateStarting {
		attachment, action := record.active(r.o.Now())
		for i := range pipelineCount(&doc) {
			id := pipelineID(i)
			doc.PipelineDetails = append(doc.PipelineDetails, types.PipelineDetail{
				ActiveInputAttachmentName: &attachment, ActiveInputSwitchActionName: &action, PipelineId: &id,
				ChannelEngineVersion: doc.ChannelEngineVersion,
			})
		}
	}
	return &doc
}

// ListChannels returns the channels in the order of their creation.
func (r *Registry) ListChannels(p Page) (List[types.ChannelSummary], error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	part, next, err := cut(r.inOrder(), p, func(one *channelRecord) int64 { return one.Sequence })
	if err != nil {
		return List[types.ChannelSummary]{}, err
	}
	list := List[types.ChannelSummary]{Items: []types.ChannelSummary{}, NextToken: next}
	for _, record := range part {
		list.Items = append(list.Items, summary(r.describe(record)))
	}
	return list, nil
}

// inOrder returns the channels that were not deleted. Its caller holds r.mu.
func (r *Registry) inOrder() []*channelRecord {
	all := slices.Collect(maps.Values(r.channels))
	all = slices.DeleteFunc(all, func(one *channelRecord) bool { return one.state() == types.ChannelStateDeleted })
	slices.SortFunc(all, func(a, b *channelRecord) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return all
}

// summary returns a channel as a list has it.
func summary(c *types.Channel) types.ChannelSummary {
	return types.ChannelSummary{
		AnywhereSettings: c.AnywhereSettings, Arn: c.Arn, CdiInputSpecification: c.CdiInputSpecification, ChannelClass: c.ChannelClass,
		ChannelEngineVersion: c.ChannelEngineVersion, ChannelSecurityGroups: c.ChannelSecurityGroups, Destinations: c.Destinations,
		EgressEndpoints: c.EgressEndpoints, Id: c.Id, InferenceSettings: c.InferenceSettings, InputAttachments: c.InputAttachments,
		InputSpecification: c.InputSpecification, LinkedChannelSettings: c.LinkedChannelSettings, LogLevel: c.LogLevel,
		Maintenance: c.Maintenance, Name: c.Name, PipelinesRunningCount: c.PipelinesRunningCount, RoleArn: c.RoleArn, State: c.State,
		Tags: c.Tags, Vpc: c.Vpc,
	}
}

// UpdateChannel replaces the members of a channel that the request has; it is
// UPDATING when the call returns.
func (r *Registry) UpdateChannel(in *sdk.UpdateChannelInput) (*types.Channel, error) {
	if in.Name != nil && *in.Name == "" {
		return nil, noName()
	}
	request := *in
	request.ChannelId, request.DryRun = nil, nil
	return r.update(deref(in.ChannelId), &request, deref(in.DryRun))
}

// UpdateChannelClass gives a channel one or two pipelines, and other
// destinations if the request has them.
func (r *Registry) UpdateChannelClass(in *sdk.UpdateChannelClassInput) (*types.Channel, error) {
	if !slices.Contains(in.ChannelClass.Values(), in.ChannelClass) {
		return nil, invalid(element("/channelClass", "channelClass is STANDARD or SINGLE_PIPELINE, not %q", in.ChannelClass))
	}
	request := *in
	request.ChannelId = nil
	return r.update(deref(in.ChannelId), &request, false)
}

func (r *Registry) update(id string, request any, dry bool) (*types.Channel, error) {
	var tried *types.Channel
	err := r.change(func(c *change) error {
		record, err := c.channel(id)
		if err != nil {
			return err
		}
		if err := permit(toUpdate, record.state()); err != nil {
			return err
		}
		doc := new(types.Channel)
		if err := overlay(doc, record.doc, request); err != nil {
			return err
		}
		n := record.other(types.ChannelStateUpdating, c.now)
		n.doc, doc.State = doc, types.ChannelStateUpdating
		c.detach(record)
		if err := r.check(c, n); err != nil {
			return err
		}
		if dry {
			tried = doc
			clear(c.inputs.changed)
			return nil
		}
		c.channels.set(id, n)
		return nil
	})
	if err != nil || dry {
		return tried, err
	}
	return r.Channel(id)
}

// shift moves a channel to another state, if the state it has allows that.
func (r *Registry) shift(id string, op operation, to types.ChannelState, more func(*change, *channelRecord)) (*types.Channel, error) {
	err := r.change(func(c *change) error {
		record, err := c.channel(id)
		if err != nil {
			return err
		}
		if err := permit(op, record.state()); err != nil {
			return err
		}
		n := record.with(to, c.now)
		if more != nil {
			more(c, n)
		}
		c.channels.set(id, n)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.Channel(id)
}

// lead is how long after a call what it starts begins, so that it can be
// opened meanwhile and begins with its first packet.
const lead = 250 * time.Millisecond

// StartChannel has a channel play, from the beginning of its source; it is
// STARTING when the call returns.
func (r *Registry) StartChannel(id string) (*types.Channel, error) {
	return r.shift(id, toStart, types.ChannelStateStarting, func(c *change, n *channelRecord) {
		n.epoch, n.past = epochOf(n.doc.Tags, c.now), past{}
	})
}

// StopChannel takes a channel off air; it is STOPPING when the call returns.
func (r *Registry) StopChannel(id string) (*types.Channel, error) {
	doc, err := r.shift(id, toStop, types.ChannelStateStopping, nil)
	if err == nil {
		n := int(deref(doc.PipelinesRunningCount))
		r.emit(event.StateChange, event.Detail{ChannelARN: *doc.Arn, State: "STOPPING", Message: "Stopping channel", PipelinesRunningCount: &n})
	}
	return doc, err
}

// DeleteChannel deletes a channel; it is DELETING when the call returns, and
// DELETED for a while after that.
func (r *Registry) DeleteChannel(id string) (*types.Channel, error) {
	return r.shift(id, toDelete, types.ChannelStateDeleting, nil)
}

// RestartPipelines takes pipelines off air and puts them back on, in the same
// stream; all of them where none is named.
func (r *Registry) RestartPipelines(id string, named []types.ChannelPipelineIdToRestart) (*types.Channel, error) {
	for _, name := range named {
		if !slices.Contains(name.Values(), name) {
			return nil, Refuse(BadRequest, "pipelineIds holds PIPELINE_0 or PIPELINE_1, not %q", name)
		}
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	record := r.channels[id]
	if record == nil || record.state() == types.ChannelStateDeleted {
		return nil, noChannel(id)
	}
	if err := permit(toRestart, record.state()); err != nil {
		return nil, err
	}
	for _, p := range r.lives[id].pipelines {
		if len(named) == 0 || slices.Contains(named, types.ChannelPipelineIdToRestart("PIPELINE_"+pipelineID(p.index))) {
			signal(p.again)
		}
	}
	return r.describe(record), nil
}
