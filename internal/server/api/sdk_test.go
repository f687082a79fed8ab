package api

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive/medialivetest"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// client is the SDK's, unmodified.
func client(url string) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: &url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

// The waiters ask again after so long; the SDK's own 3 and 5 s are for AWS.
const (
	shortly = 10 * time.Millisecond
	long    = 10 * time.Second
)

// input is what creates an input of one file, or of two.
func input(urls ...string) *sdk.CreateInputInput {
	in := &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File, Tags: map[string]string{"a": "1"}}
	for _, u := range urls {
		in.Sources = append(in.Sources, types.InputSourceRequest{Url: aws.String(u)})
	}
	return in
}

// channel is what creates a channel of one pipeline that copies its inputs to RTP.
func channelOf(inputs ...string) *sdk.CreateChannelInput {
	in := &sdk.CreateChannelInput{
		Name: aws.String("news"), ChannelClass: types.ChannelClassSinglePipeline, Tags: map[string]string{"StackName": "Dev"},
		RoleArn:            aws.String("arn:aws:iam::123456789012:role/lilo"),
		InputSpecification: &types.InputSpecification{Codec: types.InputCodecAvc, MaximumBitrate: types.InputMaximumBitrateMax10Mbps, Resolution: types.InputResolutionHd},
		Destinations:       []types.OutputDestination{{Id: aws.String("d"), Settings: []types.OutputDestinationSettings{{Url: aws.String("rtp://127.0.0.1:5000")}}}},
		EncoderSettings:    medialivetest.EncoderSettings(&types.M2tsSettings{}),
	}
	for i, id := range inputs {
		in.InputAttachments = append(in.InputAttachments, types.InputAttachment{
			InputId: aws.String(id), InputAttachmentName: aws.String("in" + strconv.Itoa(i)),
			InputSettings: &types.InputSettings{SourceEndBehavior: types.InputSourceEndBehaviorLoop},
		})
	}
	return in
}

// must returns what a call answered.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestSDKAndItsWaiters takes inputs and a channel from creation to
// deletion with the SDK as it is.
func TestSDKAndItsWaiters(t *testing.T) {
	ctx, c := context.Background(), client(serve(t, Options{}).URL)
	one := must[*sdk.CreateInputOutput](t)(c.CreateInput(ctx, input("file:///media/a.mp4"))).Input
	two := must[*sdk.CreateInputOutput](t)(c.CreateInput(ctx, input("s3ssl://bucket/b.mp4"))).Input
	created := must[*sdk.CreateChannelOutput](t)(c.CreateChannel(ctx, channelOf(*one.Id, *two.Id))).Channel
	if created.State != types.ChannelStateCreating {
		t.Errorf("a new channel is %s", created.State)
	}
	id := created.Id
	describe := &sdk.DescribeChannelInput{ChannelId: id}
	wait := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	wait(sdk.NewChannelCreatedWaiter(c, func(o *sdk.ChannelCreatedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly }).Wait(ctx, describe, long))
	wait(sdk.NewInputAttachedWaiter(c, func(o *sdk.InputAttachedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly }).Wait(ctx, &sdk.DescribeInputInput{InputId: one.Id}, long))

	started := must[*sdk.StartChannelOutput](t)(c.StartChannel(ctx, &sdk.StartChannelInput{ChannelId: id}))
	if started.State != types.ChannelStateStarting {
		t.Errorf("a channel that is started is %s", started.State)
	}
	running := sdk.NewChannelRunningWaiter(c, func(o *sdk.ChannelRunningWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
	doc := must[*sdk.DescribeChannelOutput](t)(running.WaitForOutput(ctx, describe, long))
	if *doc.PipelinesRunningCount != 1 || *doc.PipelineDetails[0].ActiveInputAttachmentName != "in0" || doc.EncoderSettings.OutputGroups[0].OutputGroupSettings.UdpGroupSettings.InputLossAction == "" {
		t.Errorf("it runs as %+v", doc)
	}
	if len(doc.EgressEndpoints) != 1 || *doc.EgressEndpoints[0].SourceIp != "127.0.0.1" {
		t.Errorf("it sends from %+v", doc.EgressEndpoints)
	}

	change := must[*sdk.BatchUpdateScheduleOutput](t)(c.BatchUpdateSchedule(ctx, &sdk.BatchUpdateScheduleInput{ChannelId: id, Creates: &types.BatchScheduleActionCreateRequest{ScheduleActions: []types.ScheduleAction{{
		ActionName:                  aws.String("to b"),
		ScheduleActionSettings:      &types.ScheduleActionSettings{InputSwitchSettings: &types.InputSwitchScheduleActionSettings{InputAttachmentNameReference: aws.String("in1")}},
		ScheduleActionStartSettings: &types.ScheduleActionStartSettings{FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{Time: aws.String(time.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04:05.000Z"))}},
	}}}}))
	if len(change.Creates.ScheduleActions) != 1 || len(change.Deletes.ScheduleActions) != 0 {
		t.Errorf("the schedule changed by %+v", change)
	}
	if s := must[*sdk.DescribeScheduleOutput](t)(c.DescribeSchedule(ctx, &sdk.DescribeScheduleInput{ChannelId: id})); len(s.ScheduleActions) != 1 {
		t.Errorf("the schedule is %+v", s.ScheduleActions)
	}
	must[*sdk.DeleteScheduleOutput](t)(c.DeleteSchedule(ctx, &sdk.DeleteScheduleInput{ChannelId: id}))
	must[*sdk.RestartChannelPipelinesOutput](t)(c.RestartChannelPipelines(ctx, &sdk.RestartChannelPipelinesInput{ChannelId: id}))
	must[*sdk.ListAlertsOutput](t)(c.ListAlerts(ctx, &sdk.ListAlertsInput{ChannelId: id, StateFilter: aws.String("SET")}))

	_, err := c.DeleteChannel(ctx, &sdk.DeleteChannelInput{ChannelId: id})
	if conflict, ok := errors.AsType[*types.ConflictException](err); !ok || *conflict.Message != "Cannot delete a channel that has not been stopped yet" {
		t.Errorf("a channel on air is deleted with %v", err)
	}
	stopped := must[*sdk.StopChannelOutput](t)(c.StopChannel(ctx, &sdk.StopChannelInput{ChannelId: id}))
	if stopped.State != types.ChannelStateStopping {
		t.Errorf("a channel that is stopped is %s", stopped.State)
	}
	idle := sdk.NewChannelStoppedWaiter(c, func(o *sdk.ChannelStoppedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
	wait(idle.Wait(ctx, describe, long))

	updated := must[*sdk.UpdateChannelOutput](t)(c.UpdateChannel(ctx, &sdk.UpdateChannelInput{ChannelId: id, Name: aws.String("other"), InputAttachments: channelOf(*one.Id).InputAttachments}))
	if updated.Channel.State != types.ChannelStateUpdating || *updated.Channel.Name != "other" {
		t.Errorf("updated to %+v", updated.Channel)
	}
	wait(sdk.NewChannelCreatedWaiter(c, func(o *sdk.ChannelCreatedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly }).Wait(ctx, describe, long))
	detached := sdk.NewInputDetachedWaiter(c, func(o *sdk.InputDetachedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
	wait(detached.Wait(ctx, &sdk.DescribeInputInput{InputId: two.Id}, long))

	deleted := must[*sdk.DeleteChannelOutput](t)(c.DeleteChannel(ctx, &sdk.DeleteChannelInput{ChannelId: id}))
	if deleted.State != types.ChannelStateDeleting {
		t.Errorf("a channel that is deleted is %s", deleted.State)
	}
	wait(sdk.NewChannelDeletedWaiter(c, func(o *sdk.ChannelDeletedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly }).Wait(ctx, describe, long))
	wait(detached.Wait(ctx, &sdk.DescribeInputInput{InputId: one.Id}, long))
	must[*sdk.DeleteInputOutput](t)(c.DeleteInput(ctx, &sdk.DeleteInputInput{InputId: one.Id}))
	wait(sdk.NewInputDeletedWaiter(c, func(o *sdk.InputDeletedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly }).Wait(ctx, &sdk.DescribeInputInput{InputId: one.Id}, long))
}

// TestOtherOperationsWithTheSDK calls the operations that have no life of their own.
func TestOtherOperationsWithTheSDK(t *testing.T) {
	ctx, c := context.Background(), client(serve(t, Options{Version: "9", Thumbnail: func(context.Context, supervisor.Playback) ([]byte, error) { return []byte("jpeg"), nil }}).URL)
	var inputs []string
	for range 5 {
		inputs = append(inputs, *must[*sdk.CreateInputOutput](t)(c.CreateInput(ctx, input("file:///media/a.mp4", "file:///media/a.mp4"))).Input.Id)
	}
	pages := sdk.NewListInputsPaginator(c, &sdk.ListInputsInput{MaxResults: aws.Int32(2)})
	n := 0
	for pages.HasMorePages() {
		n += len(must[*sdk.ListInputsOutput](t)(pages.NextPage(ctx)).Inputs)
	}
	if n != 5 {
		t.Errorf("%d inputs are listed", n)
	}
	in := must[*sdk.DescribeInputOutput](t)(c.DescribeInput(ctx, &sdk.DescribeInputInput{InputId: &inputs[0]}))
	if in.InputClass != types.InputClassStandard || in.Type != types.InputTypeMp4File || *in.Arn != "arn:aws:medialive:eu-west-1:123456789012:input:"+inputs[0] {
		t.Errorf("the input is %+v", in)
	}
	must[*sdk.UpdateInputOutput](t)(c.UpdateInput(ctx, &sdk.UpdateInputInput{InputId: &inputs[0], Name: aws.String("other")}))

	must[*sdk.CreateTagsOutput](t)(c.CreateTags(ctx, &sdk.CreateTagsInput{ResourceArn: in.Arn, Tags: map[string]string{"b": "2", "c": "3"}}))
	must[*sdk.DeleteTagsOutput](t)(c.DeleteTags(ctx, &sdk.DeleteTagsInput{ResourceArn: in.Arn, TagKeys: []string{"a", "c"}}))
	if tags := must[*sdk.ListTagsForResourceOutput](t)(c.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceArn: in.Arn})); len(tags.Tags) != 1 || tags.Tags["b"] != "2" {
		t.Errorf("the tags are %v", tags.Tags)
	}

	group := must[*sdk.CreateInputSecurityGroupOutput](t)(c.CreateInputSecurityGroup(ctx, &sdk.CreateInputSecurityGroupInput{WhitelistRules: []types.InputWhitelistRuleCidr{{Cidr: aws.String("10.0.0.0/8")}}})).SecurityGroup
	must[*sdk.UpdateInputSecurityGroupOutput](t)(c.UpdateInputSecurityGroup(ctx, &sdk.UpdateInputSecurityGroupInput{InputSecurityGroupId: group.Id, WhitelistRules: []types.InputWhitelistRuleCidr{}}))
	if g := must[*sdk.DescribeInputSecurityGroupOutput](t)(c.DescribeInputSecurityGroup(ctx, &sdk.DescribeInputSecurityGroupInput{InputSecurityGroupId: group.Id})); len(g.WhitelistRules) != 0 || g.State != types.InputSecurityGroupStateIdle {
		t.Errorf("the group is %+v", g)
	}
	if l := must[*sdk.ListInputSecurityGroupsOutput](t)(c.ListInputSecurityGroups(ctx, &sdk.ListInputSecurityGroupsInput{})); len(l.InputSecurityGroups) != 1 {
		t.Error("the group is not listed")
	}

	channel := must[*sdk.CreateChannelOutput](t)(c.CreateChannel(ctx, channelOf(inputs[0]))).Channel.Id
	describe := &sdk.DescribeChannelInput{ChannelId: channel}
	created := sdk.NewChannelCreatedWaiter(c, func(o *sdk.ChannelCreatedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly })
	if err := created.Wait(ctx, describe, long); err != nil {
		t.Fatal(err)
	}
	class := must[*sdk.UpdateChannelClassOutput](t)(c.UpdateChannelClass(ctx, &sdk.UpdateChannelClassInput{ChannelId: channel, ChannelClass: types.ChannelClassStandard, Destinations: []types.OutputDestination{{
		Id: aws.String("d"), Settings: []types.OutputDestinationSettings{{Url: aws.String("rtp://127.0.0.1:5000")}, {Url: aws.String("rtp://127.0.0.1:5002")}},
	}}}))
	if class.Channel.ChannelClass != types.ChannelClassStandard {
		t.Errorf("the class is %s", class.Channel.ChannelClass)
	}
	if err := created.Wait(ctx, describe, long); err != nil {
		t.Fatal(err)
	}
	if l := must[*sdk.ListChannelsOutput](t)(c.ListChannels(ctx, &sdk.ListChannelsInput{})); len(l.Channels) != 1 || *l.Channels[0].Name != "news" || l.Channels[0].Tags["StackName"] != "Dev" {
		t.Errorf("listed is %+v", l.Channels)
	}
	start := must[*sdk.BatchStartOutput](t)(c.BatchStart(ctx, &sdk.BatchStartInput{ChannelIds: []string{*channel, "7"}, MultiplexIds: []string{"8"}}))
	if len(start.Successful) != 1 || *start.Successful[0].State != "STARTING" || len(start.Failed) != 2 || *start.Failed[0].Code != "NotFoundException" {
		t.Errorf("started %+v", start)
	}
	if err := sdk.NewChannelRunningWaiter(c, func(o *sdk.ChannelRunningWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly }).Wait(ctx, describe, long); err != nil {
		t.Fatal(err)
	}
	thumbs := must[*sdk.DescribeThumbnailsOutput](t)(c.DescribeThumbnails(ctx, &sdk.DescribeThumbnailsInput{ChannelId: channel, PipelineId: aws.String("1"), ThumbnailType: aws.String("CURRENT_ACTIVE")}))
	if len(thumbs.ThumbnailDetails) != 1 || *thumbs.ThumbnailDetails[0].Thumbnails[0].Body != "anBlZw==" {
		t.Errorf("the thumbnails are %+v", thumbs.ThumbnailDetails)
	}
	must[*sdk.BatchStopOutput](t)(c.BatchStop(ctx, &sdk.BatchStopInput{ChannelIds: []string{*channel}}))
	if err := sdk.NewChannelStoppedWaiter(c, func(o *sdk.ChannelStoppedWaiterOptions) { o.MinDelay, o.MaxDelay = shortly, shortly }).Wait(ctx, describe, long); err != nil {
		t.Fatal(err)
	}
	gone := must[*sdk.BatchDeleteOutput](t)(c.BatchDelete(ctx, &sdk.BatchDeleteInput{ChannelIds: []string{*channel}, InputIds: inputs[1:], InputSecurityGroupIds: []string{*group.Id}, MultiplexIds: []string{"8"}}))
	if len(gone.Successful) != 6 || len(gone.Failed) != 1 {
		t.Errorf("deleted %+v, not %+v", gone.Successful, gone.Failed)
	}

	if v := must[*sdk.ListVersionsOutput](t)(c.ListVersions(ctx, &sdk.ListVersionsInput{})); *v.Versions[0].Version != "9" {
		t.Errorf("the versions are %+v", v.Versions)
	}
	must[*sdk.UpdateAccountConfigurationOutput](t)(c.UpdateAccountConfiguration(ctx, &sdk.UpdateAccountConfigurationInput{AccountConfiguration: &types.AccountConfiguration{KmsKeyId: aws.String("key")}}))
	if a := must[*sdk.DescribeAccountConfigurationOutput](t)(c.DescribeAccountConfiguration(ctx, &sdk.DescribeAccountConfigurationInput{})); *a.AccountConfiguration.KmsKeyId != "key" {
		t.Errorf("the account is %+v", a.AccountConfiguration)
	}
	lists := map[string]func() (int, error){
		"offerings": func() (int, error) {
			o, err := c.ListOfferings(ctx, &sdk.ListOfferingsInput{})
			return len(o.Offerings), err
		},
		"reservations": func() (int, error) {
			o, err := c.ListReservations(ctx, &sdk.ListReservationsInput{})
			return len(o.Reservations), err
		},
		"multiplexes": func() (int, error) {
			o, err := c.ListMultiplexes(ctx, &sdk.ListMultiplexesInput{})
			return len(o.Multiplexes), err
		},
		"clusters": func() (int, error) {
			o, err := c.ListClusters(ctx, &sdk.ListClustersInput{})
			return len(o.Clusters), err
		},
		"networks": func() (int, error) {
			o, err := c.ListNetworks(ctx, &sdk.ListNetworksInput{})
			return len(o.Networks), err
		},
		"SDI sources": func() (int, error) {
			o, err := c.ListSdiSources(ctx, &sdk.ListSdiSourcesInput{})
			return len(o.SdiSources), err
		},
		"devices": func() (int, error) {
			o, err := c.ListInputDevices(ctx, &sdk.ListInputDevicesInput{})
			return len(o.InputDevices), err
		},
		"signal maps": func() (int, error) {
			o, err := c.ListSignalMaps(ctx, &sdk.ListSignalMapsInput{})
			return len(o.SignalMaps), err
		},
	}
	for name, list := range lists {
		if n, err := list(); err != nil || n != 0 {
			t.Errorf("there are %d %s, %v", n, name, err)
		}
	}
}
