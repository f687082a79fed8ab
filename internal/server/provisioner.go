package server

import (
	"context"
	"errors"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/service"
)

// provisioner creates, updates and deletes channels, each with an input of its
// own, through MediaLive's operations.
type provisioner struct {
	service *service.Service
	// clip is the path of the bundled clip.
	clip string
}

// create creates a channel and returns its id once it can be started, or another server has
// started it.
func (p provisioner) create(ctx context.Context, d *document) (string, error) {
	input, err := p.service.Inputs.Create(ctx, d.input)
	if err != nil {
		return "", err
	}
	d.named(*input.Input.Id)
	ch, err := p.service.Channels.Create(ctx, d.channel)
	if err != nil {
		return "", errors.Join(err, p.service.Inputs.Delete(context.WithoutCancel(ctx), *input.Input.Id))
	}
	id := *ch.Channel.Id
	return id, p.await(ctx, id, append(offAir(), types.ChannelStateStarting, types.ChannelStateRunning, types.ChannelStateRecovering)...)
}

// start starts a channel, unless another server has started it.
func (p provisioner) start(ctx context.Context, id string) error {
	_, err := p.service.Channels.Start(ctx, id)
	if err == nil || service.CodeOf(err) != service.Conflict {
		return err
	}
	if ch, failed := p.service.Channels.Describe(ctx, id); failed == nil && record.OnAir(ch.State) {
		return nil
	}
	return err
}

// awaitOff waits until a channel is off air and no operation on it is in progress.
func (p provisioner) awaitOff(ctx context.Context, id string) error {
	return p.await(ctx, id, offAir()...)
}

// offAir are the states of a channel that is off air and has no operation in progress.
func offAir() []types.ChannelState {
	return []types.ChannelState{types.ChannelStateIdle, types.ChannelStateCreateFailed, types.ChannelStateUpdateFailed, types.ChannelStateDeleted}
}

// await waits until a channel has one of the states.
func (p provisioner) await(ctx context.Context, id string, states ...types.ChannelState) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		ch, err := p.service.Channels.Describe(ctx, id)
		if err != nil || slices.Contains(states, ch.State) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return service.Errorf(service.Timeout, "Channel %s was still %s when the request timed out", id, ch.State)
		}
	}
}

// stop stops a channel that is on air and waits until it is off.
func (p provisioner) stop(ctx context.Context, id string) error {
	ch, err := p.service.Channels.Describe(ctx, id)
	if err != nil {
		return err
	}
	if record.OnAir(ch.State) {
		if _, err := p.service.Channels.Stop(ctx, id); err != nil {
			return err
		}
	}
	return p.awaitOff(ctx, id)
}

// update stops a channel, makes it what the document says, and starts it if start is set.
func (p provisioner) update(ctx context.Context, old *types.Channel, d *document, start bool) error {
	id, input := *old.Id, ""
	if err := p.stop(ctx, id); err != nil {
		return err
	}
	if len(old.InputAttachments) > 0 {
		input = deref(old.InputAttachments[0].InputId)
	}
	d.named(input)
	if _, err := p.service.Inputs.Update(ctx, &sdk.UpdateInputInput{InputId: &input, Name: d.input.Name, Sources: d.input.Sources}); err != nil {
		return err
	}
	if old.ChannelClass != d.channel.ChannelClass {
		_, err := p.service.Channels.UpdateClass(ctx, &sdk.UpdateChannelClassInput{
			ChannelId: &id, ChannelClass: d.channel.ChannelClass, Destinations: d.channel.Destinations,
		})
		if err == nil {
			err = p.awaitOff(ctx, id)
		}
		if err != nil {
			return err
		}
	}
	_, err := p.service.Channels.Update(ctx, &sdk.UpdateChannelInput{
		ChannelId: &id, Name: d.channel.Name, Destinations: d.channel.Destinations, EncoderSettings: d.channel.EncoderSettings,
		InputAttachments: d.channel.InputAttachments, InputSpecification: d.channel.InputSpecification, LogLevel: d.channel.LogLevel,
	})
	if err != nil {
		return err
	}
	if err := errors.Join(p.awaitOff(ctx, id), p.updateTags(ctx, old, d.channel.Tags)); err != nil || !start {
		return err
	}
	_, err = p.service.Channels.Start(ctx, id)
	return err
}

// updateTags gives a channel the tags of a document. Those that people added stay.
func (p provisioner) updateTags(ctx context.Context, old *types.Channel, tags map[string]string) error {
	var removed []string
	for _, tag := range []string{record.TagEpoch, record.TagPacing, record.TagTolerance} {
		if _, ok := tags[tag]; !ok {
			removed = append(removed, tag)
		}
	}
	if len(removed) > 0 {
		if _, err := p.service.Tags.Delete(ctx, &sdk.DeleteTagsInput{ResourceArn: old.Arn, TagKeys: removed}); err != nil {
			return err
		}
	}
	if len(tags) == 0 {
		return nil
	}
	_, err := p.service.Tags.Create(ctx, &sdk.CreateTagsInput{ResourceArn: old.Arn, Tags: tags})
	return err
}

// delete deletes a channel, and the input that was created with it.
func (p provisioner) delete(ctx context.Context, id string) error {
	if err := p.stop(ctx, id); err != nil {
		return err
	}
	ch, err := p.service.Channels.Delete(ctx, id)
	if err != nil {
		return err
	}
	if err := p.await(ctx, id, types.ChannelStateDeleted); err != nil {
		return err
	}
	for _, a := range ch.InputAttachments {
		if in, err := p.service.Inputs.Describe(ctx, *a.InputId); err == nil && in.Tags[tagOwn] != "" && in.State == types.InputStateDetached {
			if err := p.service.Inputs.Delete(ctx, *a.InputId); err != nil {
				return err
			}
		}
	}
	return nil
}
