package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/service"
)

// route is one operation of the API. A part of its path in braces matches any text;
// the braces hold the name of the input's field for it.
type route struct {
	method string
	path   string // below Prefix
	status int    // of success
	name   string
	do     operation
}

// match reports whether a request is for the route, and returns the name in braces and
// the text that matches it.
func (r route) match(method string, path []string) (member, id string, ok bool) {
	parts := strings.Split(r.path, "/")
	if method != r.method || len(path) != len(parts) {
		return "", "", false
	}
	for i, part := range parts {
		switch {
		case part[0] == '{' && path[i] != "":
			member, id = strings.Trim(part, "{}"), path[i]
		case part != path[i]:
			return "", "", false
		}
	}
	return member, id, true
}

// routes returns all operations.
func (h *handler) routes() []route {
	const get, post, put, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	s := h.service
	all := []route{
		{post, "channels", 201, "CreateChannel", withInput(s.Channels.Create)},
		{get, "channels", 200, "ListChannels", withInput(s.Channels.List)},
		{get, "channels/{ChannelId}", 200, "DescribeChannel", withID(s.Channels.Describe)},
		{put, "channels/{ChannelId}", 200, "UpdateChannel", withInput(s.Channels.Update)},
		{remove, "channels/{ChannelId}", 200, "DeleteChannel", withID(s.Channels.Delete)},
		{post, "channels/{ChannelId}/start", 200, "StartChannel", withID(s.Channels.Start)},
		{post, "channels/{ChannelId}/stop", 200, "StopChannel", withID(s.Channels.Stop)},
		{put, "channels/{ChannelId}/channelClass", 200, "UpdateChannelClass", withInput(s.Channels.UpdateClass)},
		{post, "channels/{ChannelId}/restartChannelPipelines", 200, "RestartChannelPipelines", withInput(s.Channels.RestartPipelines)},
		{get, "channels/{ChannelId}/alerts", 200, "ListAlerts", withInput(s.Channels.Alerts)},
		{get, "channels/{ChannelId}/thumbnails", 200, "DescribeThumbnails", withInput(h.describeThumbnails)},
		{get, "channels/{ChannelId}/schedule", 200, "DescribeSchedule", withInput(s.Schedules.Describe)},
		{put, "channels/{ChannelId}/schedule", 200, "BatchUpdateSchedule", withInput(s.Schedules.Update)},
		{remove, "channels/{ChannelId}/schedule", 200, "DeleteSchedule", withoutOutput(s.Schedules.Delete)},
		{post, "inputs", 201, "CreateInput", withInput(s.Inputs.Create)},
		{get, "inputs", 200, "ListInputs", withInput(s.Inputs.List)},
		{get, "inputs/{InputId}", 200, "DescribeInput", withID(s.Inputs.Describe)},
		{put, "inputs/{InputId}", 200, "UpdateInput", withInput(s.Inputs.Update)},
		{remove, "inputs/{InputId}", 200, "DeleteInput", withoutOutput(s.Inputs.Delete)},
		{post, "inputSecurityGroups", 200, "CreateInputSecurityGroup", withInput(s.Groups.Create)},
		{get, "inputSecurityGroups", 200, "ListInputSecurityGroups", withInput(s.Groups.List)},
		{get, "inputSecurityGroups/{InputSecurityGroupId}", 200, "DescribeInputSecurityGroup", withID(s.Groups.Describe)},
		{put, "inputSecurityGroups/{InputSecurityGroupId}", 200, "UpdateInputSecurityGroup", withInput(s.Groups.Update)},
		{remove, "inputSecurityGroups/{InputSecurityGroupId}", 200, "DeleteInputSecurityGroup", withoutOutput(s.Groups.Delete)},
		{get, "tags/{ResourceArn}", 200, "ListTagsForResource", withInput(s.Tags.List)},
		{post, "tags/{ResourceArn}", 204, "CreateTags", withInput(s.Tags.Create)},
		{remove, "tags/{ResourceArn}", 204, "DeleteTags", withInput(s.Tags.Delete)},
		{post, "batch/start", 200, "BatchStart", withInput(s.Batch.Start)},
		{post, "batch/stop", 200, "BatchStop", withInput(s.Batch.Stop)},
		{post, "batch/delete", 200, "BatchDelete", withInput(s.Batch.Delete)},
		{get, "accountConfiguration", 200, "DescribeAccountConfiguration", withInput(s.Account.Describe)},
		{put, "accountConfiguration", 200, "UpdateAccountConfiguration", withInput(s.Account.Update)},
		{get, "versions", 200, "ListVersions", withInput(h.listVersions)},
	}
	for path, f := range families() {
		all = append(all, route{get, path, 200, "List" + strings.ToUpper(f.list[:1]) + f.list[1:], withInput(f.empty)})
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(a.name, b.name) })
	return all
}

func (h *handler) listVersions(context.Context, *sdk.ListVersionsInput) (*sdk.ListVersionsOutput, error) {
	return &sdk.ListVersionsOutput{Versions: []types.ChannelEngineVersionResponse{{Version: &h.o.Version}}}, nil
}

// family is a kind of resource that MediaLive has and LILO lacks.
type family struct{ one, list string }

// families returns them by path.
func families() map[string]family {
	return map[string]family{
		"multiplexes":                      {"Multiplex", "multiplexes"},
		"offerings":                        {"Offering", "offerings"},
		"reservations":                     {"Reservation", "reservations"},
		"clusters":                         {"Cluster", "clusters"},
		"networks":                         {"Network", "networks"},
		"sdiSources":                       {"SDI source", "sdiSources"},
		"inputDevices":                     {"Input device", "inputDevices"},
		"inputDeviceTransfers":             {"Input device transfer", "inputDeviceTransfers"},
		"signal-maps":                      {"Signal map", "signalMaps"},
		"cloudwatch-alarm-templates":       {"CloudWatch alarm template", "cloudWatchAlarmTemplates"},
		"cloudwatch-alarm-template-groups": {"CloudWatch alarm template group", "cloudWatchAlarmTemplateGroups"},
		"eventbridge-rule-templates":       {"EventBridge rule template", "eventBridgeRuleTemplates"},
		"eventbridge-rule-template-groups": {"EventBridge rule template group", "eventBridgeRuleTemplateGroups"},
	}
}

// empty returns an empty list.
func (f family) empty(_ context.Context, in *sdk.ListChannelsInput) (map[string][]string, error) {
	return map[string][]string{f.list: {}}, service.CheckPage(in.MaxResults, in.NextToken)
}
