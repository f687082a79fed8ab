package simulation

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lilo-live/lilo/internal/medialive/medialivetest"
)

// fleet is the channels that callers ask for. It remembers what was acknowledged.
type fleet struct {
	world    *world
	channels []*ordered
}

// bitRate is that of every channel: it suffices for all sources, and to find the smallest one
// would take most of the time of a simulation.
const bitRate = 300_000

// ordered is a channel as its caller knows it.
type ordered struct {
	name      string  // what its names begin with
	files     []*file // of its inputs
	pipelines int
	receivers []*receiver // of its first destination, one for each pipeline, then of the second
	inputs    []string    // ids
	actions   int         // of its schedule, so far
	version   int         // of its name
	// states are those in which it may be: more than one after a call that was not answered.
	states []asked
}

// asked is what a caller has asked for.
type asked struct {
	id    string // "" for no channel
	name  string
	onAir bool
}

func (a asked) String() string {
	if a.id == "" {
		return "none"
	}
	if a.onAir {
		return a.name + " on air"
	}
	return a.name + " idle"
}

// is returns the state that it is in as far as is known.
func (o *ordered) is() asked { return o.states[0] }

// addChannel adds a channel that does not exist yet, with destinations of all its pipelines.
func (f *fleet) addChannel(i int, files []*file, pipelines, destinations int) {
	o := &ordered{name: fmt.Sprintf("channel %d", i), files: files, pipelines: pipelines, states: []asked{{}}}
	for k := range destinations * pipelines {
		scheme := []string{"rtp", "udp"}[(i+k)%2]
		at := netip.MustParseAddrPort(fmt.Sprintf("10.0.%d.%d:5000", i+1, k+1))
		r := &receiver{world: f.world, url: fmt.Sprintf("%s://%s", scheme, at), rtp: scheme == "rtp"}
		f.world.network.endpoint(at).receiver = r
		o.receivers = append(o.receivers, r)
	}
	f.channels = append(f.channels, o)
}

// call makes a call and tells what came of it: acknowledged, refused, or unknown because
// the process died. before and after are the states without and with the call.
func (f *fleet) call(o *ordered, what string, after asked, do func(context.Context, *sdk.Client) error) {
	w, p := f.world, f.world.process
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err := do(ctx, p.api)
	synctest.Wait()
	for _, r := range o.receivers {
		r.look()
	}
	status := 0
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = r.HTTPStatusCode()
	}
	switch {
	case p.dead.Load():
		o.states = append(o.states, after)
		w.note("%s: %s: no answer", o.name, what)
	case err == nil:
		o.states = []asked{after}
		w.note("%s: %s", o.name, what)
	case status == 0:
		w.fail("%s: %s: %v", o.name, what, err)
	default:
		w.note("%s: %s: refused, %d", o.name, what, status)
		if status >= 500 && until(&w.disk.full) <= 0 {
			w.fail("%s: %s: %v", o.name, what, err)
		}
	}
}

// create creates the channel, and its inputs where it has none.
func (f *fleet) create(o *ordered) {
	for len(o.inputs) < len(o.files) {
		if !f.createInput(o) {
			return
		}
	}
	o.version++
	name := fmt.Sprintf("%s v%d", o.name, o.version)
	var id string
	request := o.request(name)
	before := o.states
	f.call(o, "create", asked{}, func(ctx context.Context, api *sdk.Client) error {
		out, err := api.CreateChannel(ctx, request)
		if err == nil {
			id = *out.Channel.Id
		}
		return err
	})
	switch {
	case id != "" && len(o.states) == 1:
		o.states = []asked{{id: id, name: name}}
	case len(o.states) > len(before):
		o.states[len(o.states)-1] = asked{id: "?", name: name}
	}
}

func (f *fleet) createInput(o *ordered) bool {
	n := len(o.inputs)
	in := &sdk.CreateInputInput{Name: aws.String(o.name), Type: types.InputTypeMp4File}
	for range o.pipelines {
		in.Sources = append(in.Sources, types.InputSourceRequest{Url: aws.String("file://" + o.files[n].path)})
	}
	before := o.states
	f.call(o, "create an input", o.is(), func(ctx context.Context, api *sdk.Client) error {
		out, err := api.CreateInput(ctx, in)
		if err == nil {
			o.inputs = append(o.inputs, *out.Input.Id)
		}
		return err
	})
	o.states = before
	return len(o.inputs) > n && !f.world.process.dead.Load()
}

// request is what creates the channel.
func (o *ordered) request(name string) *sdk.CreateChannelInput {
	in := &sdk.CreateChannelInput{
		Name: &name, ChannelClass: types.ChannelClassSinglePipeline, RoleArn: aws.String("arn:aws:iam::000000000000:role/lilo"),
		InputSpecification: &types.InputSpecification{Codec: types.InputCodecAvc, MaximumBitrate: types.InputMaximumBitrateMax10Mbps, Resolution: types.InputResolutionHd},
		EncoderSettings:    medialivetest.EncoderSettings(&types.M2tsSettings{Bitrate: aws.Int32(bitRate)}),
	}
	if o.pipelines == 2 {
		in.ChannelClass = types.ChannelClassStandard
	}
	for i, id := range o.inputs {
		in.InputAttachments = append(in.InputAttachments, types.InputAttachment{
			InputId: &id, InputAttachmentName: aws.String(attachment(i)),
			InputSettings: &types.InputSettings{SourceEndBehavior: types.InputSourceEndBehaviorLoop},
		})
	}
	group := in.EncoderSettings.OutputGroups[0]
	in.EncoderSettings.OutputGroups = nil
	for receivers := range slices.Chunk(o.receivers, o.pipelines) {
		d := types.OutputDestination{Id: aws.String(fmt.Sprint("d", len(in.Destinations)))}
		for _, r := range receivers {
			d.Settings = append(d.Settings, types.OutputDestinationSettings{Url: &r.url})
		}
		in.Destinations = append(in.Destinations, d)
		in.EncoderSettings.OutputGroups = append(in.EncoderSettings.OutputGroups, sentTo(group, d.Id))
	}
	return in
}

// sentTo returns a copy of an output group with another destination.
func sentTo(g types.OutputGroup, id *string) types.OutputGroup {
	udp := *g.Outputs[0].OutputSettings.UdpOutputSettings
	udp.Destination = &types.OutputLocationRef{DestinationRefId: id}
	output := g.Outputs[0]
	output.OutputName, output.OutputSettings = id, &types.OutputSettings{UdpOutputSettings: &udp}
	g.Outputs = []types.Output{output}
	return g
}

func attachment(i int) string { return fmt.Sprintf("in%d", i) }

// schedule adds an action to the schedule: what to do, immediately or at a time.
func (f *fleet) schedule(o *ordered, what string, do *types.ScheduleActionSettings) {
	o.actions++
	start, when := &types.ScheduleActionStartSettings{ImmediateModeScheduleActionStartSettings: &types.ImmediateModeScheduleActionStartSettings{}}, "now"
	if f.world.chance(2) {
		in := f.world.between(15*time.Second, time.Minute)
		at := f.world.wall().Add(in).UTC().Format("2006-01-02T15:04:05.000Z")
		start = &types.ScheduleActionStartSettings{FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{Time: &at}}
		when = "in " + in.String()
	}
	id := o.is().id
	f.call(o, what+" "+when, o.is(), func(ctx context.Context, api *sdk.Client) error {
		_, err := api.BatchUpdateSchedule(ctx, &sdk.BatchUpdateScheduleInput{ChannelId: &id, Creates: &types.BatchScheduleActionCreateRequest{
			ScheduleActions: []types.ScheduleAction{{ActionName: aws.String(fmt.Sprintf("action %d", o.actions)), ScheduleActionStartSettings: start, ScheduleActionSettings: do}},
		}})
		return err
	})
}

func (f *fleet) switchInput(o *ordered) {
	i := f.world.rng.IntN(len(o.files))
	f.schedule(o, "switch to "+attachment(i), &types.ScheduleActionSettings{
		InputSwitchSettings: &types.InputSwitchScheduleActionSettings{InputAttachmentNameReference: aws.String(attachment(i))},
	})
}

// pause pauses some pipelines, and lets the others go on.
func (f *fleet) pause(o *ordered) {
	all := []types.PipelinePauseStateSettings{}
	what := "pause none"
	if f.world.chance(3) {
		all, what = append(all, types.PipelinePauseStateSettings{PipelineId: types.PipelineIdPipeline0}), "pause pipeline 0"
	}
	f.schedule(o, what, &types.ScheduleActionSettings{PauseStateSettings: &types.PauseStateScheduleActionSettings{Pipelines: all}})
}

func (f *fleet) clearSchedule(o *ordered) {
	id := o.is().id
	f.call(o, "clear its schedule", o.is(), func(ctx context.Context, api *sdk.Client) error {
		_, err := api.DeleteSchedule(ctx, &sdk.DeleteScheduleInput{ChannelId: &id})
		return err
	})
}

func (f *fleet) start(o *ordered) {
	after := o.is()
	after.onAir = true
	f.call(o, "start", after, func(ctx context.Context, api *sdk.Client) error {
		_, err := api.StartChannel(ctx, &sdk.StartChannelInput{ChannelId: &after.id})
		return err
	})
}

func (f *fleet) stop(o *ordered) {
	after := o.is()
	after.onAir = false
	f.call(o, "stop", after, func(ctx context.Context, api *sdk.Client) error {
		_, err := api.StopChannel(ctx, &sdk.StopChannelInput{ChannelId: &after.id})
		return err
	})
}

func (f *fleet) delete(o *ordered) {
	id := o.is().id
	f.call(o, "delete", asked{}, func(ctx context.Context, api *sdk.Client) error {
		_, err := api.DeleteChannel(ctx, &sdk.DeleteChannelInput{ChannelId: &id})
		return err
	})
}

func (f *fleet) rename(o *ordered) {
	o.version++
	after := o.is()
	after.name = fmt.Sprintf("%s v%d", o.name, o.version)
	f.call(o, "rename to v"+fmt.Sprint(o.version), after, func(ctx context.Context, api *sdk.Client) error {
		_, err := api.UpdateChannel(ctx, &sdk.UpdateChannelInput{ChannelId: &after.id, Name: &after.name})
		return err
	})
}

func (f *fleet) restartPipelines(o *ordered) {
	id := o.is().id
	f.world.excuses.add("restart", "", time.Second)
	f.call(o, "restart its pipelines", o.is(), func(ctx context.Context, api *sdk.Client) error {
		_, err := api.RestartChannelPipelines(ctx, &sdk.RestartChannelPipelinesInput{ChannelId: &id})
		return err
	})
}

// check compares what the server has with what was acknowledged, and takes over what came
// of calls that were not answered.
func (f *fleet) check() {
	w := f.world
	all, err := f.list()
	if err != nil {
		w.fail("the channels cannot be listed: %v", err)
		return
	}
	for _, o := range f.channels {
		found := asked{}
		for _, c := range all {
			if strings.HasPrefix(*c.Name, o.name+" ") && c.State != types.ChannelStateDeleting {
				found = asked{id: *c.Id, name: *c.Name, onAir: onAir(c.State)}
			}
		}
		ok := slices.ContainsFunc(o.states, func(a asked) bool {
			return a.id == found.id && a.name == found.name && a.onAir == found.onAir || a.id == "?" && a.name == found.name && a.onAir == found.onAir
		})
		if !ok {
			w.fail("%s is %v, but callers were told %v (I12)", o.name, found, o.states)
		}
		o.states = []asked{found}
	}
}

func (f *fleet) list() ([]types.ChannelSummary, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := f.world.process.api.ListChannels(ctx, &sdk.ListChannelsInput{})
	if err != nil {
		return nil, err
	}
	return out.Channels, nil
}

func onAir(s types.ChannelState) bool {
	return s == types.ChannelStateStarting || s == types.ChannelStateRunning || s == types.ChannelStateRecovering
}

// converged checks that every channel has become what was asked for, and plays all of it.
func (f *fleet) converged() {
	w := f.world
	all, err := f.list()
	if err != nil {
		w.fail("the channels cannot be listed: %v", err)
		return
	}
	for _, o := range f.channels {
		is := o.is()
		for _, c := range all {
			if *c.Id != is.id {
				continue
			}
			want, running := types.ChannelStateIdle, 0
			if is.onAir {
				want, running = types.ChannelStateRunning, o.pipelines
			}
			if c.State != want || int(aws.ToInt32(c.PipelinesRunningCount)) != running {
				w.fail("%s is %s with %d pipelines, not %s with %d: %v", o.name, c.State, aws.ToInt32(c.PipelinesRunningCount), want, running, f.alerts(is.id))
			}
		}
		for _, r := range o.receivers {
			silent := time.Since(r.heard())
			if is.onAir && silent > time.Second && !r.mayBeSilent() {
				w.fail("%s: %s has heard nothing for %v", o.name, r.url, silent)
			}
			if !is.onAir && silent < time.Second {
				w.fail("%s: %s is sent to although the channel is off air", o.name, r.url)
			}
		}
	}
}

// alerts returns the alerts of a channel that are set.
func (f *fleet) alerts(id string) (all []string) {
	out, err := f.world.process.api.ListAlerts(context.Background(), &sdk.ListAlertsInput{ChannelId: &id, StateFilter: aws.String("SET")})
	if err != nil {
		return []string{err.Error()}
	}
	for _, a := range out.Alerts {
		all = append(all, *a.AlertType+": "+*a.Message)
	}
	return all
}

// isHeld reports whether a channel is held off because starting it ended the server.
func (f *fleet) isHeld(o *ordered) bool {
	return slices.ContainsFunc(f.alerts(o.is().id), func(a string) bool { return strings.HasPrefix(a, "Start Held Off: ") })
}
