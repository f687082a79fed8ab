package server

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// declared has the channels of the configuration be there. Channels that others
// created are never touched: its own have the tag lilo:config.
type declared struct {
	maker maker
	tell  func(line string)

	mu     sync.Mutex
	failed map[string]string // by name, why a channel is not as the file says
}

// apply makes channels be as the file says: those that are new are created and
// started, those that the file has no more are stopped and deleted, those that
// it has differently are stopped, changed and started again. One that cannot be
// so does not keep the others from it. At the start of the server, first, those
// that are off air are started.
func (d *declared) apply(ctx context.Context, list []ChannelConfig, first bool) {
	d.mu.Lock()
	d.failed = make(map[string]string)
	d.mu.Unlock()
	there := d.there()
	for _, one := range list {
		d.done(one.Name, d.one(ctx, one.Spec, there[one.Name], first))
		delete(there, one.Name)
	}
	for _, s := range d.maker.service.Channels.Statuses() { // In the order of their creation.
		if old := there[deref(s.Channel.Name)]; old != nil && *old.Id == *s.Channel.Id {
			d.done(*old.Name, d.drop(ctx, old))
		}
	}
}

// there returns the channels of the file that there are, by name.
func (d *declared) there() map[string]*types.Channel {
	all := make(map[string]*types.Channel)
	for _, s := range d.maker.service.Channels.Statuses() {
		if _, ok := s.Channel.Tags[tagConfig]; ok && s.Channel.Name != nil {
			all[*s.Channel.Name] = s.Channel
		}
	}
	return all
}

func (d *declared) one(ctx context.Context, s channel.Spec, is *types.Channel, first bool) error {
	doc, err := documentOf(s, d.maker.clip)
	if err == nil {
		err = doc.mark()
	}
	switch {
	case err != nil:
		return err
	case is == nil:
		return d.add(ctx, s.Name, doc)
	case is.Tags[tagConfig] != doc.channel.Tags[tagConfig]:
		if err := d.maker.change(ctx, is, doc); err != nil {
			return err
		}
		d.tell(fmt.Sprintf("channel %q has changed: it was stopped and starts anew", s.Name))
	case first && off(is.State):
		_, err := d.maker.service.Channels.Start(ctx, *is.Id)
		return err
	}
	return nil
}

func off(s types.ChannelState) bool {
	return s == types.ChannelStateIdle || s == types.ChannelStateUpdateFailed
}

func (d *declared) add(ctx context.Context, name string, doc *document) error {
	id, err := d.maker.create(ctx, doc)
	if err != nil {
		return err
	}
	if _, err := d.maker.service.Channels.Start(ctx, id); err != nil {
		return err
	}
	d.tell(fmt.Sprintf("channel %q is new: it starts", name))
	return nil
}

func (d *declared) drop(ctx context.Context, is *types.Channel) error {
	if err := d.maker.remove(ctx, *is.Id); err != nil {
		return err
	}
	d.tell(fmt.Sprintf("channel %q is gone: it was stopped and deleted", *is.Name))
	return nil
}

// done keeps in mind what became of a channel.
func (d *declared) done(name string, err error) {
	if err == nil {
		return
	}
	d.mu.Lock()
	d.failed[name] = err.Error()
	d.mu.Unlock()
	d.tell(fmt.Sprintf("channel %q is not as the configuration says: %v", name, err))
}

// failures returns why channels are not as the file says, by name.
func (d *declared) failures() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.failed)
}

// deref returns what p points to, or the zero value.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
