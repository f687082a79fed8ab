package aws

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/aws/deployment"
)

// Status is the state of a deployed channel.
type Status struct {
	Stack   Stack    `json:"stack"`
	Region  string   `json:"region"`
	Channel *Channel `json:"channel,omitempty"` // nil if there is none
	Input   *Input   `json:"input,omitempty"`
	Alerts  []Alert  `json:"alerts"`
	Console string   `json:"console,omitempty"`
	// Price is nil if it is not known, and NoPrice says why.
	Price   *Price `json:"price,omitempty"`
	NoPrice string `json:"no_price,omitempty"`
}

// Channel is a channel of MediaLive.
type Channel struct {
	ID           string   `json:"id"`
	ARN          string   `json:"arn"`
	Name         string   `json:"name"`
	State        string   `json:"state"`
	Class        string   `json:"class"`
	Pipelines    int      `json:"pipelines_running"`
	LogLevel     string   `json:"log_level"`
	Destinations []string `json:"destinations"`
}

// Input is an input of MediaLive.
type Input struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	State   string   `json:"state"`
	Sources []string `json:"sources"`
}

// Alert is an alert of a channel.
type Alert struct {
	Pipeline string `json:"pipeline"`
	Type     string `json:"type"`
	Message  string `json:"message"`
	Since    string `json:"since,omitempty"` // RFC 3339
}

// Status returns the state of the channel of a stack, empty if the stack does not exist.
func (a *Account) Status(ctx context.Context, stack string) (Status, error) {
	st := Status{Region: a.Region, Alerts: []Alert{}}
	var err error
	if st.Stack, err = a.Stack(ctx, stack); err != nil || st.Stack.Phase() == Absent {
		return st, err
	}
	resources, err := a.Resources(ctx, st.Stack.ID)
	if err != nil {
		return st, err
	}
	for _, r := range OfType(resources, ChannelType) {
		if err := a.channel(ctx, r.ID, &st); err != nil {
			return st, err
		}
	}
	for _, r := range OfType(resources, InputType) {
		if st.Input, err = a.input(ctx, r.ID); err != nil {
			return st, err
		}
	}
	return st, nil
}

func (a *Account) channel(ctx context.Context, id string, st *Status) error {
	out, err := a.Channels.DescribeChannel(ctx, &medialive.DescribeChannelInput{ChannelId: &id})
	if err != nil && awserr.KindOf(err) == awserr.NotFound {
		return nil
	}
	if err != nil {
		return a.fault("describing channel "+id, err)
	}
	if st.Console = st.Stack.Output(deployment.ConsoleLinkOutput); st.Console == "" {
		st.Console = deployment.ConsoleLink(a.Region, id)
	}
	c := &Channel{
		ID: sdk.ToString(out.Id), ARN: sdk.ToString(out.Arn), Name: sdk.ToString(out.Name), State: string(out.State),
		Class: string(out.ChannelClass), Pipelines: int(sdk.ToInt32(out.PipelinesRunningCount)), LogLevel: string(out.LogLevel),
		Destinations: urlsOf(out.Destinations),
	}
	st.Channel = c
	if usage, err := usageOfChannel(out); err == nil && len(usage.Outputs) > 0 {
		st.Price, st.NoPrice = a.Price(ctx, usage)
	}
	st.Alerts, err = a.alerts(ctx, c)
	return err
}

func urlsOf(all []types.OutputDestination) []string {
	urls := []string{}
	for _, d := range all {
		for _, s := range d.Settings {
			urls = append(urls, sdk.ToString(s.Url))
		}
	}
	return urls
}

// alerts lists the active alerts of a channel: none if the identity may not list
// them, or the endpoint does not know the call.
func (a *Account) alerts(ctx context.Context, c *Channel) ([]Alert, error) {
	out, err := a.Channels.ListAlerts(ctx, &medialive.ListAlertsInput{ChannelId: &c.ID, StateFilter: sdk.String("SET")})
	if err != nil {
		switch awserr.KindOf(err) {
		case awserr.Denied, awserr.NotFound, awserr.Refused:
			return []Alert{}, nil
		default:
			return nil, a.fault("listing the alerts of channel "+c.ID, err)
		}
	}
	alerts := []Alert{}
	for _, x := range out.Alerts {
		one := Alert{Pipeline: sdk.ToString(x.PipelineId), Type: sdk.ToString(x.AlertType), Message: strings.TrimSpace(sdk.ToString(x.Message))}
		if x.SetTimestamp != nil {
			one.Since = x.SetTimestamp.UTC().Format("2006-01-02T15:04:05Z")
		}
		if x.State == types.ChannelAlertStateSet {
			alerts = append(alerts, one)
		}
	}
	slices.SortFunc(alerts, func(a, b Alert) int { return strings.Compare(a.Pipeline+a.Type, b.Pipeline+b.Type) })
	return alerts, nil
}

func (a *Account) input(ctx context.Context, id string) (*Input, error) {
	out, err := a.Channels.DescribeInput(ctx, &medialive.DescribeInputInput{InputId: &id})
	if err != nil {
		if awserr.KindOf(err) == awserr.NotFound {
			return nil, nil //nolint:nilnil // An input that does not exist is no error.
		}
		return nil, a.fault("describing input "+id, err)
	}
	in := &Input{ID: id, Name: sdk.ToString(out.Name), State: string(out.State), Sources: []string{}}
	for _, s := range out.Sources {
		in.Sources = append(in.Sources, sdk.ToString(s.Url))
	}
	return in, nil
}
