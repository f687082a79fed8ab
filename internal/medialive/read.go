package medialive

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// Channel is what a channel document describes.
type Channel struct {
	// Pipelines are one spec, or two that differ in their destinations alone. Their epochs are zero.
	Pipelines []channel.Spec
	// Schedules are theirs, one each.
	Schedules []channel.Schedule
	// Once plays the first source a single time (sourceEndBehavior CONTINUE).
	Once bool
	// Turns are what the input attachments play, in their order, if one follows the end of
	// another and the first that of the last (inputEndAction SWITCH_AND_LOOP_INPUTS).
	Turns []Turn
	// Unsupported lists the members that are not played as they say, in the order of their paths.
	Unsupported []Unsupported
}

// Turn is what an input attachment plays.
type Turn struct {
	Attachment string
	channel.Entry
}

// Unsupported is a member of a document that is not played as it says.
type Unsupported struct {
	// Path is that of the member, as in a 422: /encoderSettings/outputGroups/0/….
	Path string
	// Text says in a sentence what is played instead.
	Text string
}

// reader reads a document.
type reader struct {
	channel *types.Channel
	inputs  map[string]types.Input
	top     place
}

// Read returns the channel that a document and the actions of its schedule
// describe; inputs are by their id. An immediate action without a time of its
// own applies from the epoch on. Faults are of kind Usage.
func Read(c *types.Channel, inputs map[string]types.Input, actions []types.ScheduleAction) (Channel, error) {
	if c.EncoderSettings == nil {
		return Channel{}, fault.New(fault.Usage, "/encoderSettings is missing: it says where the channel is sent")
	}
	r := &reader{c, inputs, top()}
	r.top.handled("arn", "channelClass", "channelEngineVersion", "egressEndpoints", "id", "inputSpecification", "logLevel", "maintenance",
		"name", "pipelineDetails", "pipelinesRunningCount", "roleArn", "state", "tags")
	first, err := r.source(0)
	if err != nil {
		return Channel{}, err
	}
	base := channel.Default()
	base.Source, base.Login, base.AWS = first.url, first.login, r.aws()
	r.global(&first)
	r.attachments()
	if base.Encode, err = r.encode(); err != nil {
		return Channel{}, err
	}
	p := Channel{Pipelines: r.outputs(base), Once: first.once, Turns: r.turns()}
	for _, s := range p.Pipelines {
		if err := s.Validate(); err != nil {
			return Channel{}, fault.New(fault.Usage, "/encoderSettings: %w", err)
		}
	}
	p.Schedules = r.schedules(actions, len(p.Pipelines))
	r.top.reportRest(c)
	p.Unsupported = r.top.found
	slices.SortStableFunc(p.Unsupported, func(a, b Unsupported) int { return strings.Compare(a.Path, b.Path) })
	return p, nil
}

// Spec returns the one spec of both pipelines, whose destinations are in pairs.
func (p Channel) Spec() channel.Spec {
	s := p.Pipelines[0]
	if len(p.Pipelines) < 2 {
		return s
	}
	other := p.Pipelines[1].To
	var to []channel.Destination
	for i, d := range s.To {
		to = append(to, d)
		if i < len(other) {
			to = append(to, other[i])
		}
	}
	s.To = to
	return s
}

// aws returns what a document says about a deployment, as far as LILO can deploy it so.
func (r *reader) aws() channel.AWS {
	a := channel.DefaultAWS()
	set := func(field *string, text string) {
		before := *field
		if *field = text; text == "" || !deployable(a) {
			*field = before
		}
	}
	set(&a.Stack, r.channel.Tags[TagStack])
	set(&a.Customer, r.channel.Tags[TagCustomer])
	set(&a.Project, r.channel.Tags[TagProject])
	set(&a.LogLevel, string(r.channel.LogLevel))
	if parsed, err := arn.Parse(aws.ToString(r.channel.Arn)); err == nil {
		set(&a.Region, parsed.Region)
	}
	a.Standard = pipelinesOf(r.channel) == 2
	return a
}

// deployable reports whether the settings are valid.
func deployable(a channel.AWS) bool {
	s := channel.Default()
	s.AWS = a
	return s.Validate() == nil
}

// global reads the settings of all inputs and outputs.
func (r *reader) global(first *played) {
	at := r.top.at("encoderSettings")
	at.handled("timecodeConfig", "thumbnailConfiguration")
	g := r.channel.EncoderSettings.GlobalConfiguration
	if g == nil {
		return
	}
	at = at.at("globalConfiguration")
	at.handled("outputLockingMode", "outputLockingSettings", "outputTimingSource")
	if loopsInputs(r.channel) && len(r.channel.InputAttachments) == 1 {
		first.once = false
	}
	at.handled("inputEndAction")
}

// loopsInputs reports whether an input follows the end of another.
func loopsInputs(c *types.Channel) bool {
	e := c.EncoderSettings
	return e != nil && e.GlobalConfiguration != nil && e.GlobalConfiguration.InputEndAction != types.GlobalConfigurationInputEndActionNone
}

// turns returns what the attachments play in turn, nil if they do not follow one another.
func (r *reader) turns() (all []Turn) {
	if !loopsInputs(r.channel) || len(r.channel.InputAttachments) < 2 {
		return nil
	}
	at := r.top.at("encoderSettings", "globalConfiguration", "inputEndAction")
	for i, a := range r.channel.InputAttachments {
		name := AttachmentName(a)
		next, err := r.source(i)
		switch {
		case err != nil:
			at.report("nothing follows the input attachment %q: %v", name, err)
		case strings.Contains(next.url, UrlPathVariable):
			at.report("the input attachment %q is left out: its file is not known without a schedule action that gives urlPath", name)
			continue
		case !next.once:
			at.report("nothing follows the input attachment %q by itself: it does not end; give it sourceEndBehavior CONTINUE", name)
		}
		all = append(all, Turn{name, channel.Entry{Source: next.url, Login: next.login, Once: next.once}})
	}
	return all
}

// AttachmentName returns the name of an input attachment: its input's id if it has none.
func AttachmentName(a types.InputAttachment) string {
	return cmp.Or(aws.ToString(a.InputAttachmentName), aws.ToString(a.InputId))
}
