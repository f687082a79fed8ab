package medialive

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// reader turns a document into a channel.
type reader struct {
	channel *types.Channel
	inputs  map[string]types.Input
	notes   *notes
}

// Read returns the channel of a channel document, inputs by their id, with
// the actions of its schedule. An immediate action without a time of its own
// has always been there. Faults are of kind Usage.
func Read(c *types.Channel, inputs map[string]types.Input, actions []types.ScheduleAction) (Channel, error) {
	r := &reader{c, inputs, &notes{settled: make(map[string]bool)}}
	top := place{r.notes, ""}
	top.use("arn", "channelClass", "channelEngineVersion", "egressEndpoints", "id", "inputSpecification", "logLevel", "maintenance",
		"name", "pipelineDetails", "pipelinesRunningCount", "roleArn", "state", "tags")
	if c.EncoderSettings == nil {
		return Channel{}, fault.New(fault.Usage, "/encoderSettings: they are missing: nothing says where the channel is sent")
	}
	first, err := r.source(0)
	if err != nil {
		return Channel{}, err
	}
	base := channel.Default()
	base.Source, base.AWS = first.url, r.aws()
	r.global(top.at("encoderSettings"), &first)
	r.attachments(top)
	if base.Encode, err = r.encode(top.at("encoderSettings")); err != nil {
		return Channel{}, err
	}
	pipelines := r.outputs(top, base)
	for i := range pipelines {
		if err := pipelines[i].Validate(); err != nil {
			return Channel{}, fault.New(fault.Usage, "/encoderSettings: %w", err)
		}
	}
	p := Channel{Pipelines: pipelines, Once: first.once}
	p.Schedules = r.schedules(place{r.notes, ""}, actions, len(pipelines))
	r.notes.leftovers(r.channel)
	p.Unsupported = r.notes.unhonoured
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

// aws returns what a document says of a deployment, as far as it can be one of LILO's.
func (r *reader) aws() channel.AWS {
	a := channel.DefaultAWS()
	set := func(field *string, text string) {
		usual := *field
		if *field = text; text == "" || !deployable(a) {
			*field = usual
		}
	}
	set(&a.Stack, r.channel.Tags[TagStack])
	set(&a.Customer, r.channel.Tags[TagCustomer])
	set(&a.Project, r.channel.Tags[TagProject])
	set(&a.LogLevel, string(r.channel.LogLevel))
	if parsed, err := arn.Parse(aws.ToString(r.channel.Arn)); err == nil {
		set(&a.Region, parsed.Region)
	}
	a.Standard = r.pipelines() == 2
	return a
}

// deployable says whether these settings are valid.
func deployable(a channel.AWS) bool {
	s := channel.Default()
	s.AWS = a
	return s.Validate() == nil
}

// global reads what holds for all inputs and outputs.
func (r *reader) global(p place, first *played) {
	p.use("timecodeConfig", "thumbnailConfiguration")
	g := r.channel.EncoderSettings.GlobalConfiguration
	if g == nil {
		return
	}
	at := p.at("globalConfiguration")
	at.use("outputLockingMode", "outputLockingSettings", "outputTimingSource")
	if g.InputEndAction != types.GlobalConfigurationInputEndActionSwitchAndLoopInputs {
		at.use("inputEndAction")
		return
	}
	if len(r.channel.InputAttachments) == 1 {
		at.use("inputEndAction")
		first.once = false
		return
	}
	at.at("inputEndAction").refuse("inputs do not follow one another by themselves: switch between them with schedule actions")
}
