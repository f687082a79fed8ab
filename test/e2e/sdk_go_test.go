//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/aws/smithy-go"
)

// goLife is the life of a channel, with aws-sdk-go-v2. It tells what the programs in clients print.
type goLife struct {
	t    *testing.T
	c    *sdk.Client
	told strings.Builder
}

func (l *goLife) tell(words ...any) { fmt.Fprintln(&l.told, words...) }

func call[I, O any](l *goLife, operation func(context.Context, *I, ...func(*sdk.Options)) (*O, error), in *I) *O {
	l.t.Helper()
	out, err := operation(l.t.Context(), in)
	if err != nil {
		l.t.Fatal(err)
	}
	return out
}

func refused[I, O any](l *goLife, operation func(context.Context, *I, ...func(*sdk.Options)) (*O, error), in *I) {
	l.t.Helper()
	_, err := operation(l.t.Context(), in)
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		l.t.Fatalf("the answer is %v", err)
	}
	l.tell(e.ErrorCode()+":", e.ErrorMessage())
	if invalid, ok := errors.AsType[*types.UnprocessableEntityException](err); ok {
		for _, fault := range invalid.ValidationErrors {
			l.tell(" ", *fault.ElementPath+":", *fault.ErrorMessage)
		}
	}
}

func await[I, O, W any](l *goLife, wait func(context.Context, *I, time.Duration, ...func(*W)) (*O, error), in *I) {
	l.t.Helper()
	if _, err := wait(l.t.Context(), in, time.Minute); err != nil {
		l.t.Fatal(err)
	}
}

// live returns what it tells of the life of a channel.
func (l *goLife) live(source, destination, later string) string {
	made := call(l, l.c.CreateInputSecurityGroup, &sdk.CreateInputSecurityGroupInput{
		WhitelistRules: []types.InputWhitelistRuleCidr{{Cidr: aws.String("10.0.0.0/8")}}, Tags: map[string]string{"team": "news"},
	}).SecurityGroup
	l.tell("security group", made.State, *made.WhitelistRules[0].Cidr, made.Tags["team"])
	group := *made.Id
	inputs := l.inputs(source, group)
	channel := l.create(destination, inputs)
	l.tag(channel.Arn)
	l.start(channel.Id)
	l.schedule(channel.Id, later)
	refused(l, l.c.DeleteChannel, &sdk.DeleteChannelInput{ChannelId: channel.Id})
	refused(l, l.c.DescribeChannel, &sdk.DescribeChannelInput{ChannelId: aws.String("7")})
	l.stop(channel.Id)
	l.update(channel, inputs[0], group)
	l.remove(channel.Id, inputs, group)
	return l.told.String()
}

func (l *goLife) inputs(source, group string) (ids []string) {
	for _, in := range []sdk.CreateInputInput{
		{Name: aws.String("one"), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{{Url: &source}}},
		{Name: aws.String("two"), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{{Url: &source}}},
		{Name: aws.String("three"), Type: types.InputTypeUdpPush, InputSecurityGroups: []string{group}},
	} {
		one := call(l, l.c.CreateInput, &in).Input
		l.tell("input", *one.Name, one.Type, one.State, len(one.Sources), len(one.Destinations))
		ids = append(ids, *one.Id)
	}
	told := []any{"pages"}
	for pages := sdk.NewListInputsPaginator(l.c, &sdk.ListInputsInput{MaxResults: aws.Int32(2)}); pages.HasMorePages(); {
		page, err := pages.NextPage(l.t.Context())
		if err != nil {
			l.t.Fatal(err)
		}
		told = append(told, len(page.Inputs))
	}
	l.tell(told...)
	refused(l, l.c.DeleteInputSecurityGroup, &sdk.DeleteInputSecurityGroupInput{InputSecurityGroupId: &group})
	return ids
}

func (l *goLife) create(destination string, inputs []string) *types.Channel {
	in := decode[sdk.CreateChannelInput](l.t, channelDocument("news", destination, inputs[:2]...))
	in.InputAttachments[0].InputAttachmentName, in.InputAttachments[1].InputAttachmentName = aws.String("one"), aws.String("two")
	in.Tags = map[string]string{"stage": "test"}
	to := in.EncoderSettings.OutputGroups[0].Outputs[0].OutputSettings.UdpOutputSettings.Destination
	to.DestinationRefId = aws.String("out")
	refused(l, l.c.CreateChannel, in)
	in.Destinations[0].Id = to.DestinationRefId
	channel := call(l, l.c.CreateChannel, in).Channel
	l.tell("channel", channel.State)
	await(l, sdk.NewChannelCreatedWaiter(l.c).WaitForOutput, &sdk.DescribeChannelInput{ChannelId: channel.Id})
	for _, id := range inputs[:2] {
		await(l, sdk.NewInputAttachedWaiter(l.c).WaitForOutput, &sdk.DescribeInputInput{InputId: &id})
	}
	return channel
}

func (l *goLife) tag(arn *string) {
	call(l, l.c.CreateTags, &sdk.CreateTagsInput{ResourceArn: arn, Tags: map[string]string{"team": "news", "cost": "1"}})
	call(l, l.c.DeleteTags, &sdk.DeleteTagsInput{ResourceArn: arn, TagKeys: []string{"cost"}})
	tags := call(l, l.c.ListTagsForResource, &sdk.ListTagsForResourceInput{ResourceArn: arn}).Tags
	l.tell("tags", strings.Join(slices.Sorted(maps.Keys(tags)), " "))
}

func (l *goLife) start(id *string) {
	l.tell("start", call(l, l.c.StartChannel, &sdk.StartChannelInput{ChannelId: id}).State)
	await(l, sdk.NewChannelRunningWaiter(l.c).WaitForOutput, &sdk.DescribeChannelInput{ChannelId: id})
	running := call(l, l.c.DescribeChannel, &sdk.DescribeChannelInput{ChannelId: id})
	l.tell("running", *running.PipelinesRunningCount, *running.PipelineDetails[0].ActiveInputAttachmentName)
	l.tell("pmt", *running.EncoderSettings.OutputGroups[0].Outputs[0].OutputSettings.UdpOutputSettings.ContainerSettings.M2tsSettings.PmtPid)
}

func (l *goLife) schedule(id *string, later string) {
	to := func(name string, start types.ScheduleActionStartSettings) types.ScheduleAction {
		return types.ScheduleAction{
			ActionName: aws.String("to " + name), ScheduleActionStartSettings: &start,
			ScheduleActionSettings: &types.ScheduleActionSettings{InputSwitchSettings: &types.InputSwitchScheduleActionSettings{InputAttachmentNameReference: &name}},
		}
	}
	tell := func(what string, actions []types.ScheduleAction) {
		var names []string
		for _, a := range actions {
			names = append(names, *a.ActionName)
		}
		l.tell(what, strings.Join(names, ", "))
	}
	tell("created", call(l, l.c.BatchUpdateSchedule, &sdk.BatchUpdateScheduleInput{ChannelId: id, Creates: &types.BatchScheduleActionCreateRequest{ScheduleActions: []types.ScheduleAction{
		to("two", types.ScheduleActionStartSettings{ImmediateModeScheduleActionStartSettings: &types.ImmediateModeScheduleActionStartSettings{}}),
		to("one", types.ScheduleActionStartSettings{FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{Time: &later}}),
	}}}).Creates.ScheduleActions)
	var actions []types.ScheduleAction
	for pages := sdk.NewDescribeSchedulePaginator(l.c, &sdk.DescribeScheduleInput{ChannelId: id, MaxResults: aws.Int32(1)}); pages.HasMorePages(); {
		page, err := pages.NextPage(l.t.Context())
		if err != nil {
			l.t.Fatal(err)
		}
		actions = append(actions, page.ScheduleActions...)
	}
	tell("schedule", actions)
	call(l, l.c.BatchUpdateSchedule, &sdk.BatchUpdateScheduleInput{ChannelId: id, Deletes: &types.BatchScheduleActionDeleteRequest{ActionNames: []string{"to one"}}})
	for *call(l, l.c.DescribeChannel, &sdk.DescribeChannelInput{ChannelId: id}).PipelineDetails[0].ActiveInputAttachmentName != "two" {
		time.Sleep(100 * time.Millisecond)
	}
	l.tell("switched")
}

func (l *goLife) stop(id *string) {
	l.tell("stop", call(l, l.c.StopChannel, &sdk.StopChannelInput{ChannelId: id}).State)
	await(l, sdk.NewChannelStoppedWaiter(l.c).WaitForOutput, &sdk.DescribeChannelInput{ChannelId: id})
}

func (l *goLife) update(channel *types.Channel, input, group string) {
	updated := call(l, l.c.UpdateChannel, &sdk.UpdateChannelInput{ChannelId: channel.Id, Name: aws.String("late news"), InputAttachments: channel.InputAttachments[:1]}).Channel
	l.tell("update", updated.State, *updated.Name, len(updated.InputAttachments))
	await(l, sdk.NewChannelStoppedWaiter(l.c).WaitForOutput, &sdk.DescribeChannelInput{ChannelId: channel.Id})
	l.tell("rename", *call(l, l.c.UpdateInput, &sdk.UpdateInputInput{InputId: &input, Name: aws.String("first")}).Input.Name)
	rules := call(l, l.c.UpdateInputSecurityGroup, &sdk.UpdateInputSecurityGroupInput{
		InputSecurityGroupId: &group, WhitelistRules: []types.InputWhitelistRuleCidr{{Cidr: aws.String("192.0.2.0/24")}},
	}).SecurityGroup.WhitelistRules
	l.tell("rules", *rules[0].Cidr)
}

func (l *goLife) remove(id *string, inputs []string, group string) {
	l.tell("delete", call(l, l.c.DeleteChannel, &sdk.DeleteChannelInput{ChannelId: id}).State)
	await(l, sdk.NewChannelDeletedWaiter(l.c).WaitForOutput, &sdk.DescribeChannelInput{ChannelId: id})
	for _, one := range inputs {
		await(l, sdk.NewInputDetachedWaiter(l.c).WaitForOutput, &sdk.DescribeInputInput{InputId: &one})
		call(l, l.c.DeleteInput, &sdk.DeleteInputInput{InputId: &one})
		await(l, sdk.NewInputDeletedWaiter(l.c).WaitForOutput, &sdk.DescribeInputInput{InputId: &one})
	}
	call(l, l.c.DeleteInputSecurityGroup, &sdk.DeleteInputSecurityGroupInput{InputSecurityGroupId: &group})
	l.tell("left", len(call(l, l.c.ListChannels, &sdk.ListChannelsInput{}).Channels), len(call(l, l.c.ListInputs, &sdk.ListInputsInput{}).Inputs))
}
