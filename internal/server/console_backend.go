package server

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/admission"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/api"
	"github.com/lilo-live/lilo/internal/server/console"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
	"github.com/lilo-live/lilo/internal/source"
)

// consoleBackend gives the console the channels of the service. It implements
// console.Operator.
type consoleBackend struct {
	channels    *service.Channels
	hls         func(id string) http.Handler
	provisioner provisioner
	source      source.Options
	admission   *admission.Control
	opening     func(channel.Spec) (player.Work, bool)
	journal     *journal
	folders     []string // that may be browsed
	thumbnail   func(context.Context, supervisor.Playback) ([]byte, error)
	armed       *api.Armed
}

// Channels returns all channels.
func (b *consoleBackend) Channels() []console.Channel {
	var all []console.Channel
	for _, status := range b.channels.Statuses() {
		all = append(all, b.channel(status))
	}
	return all
}

// Find returns a channel.
func (b *consoleBackend) Find(id string) (console.Channel, bool) {
	status, err := b.channels.Status(id)
	if err != nil {
		return console.Channel{}, false
	}
	return b.channel(status), true
}

// channel converts the status of a channel.
func (b *consoleBackend) channel(status service.Status) console.Channel {
	c := console.Channel{ID: deref(status.Channel.Id), Name: deref(status.Channel.Name), State: string(status.Channel.State), Since: console.Time(status.Since)}
	c.Tags = otherTags(status.Channel.Tags)
	for _, a := range status.Alerts {
		if supervisor.IsNote(a) {
			if text := deref(a.Message); !slices.Contains(c.Notes, text) { // Both pipelines may have it.
				c.Notes = append(c.Notes, text)
			}
			continue
		}
		c.Alerts = append(c.Alerts, console.Alert{Kind: deref(a.AlertType), Message: deref(a.Message), Set: console.Time(deref(a.SetTimestamp))})
	}
	for _, p := range status.Pipelines {
		shown := console.NewPipeline(p.Spec, p.Playback)
		if w, ok := b.opening(p.Spec); ok && p.Playback == nil {
			shown.Work = console.NewWork(w)
		}
		c.Pipelines = append(c.Pipelines, shown)
	}
	if len(status.Pipelines) > 0 {
		c.Spec = status.Pipelines[0].Spec
		if c.Spec.Source == b.provisioner.clip {
			c.Spec.Source = "" // As lilo run and lilo deploy name it.
		}
		c.Source = cmp.Or(source.Redact(c.Spec.Source), clip.Name)
		c.Spec.AWS.Region = channel.DefaultAWS().Region // The region in ARNs here says nothing about AWS.
	}
	return c
}

// localPath returns the path in a file:// URL, and anything else as it is.
func localPath(source string) string {
	rest, ok := strings.CutPrefix(source, "file://")
	if !ok {
		return source
	}
	if path, err := url.PathUnescape(rest); err == nil {
		return path
	}
	return rest
}

// Probe reports on a source.
func (b *consoleBackend) Probe(ctx context.Context, spec channel.Spec) (player.Report, error) {
	spec.Source, spec.Encode = localPath(spec.Source), nil
	leave, err := b.admission.Enter(admission.With(ctx, admission.Probe))
	if err != nil {
		return player.Report{}, err
	}
	defer leave()
	return player.Probe(ctx, spec, player.Options{Source: b.source, Admission: b.admission})
}

// Encodable returns why a source cannot be encoded. Of one that must be fetched first,
// that is not known.
func (b *consoleBackend) Encodable(ctx context.Context, name string) error {
	name = localPath(name)
	if name == "" || strings.Contains(name, "://") {
		return nil
	}
	src, err := source.Open(ctx, name, b.source) // It may lie where none is allowed.
	if err != nil {
		return err
	}
	return errors.Join(encode.Check(ctx, name), src.Close())
}

// Create creates a channel and, if start is set, starts it.
func (b *consoleBackend) Create(ctx context.Context, spec channel.Spec, start bool) (string, error) {
	d, err := documentOf(spec, b.provisioner.clip)
	if err != nil {
		return "", err
	}
	id, err := b.provisioner.create(ctx, d)
	if err == nil && start {
		err = b.Start(ctx, id)
	}
	return id, err
}

// Update changes a channel that the console made. Of others, it would lose what a spec
// does not hold.
func (b *consoleBackend) Update(ctx context.Context, id string, spec channel.Spec) error {
	status, err := b.channels.Status(id)
	if err != nil {
		return err
	}
	old := status.Channel
	if _, ok := old.Tags[tagConfig]; ok {
		return service.Errorf(service.Conflict, "Channel %q is declared by the configuration: change it there", deref(old.Name))
	}
	if !b.isOwn(ctx, status) {
		return service.Errorf(service.Conflict, "Channel %q was made through the API and may hold more than the form does: change it with aws medialive update-channel", deref(old.Name))
	}
	if at, ok := old.Tags[record.TagEpoch]; ok {
		if err := spec.Set("epoch", at); err != nil {
			return err
		}
	}
	d, err := documentOf(spec, b.provisioner.clip)
	if err != nil {
		return err
	}
	return b.provisioner.update(ctx, old, d, record.OnAir(old.State))
}

// isOwn reports whether a form made a channel: it has one pipeline, an input of its own, and
// no schedule.
func (b *consoleBackend) isOwn(ctx context.Context, status service.Status) bool {
	ch := status.Channel
	if len(status.Pipelines) != 1 || len(ch.InputAttachments) != 1 {
		return false
	}
	in, err := b.provisioner.service.Inputs.Describe(ctx, deref(ch.InputAttachments[0].InputId))
	if err != nil || in.Tags[tagOwn] == "" {
		return false
	}
	schedule, err := b.provisioner.service.Schedules.Describe(ctx, &sdk.DescribeScheduleInput{ChannelId: ch.Id})
	return err == nil && len(schedule.ScheduleActions) == 0
}

// Start starts a channel.
func (b *consoleBackend) Start(ctx context.Context, id string) error {
	_, err := b.channels.Start(ctx, id)
	return err
}

// Stop stops a channel.
func (b *consoleBackend) Stop(ctx context.Context, id string) error {
	_, err := b.channels.Stop(ctx, id)
	return err
}

// Delete deletes a channel. It stops one that is on air first.
func (b *consoleBackend) Delete(ctx context.Context, id string) error {
	return b.provisioner.delete(ctx, id)
}

// Tag sets and removes tags. Those of the server itself are not for people to change.
func (b *consoleBackend) Tag(ctx context.Context, id string, set map[string]string, remove []string) error {
	status, err := b.channels.Status(id)
	if err != nil {
		return err
	}
	for key := range set {
		remove = slices.DeleteFunc(remove, func(k string) bool { return k == key })
		if isOwnTag(key) {
			return service.Errorf(service.BadRequest, "Tags that begin with %s are the server's own: choose another key", ownTags)
		}
	}
	tags := b.provisioner.service.Tags
	if len(set) > 0 {
		if _, err := tags.Create(ctx, &sdk.CreateTagsInput{ResourceArn: status.Channel.Arn, Tags: set}); err != nil {
			return err
		}
	}
	if remove = slices.DeleteFunc(remove, isOwnTag); len(remove) == 0 {
		return nil
	}
	_, err = tags.Delete(ctx, &sdk.DeleteTagsInput{ResourceArn: status.Channel.Arn, TagKeys: remove})
	return err
}

// ownTags is how the keys of tags begin that mean something to the server.
const ownTags = "lilo:"

func isOwnTag(key string) bool { return strings.HasPrefix(key, ownTags) }

// Thumbnail returns a picture of what the first pipeline of a channel shows.
func (b *consoleBackend) Thumbnail(ctx context.Context, id string) ([]byte, error) {
	p := b.channels.Playback(id, 0)
	if p == nil {
		return nil, nil
	}
	return b.thumbnail(ctx, p)
}

// Restart has the pipelines of a channel start again.
func (b *consoleBackend) Restart(ctx context.Context, id string) error {
	_, err := b.channels.RestartPipelines(ctx, &sdk.RestartChannelPipelinesInput{ChannelId: &id})
	return err
}

// Lose has a pipeline of a channel send nothing for so long.
func (b *consoleBackend) Lose(id string, pipeline int, d time.Duration) error {
	status, err := b.channels.Status(id)
	switch {
	case err != nil:
		return err
	case pipeline < 0 || pipeline >= len(status.Pipelines) || status.Pipelines[pipeline].Playback == nil:
		return service.Errorf(service.Conflict, "Pipeline %d of channel %s is not on air", pipeline, id)
	}
	b.channels.Lose(id, pipeline, d)
	return nil
}

// Faults returns what the next calls of the API are answered with.
func (b *consoleBackend) Faults() (f console.Faults) {
	f.Faults, f.Calls = b.armed.State()
	return f
}

// Arm sets it.
func (b *consoleBackend) Arm(f console.Faults) error { return b.armed.Arm(f.Faults, f.Calls) }

// HLS returns the handler of a channel's preview, nil if it is off air.
func (b *consoleBackend) HLS(id string) http.Handler { return b.hls(id) }

// Document returns the MediaLive JSON of a channel.
func (b *consoleBackend) Document(id string) ([]byte, error) {
	status, err := b.channels.Status(id)
	if err != nil {
		return nil, err
	}
	return medialive.Marshal(status.Channel)
}

// Log returns the last lines of the log of a channel.
func (b *consoleBackend) Log(id string) []console.LogLine { return b.journal.of(id) }

// Files lists a folder.
func (b *consoleBackend) Files(folder string) (console.Listing, error) {
	return files(b.folders, folder)
}

// Requests returns the requests that create a channel and its inputs.
func (b *consoleBackend) Requests(ctx context.Context, id string) (r console.Requests, err error) {
	status, err := b.channels.Status(id)
	if err != nil {
		return r, err
	}
	ch := status.Channel
	r.Channel, err = medialive.Marshal(&sdk.CreateChannelInput{
		Name: ch.Name, ChannelClass: ch.ChannelClass, Destinations: ch.Destinations, EncoderSettings: ch.EncoderSettings, InputAttachments: ch.InputAttachments,
		InputSpecification: ch.InputSpecification, LogLevel: ch.LogLevel, RoleArn: ch.RoleArn, Tags: otherTags(ch.Tags),
	})
	for _, a := range ch.InputAttachments {
		in, missing := b.provisioner.service.Inputs.Describe(ctx, deref(a.InputId))
		if err = errors.Join(err, missing); err != nil {
			return r, err
		}
		request := sdk.CreateInputInput{Name: in.Name, Type: in.Type, Tags: otherTags(in.Tags)}
		for _, s := range in.Sources {
			url := source.Redact(deref(s.Url))
			request.Sources = append(request.Sources, types.InputSourceRequest{Url: &url, Username: s.Username, PasswordParam: s.PasswordParam})
		}
		body, bad := medialive.Marshal(&request)
		err = errors.Join(err, bad)
		r.Inputs = append(r.Inputs, console.InputRequest{ID: *a.InputId, Body: body})
	}
	return r, err
}

// otherTags returns the tags that are not the server's own.
func otherTags(tags map[string]string) map[string]string {
	others := maps.Clone(tags)
	maps.DeleteFunc(others, func(key, _ string) bool { return isOwnTag(key) })
	if len(others) == 0 {
		return nil
	}
	return others
}

// sourceHints returns sentences that say which sources a channel may have.
func (o *Options) sourceHints() []string {
	files, urls := "No files of this machine: --allow-files names a folder of them.", "URLs of public https://, http:// and s3:// servers."
	if len(o.AllowFiles) > 0 {
		files = "Files in " + strings.Join(o.AllowFiles, ", ") + "."
	}
	switch {
	case len(o.AllowHosts) > 0:
		urls = "URLs of " + strings.Join(o.AllowHosts, ", ") + "."
	case o.AllowPrivate || o.open():
		urls = "URLs of any https://, http:// or s3:// server."
	}
	return []string{files, urls}
}
