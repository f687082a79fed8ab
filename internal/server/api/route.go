package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// route is one operation of the API.
type route struct {
	method    string
	path      []string // below Prefix; {id} stands for any text
	status    int      // of an answer that is no error
	operation string
	do        func(context.Context, *call) (any, error)
}

// matches tells whether a request is for the route, and returns its id.
func (r route) matches(method string, path []string) (id string, ok bool) {
	if method != r.method || len(path) != len(r.path) {
		return "", false
	}
	for i, part := range r.path {
		switch {
		case part == "{id}" && path[i] != "":
			id = path[i]
		case part != path[i]:
			return "", false
		}
	}
	return id, true
}

// table returns all operations.
func (h *handler) table() []route {
	var all []route
	add := func(method, path string, status int, operation string, do func(context.Context, *call) (any, error)) {
		all = append(all, route{method, strings.Split(path, "/"), status, operation, do})
	}
	const get, post, put, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	add(post, "channels", 201, "CreateChannel", h.createChannel)
	add(get, "channels", 200, "ListChannels", h.listChannels)
	add(get, "channels/{id}", 200, "DescribeChannel", h.describeChannel)
	add(put, "channels/{id}", 200, "UpdateChannel", h.updateChannel)
	add(remove, "channels/{id}", 200, "DeleteChannel", h.deleteChannel)
	add(post, "channels/{id}/start", 200, "StartChannel", h.startChannel)
	add(post, "channels/{id}/stop", 200, "StopChannel", h.stopChannel)
	add(put, "channels/{id}/channelClass", 200, "UpdateChannelClass", h.updateChannelClass)
	add(post, "channels/{id}/restartChannelPipelines", 200, "RestartChannelPipelines", h.restartPipelines)
	add(get, "channels/{id}/schedule", 200, "DescribeSchedule", h.describeSchedule)
	add(put, "channels/{id}/schedule", 200, "BatchUpdateSchedule", h.updateSchedule)
	add(remove, "channels/{id}/schedule", 200, "DeleteSchedule", h.deleteSchedule)
	add(get, "channels/{id}/alerts", 200, "ListAlerts", h.listAlerts)
	add(get, "channels/{id}/thumbnails", 200, "DescribeThumbnails", h.describeThumbnails)
	add(post, "inputs", 201, "CreateInput", h.createInput)
	add(get, "inputs", 200, "ListInputs", h.listInputs)
	add(get, "inputs/{id}", 200, "DescribeInput", h.describeInput)
	add(put, "inputs/{id}", 200, "UpdateInput", h.updateInput)
	add(remove, "inputs/{id}", 200, "DeleteInput", h.deleteInput)
	add(post, "inputSecurityGroups", 200, "CreateInputSecurityGroup", h.createGroup)
	add(get, "inputSecurityGroups", 200, "ListInputSecurityGroups", h.listGroups)
	add(get, "inputSecurityGroups/{id}", 200, "DescribeInputSecurityGroup", h.describeGroup)
	add(put, "inputSecurityGroups/{id}", 200, "UpdateInputSecurityGroup", h.updateGroup)
	add(remove, "inputSecurityGroups/{id}", 200, "DeleteInputSecurityGroup", h.deleteGroup)
	add(get, "tags/{id}", 200, "ListTagsForResource", h.listTags)
	add(post, "tags/{id}", 204, "CreateTags", h.createTags)
	add(remove, "tags/{id}", 204, "DeleteTags", h.deleteTags)
	add(post, "batch/start", 200, "BatchStart", h.batchStart)
	add(post, "batch/stop", 200, "BatchStop", h.batchStop)
	add(post, "batch/delete", 200, "BatchDelete", h.batchDelete)
	add(get, "versions", 200, "ListVersions", h.listVersions)
	add(get, "accountConfiguration", 200, "DescribeAccountConfiguration", h.describeAccount)
	add(put, "accountConfiguration", 200, "UpdateAccountConfiguration", h.updateAccount)
	for path, family := range families() {
		add(get, path, 200, "List"+strings.ToUpper(family.list[:1])+family.list[1:], emptyList(family.list))
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(a.operation, b.operation) })
	return all
}

// family is a sort of resource that MediaLive has and LILO has none of.
type family struct{ one, list string }

// families are those, by their paths.
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

// emptyList answers that there are none.
func emptyList(name string) func(context.Context, *call) (any, error) {
	return func(_ context.Context, c *call) (any, error) {
		if _, err := c.page(); err != nil {
			return nil, err
		}
		return map[string][]string{name: {}}, nil
	}
}
