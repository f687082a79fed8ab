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

// maker makes, changes and removes channels, each with an input of its own, as
// a client of the API would.
type maker struct {
	service *service.Service
	// clip is where the bundled clip lies.
	clip string
}

// create creates a channel and returns its id once it can be started.
func (m maker) create(ctx context.Context, d *document) (string, error) {
	input, err := m.service.Inputs.Create(ctx, d.input)
	if err != nil {
		return "", err
	}
	d.named(*input.Input.Id)
	ch, err := m.service.Channels.Create(ctx, d.channel)
	if err != nil {
		return "", errors.Join(err, m.service.Inputs.Delete(context.WithoutCancel(ctx), *input.Input.Id))
	}
	return *ch.Channel.Id, m.settle(ctx, *ch.Channel.Id)
}

// settle waits until a channel is neither on its way from one state to another nor on air.
func (m maker) settle(ctx context.Context, id string) error {
	return m.await(ctx, id, types.ChannelStateIdle, types.ChannelStateCreateFailed, types.ChannelStateUpdateFailed, types.ChannelStateDeleted)
}

// await waits until a channel has one of these states.
func (m maker) await(ctx context.Context, id string, states ...types.ChannelState) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		ch, err := m.service.Channels.Describe(ctx, id)
		if err != nil || slices.Contains(states, ch.State) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return service.Errorf(service.Timeout, "Channel %s was still %s when nobody waited for it any more", id, ch.State)
		}
	}
}

// halt stops a channel that is on air, and waits until it is off.
func (m maker) halt(ctx context.Context, id string) error {
	ch, err := m.service.Channels.Describe(ctx, id)
	if err != nil {
		return err
	}
	if record.OnAir(ch.State) {
		if _, err := m.service.Channels.Stop(ctx, id); err != nil {
			return err
		}
	}
	return m.settle(ctx, id)
}

// change makes a channel what the document says, and starts it.
func (m maker) change(ctx context.Context, is *types.Channel, d *document) error {
	id := *is.Id
	if err := m.halt(ctx, id); err != nil {
		return err
	}
	input := attachedTo(is)
	d.named(input)
	if _, err := m.service.Inputs.Update(ctx, &sdk.UpdateInputInput{InputId: &input, Name: d.input.Name, Sources: d.input.Sources}); err != nil {
		return err
	}
	if is.ChannelClass != d.channel.ChannelClass {
		if err := m.reclass(ctx, id, d); err != nil {
			return err
		}
	}
	update := &sdk.UpdateChannelInput{
		ChannelId: &id, Name: d.channel.Name, Destinations: d.channel.Destinations, EncoderSettings: d.channel.EncoderSettings,
		InputAttachments: d.channel.InputAttachments, InputSpecification: d.channel.InputSpecification, LogLevel: d.channel.LogLevel,
	}
	if _, err := m.service.Channels.Update(ctx, update); err != nil {
		return err
	}
	if err := errors.Join(m.settle(ctx, id), m.retag(ctx, is, d.channel.Tags)); err != nil {
		return err
	}
	_, err := m.service.Channels.Start(ctx, id)
	return err
}

func (m maker) reclass(ctx context.Context, id string, d *document) error {
	_, err := m.service.Channels.UpdateClass(ctx, &sdk.UpdateChannelClassInput{
		ChannelId: &id, ChannelClass: d.channel.ChannelClass, Destinations: d.channel.Destinations,
	})
	if err != nil {
		return err
	}
	return m.settle(ctx, id)
}

// retag gives a channel the tags of a document. Those that people added stay.
func (m maker) retag(ctx context.Context, is *types.Channel, tags map[string]string) error {
	var gone []string
	for _, tag := range []string{record.TagEpoch, record.TagPacing} {
		if _, ok := tags[tag]; !ok {
			gone = append(gone, tag)
		}
	}
	if len(gone) > 0 {
		if _, err := m.service.Tags.Delete(ctx, &sdk.DeleteTagsInput{ResourceArn: is.Arn, TagKeys: gone}); err != nil {
			return err
		}
	}
	_, err := m.service.Tags.Create(ctx, &sdk.CreateTagsInput{ResourceArn: is.Arn, Tags: tags})
	return err
}

// remove deletes a channel, and the input that was created with it.
func (m maker) remove(ctx context.Context, id string) error {
	if err := m.halt(ctx, id); err != nil {
		return err
	}
	ch, err := m.service.Channels.Delete(ctx, id)
	if err != nil {
		return err
	}
	if err := m.await(ctx, id, types.ChannelStateDeleted); err != nil {
		return err
	}
	for _, a := range ch.InputAttachments {
		if in, err := m.service.Inputs.Describe(ctx, *a.InputId); err == nil && in.Tags[tagOwn] != "" && in.State == types.InputStateDetached {
			if err := m.service.Inputs.Delete(ctx, *a.InputId); err != nil {
				return err
			}
		}
	}
	return nil
}

// attachedTo returns the id of a channel's first input.
func attachedTo(c *types.Channel) string {
	if len(c.InputAttachments) == 0 || c.InputAttachments[0].InputId == nil {
		return ""
	}
	return *c.InputAttachments[0].InputId
}
