package api

import (
	"cmp"
	"context"
	_ "embed" // The model's operations are a file.
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/service"
)

// operationsText has the operations of MediaLive's model, a line each: name, method, path,
// status of success, exceptions. TestOperationsAreThoseOfTheModel makes the file.
//
//go:embed operations.txt
var operationsText string

// route is one operation of the API. A part of its path in braces matches any text;
// the braces hold the name of the input's field for it.
type route struct {
	name   string
	method string
	path   string // below Prefix
	status int    // of success
	errors []service.Code
	do     operation
}

// match reports whether a request is for the route, and returns the name in the first
// braces and the text that matches it.
func (r route) match(method string, path []string) (member, id string, ok bool) {
	parts := strings.Split(r.path, "/")
	if method != r.method || len(path) != len(parts) {
		return "", "", false
	}
	for i, part := range parts {
		switch {
		case part[0] == '{' && path[i] != "":
			if member == "" {
				member, id = strings.Trim(part, "{}"), path[i]
			}
		case part != path[i]:
			return "", "", false
		}
	}
	return member, id, true
}

// modelled returns an error as the model of the operation has it, since code that calls
// MediaLive has branches for those alone. Where the model lacks a kind of error, one of
// the caller is a BadRequestException, and one of the server an InternalServerErrorException.
func (r route) modelled(err error) error {
	code := service.CodeOf(err)
	switch {
	case slices.Contains(r.errors, code), code == service.TooLarge: // The gateway's.
		return err
	case code.Status() >= http.StatusInternalServerError:
		return service.Errorf(service.Internal, "%v", err)
	}
	return service.Errorf(service.BadRequest, "%v", err)
}

// routes returns all operations of the model.
func (h *handler) routes() []route { return h.routesOf(h.served()) }

// routesOf returns all operations of the model, of which some are served.
func (h *handler) routesOf(served map[string]operation) []route {
	var all []route
	for line := range strings.Lines(operationsText) {
		column := strings.Fields(line)
		r := route{name: column[0], method: column[1], path: strings.TrimPrefix(column[2], Prefix)}
		r.status, _ = strconv.Atoi(column[3])
		for name := range strings.SplitSeq(column[4], ",") {
			r.errors = append(r.errors, service.Code(name+"Exception"))
		}
		if r.do = served[r.name]; r.do == nil {
			r.do = h.unserved(r)
		}
		all = append(all, r)
	}
	return all
}

// served returns the operations that are served, by name.
func (h *handler) served() map[string]operation {
	s := h.service
	return map[string]operation{
		"CreateChannel":                withInput(s.Channels.Create),
		"ListChannels":                 withInput(s.Channels.List),
		"DescribeChannel":              withID(s.Channels.Describe),
		"UpdateChannel":                withInput(s.Channels.Update),
		"DeleteChannel":                withID(s.Channels.Delete),
		"StartChannel":                 withID(s.Channels.Start),
		"StopChannel":                  withID(s.Channels.Stop),
		"UpdateChannelClass":           withInput(s.Channels.UpdateClass),
		"RestartChannelPipelines":      withInput(s.Channels.RestartPipelines),
		"ListAlerts":                   withInput(s.Channels.Alerts),
		"DescribeThumbnails":           withInput(h.describeThumbnails),
		"DescribeSchedule":             withInput(s.Schedules.Describe),
		"BatchUpdateSchedule":          withInput(s.Schedules.Update),
		"DeleteSchedule":               withoutOutput(s.Schedules.Delete),
		"CreateInput":                  withInput(s.Inputs.Create),
		"ListInputs":                   withInput(s.Inputs.List),
		"DescribeInput":                withID(s.Inputs.Describe),
		"UpdateInput":                  withInput(s.Inputs.Update),
		"DeleteInput":                  withoutOutput(s.Inputs.Delete),
		"CreateInputSecurityGroup":     withInput(s.Groups.Create),
		"ListInputSecurityGroups":      withInput(s.Groups.List),
		"DescribeInputSecurityGroup":   withID(s.Groups.Describe),
		"UpdateInputSecurityGroup":     withInput(s.Groups.Update),
		"DeleteInputSecurityGroup":     withoutOutput(s.Groups.Delete),
		"ListTagsForResource":          withInput(s.Tags.List),
		"CreateTags":                   withInput(s.Tags.Create),
		"DeleteTags":                   withInput(s.Tags.Delete),
		"BatchStart":                   withInput(s.Batch.Start),
		"BatchStop":                    withInput(s.Batch.Stop),
		"BatchDelete":                  withInput(s.Batch.Delete),
		"DescribeAccountConfiguration": withInput(s.Account.Describe),
		"UpdateAccountConfiguration":   withInput(s.Account.Update),
		"ListVersions":                 withInput(h.listVersions),
	}
}

func (h *handler) listVersions(context.Context, *sdk.ListVersionsInput) (*sdk.ListVersionsOutput, error) {
	return &sdk.ListVersionsOutput{Versions: []types.ChannelEngineVersionResponse{{Version: &h.o.Version}}}, nil
}

// unserved returns the operation that answers for one that LILO lacks: lists are empty, a
// resource is not found, and nothing can be created.
func (h *handler) unserved(r route) operation {
	parts := strings.Split(r.path, "/")
	f, ok := families()[parts[0]]
	switch {
	case ok && len(parts) == 1 && r.method == http.MethodGet:
		return withInput(f.empty)
	case ok && len(parts) > 1:
		return func(_ context.Context, c *call) (any, error) {
			text := fmt.Sprintf("%s %s not found", f.one, c.id)
			if other := instead(parts[0]); other != "" && r.method != http.MethodGet {
				text += ": " + other
			}
			return nil, service.Errorf(service.NotFound, "%s", text)
		}
	}
	return func(context.Context, *call) (any, error) {
		return nil, service.Errorf(service.Forbidden, "%s is not served here: %s", r.name, cmp.Or(instead(parts[0]), "lilo serve plays files, and has nothing like it"))
	}
}

// instead returns what to use in the place of a kind of resource, by its path, "" for nothing.
func instead(path string) string {
	if path == "multiplexes" {
		return "give each program a channel with a UDP output, which sends a transport stream of that program, and combine them with a multiplexer that receives UDP"
	}
	return ""
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
