package server

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// declared keeps the channels that the configuration declares. They have the tag
// lilo:config; it never touches others.
type declared struct {
	provisioner provisioner
	print       func(line string)

	mu     sync.Mutex
	failed map[string]string // why a channel is not as declared, by name
}

// apply makes the channels what the file declares: it creates and starts new
// ones, stops, changes and restarts those that differ, and stops and deletes
// those that are no longer declared. An error with one leaves the others alone.
// At the start of the server, first, it also starts those that are off air.
func (d *declared) apply(ctx context.Context, list []ChannelConfig, first bool) {
	d.mu.Lock()
	d.failed = make(map[string]string)
	d.mu.Unlock()
	for _, line := range sharedAddresses(list) {
		d.print(line)
	}
	existing := d.existing()
	for _, c := range list {
		d.record(c.Name, d.reconcile(ctx, c.Spec, existing[c.Name], first))
		delete(existing, c.Name)
	}
	for _, s := range d.provisioner.service.Channels.Statuses() { // In the order of their creation.
		if old := existing[deref(s.Channel.Name)]; old != nil && *old.Id == *s.Channel.Id {
			d.record(*old.Name, d.drop(ctx, old))
		}
	}
}

// sharedAddresses returns a line for each address that several channels send to.
func sharedAddresses(list []ChannelConfig) (lines []string) {
	first := map[string]ChannelConfig{}
	for _, c := range list {
		for _, to := range c.To {
			a := to.TargetAddress()
			if other, ok := first[a]; ok {
				lines = append(lines, fmt.Sprintf("channels %q (line %d) and %q (line %d) both send to %s: its receivers get a mixture of the two; give each an address of its own",
					other.Name, other.Line, c.Name, c.Line, a))
				continue
			}
			first[a] = c
		}
	}
	return lines
}

// existing returns the declared channels that exist, by name.
func (d *declared) existing() map[string]*types.Channel {
	all := make(map[string]*types.Channel)
	for _, s := range d.provisioner.service.Channels.Statuses() {
		if _, ok := s.Channel.Tags[tagConfig]; ok && s.Channel.Name != nil {
			all[*s.Channel.Name] = s.Channel
		}
	}
	return all
}

// reconcile makes one channel what its spec says; is is nil if it does not exist.
func (d *declared) reconcile(ctx context.Context, s channel.Spec, is *types.Channel, first bool) error {
	doc, err := documentOf(s, d.provisioner.clip)
	if err == nil {
		err = doc.mark()
	}
	switch {
	case err != nil:
		return err
	case is == nil:
		return d.add(ctx, s.Name, doc)
	case is.Tags[tagConfig] != doc.channel.Tags[tagConfig]:
		if err := d.provisioner.update(ctx, is, doc, true); err != nil {
			return err
		}
		d.print(fmt.Sprintf("channel %q has changed: it was stopped and starts again", s.Name))
	case first && off(is.State):
		return d.provisioner.start(ctx, *is.Id)
	}
	return nil
}

func off(s types.ChannelState) bool {
	return s == types.ChannelStateIdle || s == types.ChannelStateUpdateFailed
}

func (d *declared) add(ctx context.Context, name string, doc *document) error {
	id, err := d.provisioner.create(ctx, doc)
	if err != nil {
		return err
	}
	if err := d.provisioner.start(ctx, id); err != nil {
		return err
	}
	d.print(fmt.Sprintf("channel %q is new: it starts", name))
	return nil
}

func (d *declared) drop(ctx context.Context, is *types.Channel) error {
	if err := d.provisioner.delete(ctx, *is.Id); err != nil {
		return err
	}
	d.print(fmt.Sprintf("channel %q is no longer declared: it was stopped and deleted", *is.Name))
	return nil
}

// record keeps the error with a channel, and logs it.
func (d *declared) record(name string, err error) {
	if err == nil {
		return
	}
	d.mu.Lock()
	d.failed[name] = err.Error()
	d.mu.Unlock()
	d.print(fmt.Sprintf("channel %q is not as the configuration says: %v", name, err))
}

// failures returns why channels are not as declared, by name.
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
