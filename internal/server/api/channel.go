package api

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/resource"
)

func (h *handler) createChannel(_ context.Context, c *call) (any, error) {
	in := new(sdk.CreateChannelInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	doc, err := h.registry.CreateChannel(in)
	return sdk.CreateChannelOutput{Channel: doc}, err
}

func (h *handler) listChannels(_ context.Context, c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	list, err := h.registry.ListChannels(p)
	return sdk.ListChannelsOutput{Channels: list.Items, NextToken: list.NextToken}, err
}

func (h *handler) describeChannel(_ context.Context, c *call) (any, error) {
	return h.registry.Channel(c.id)
}

func (h *handler) updateChannel(_ context.Context, c *call) (any, error) {
	in := new(sdk.UpdateChannelInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	in.ChannelId = &c.id
	doc, err := h.registry.UpdateChannel(in)
	return sdk.UpdateChannelOutput{Channel: doc}, err
}

func (h *handler) updateChannelClass(_ context.Context, c *call) (any, error) {
	in := new(sdk.UpdateChannelClassInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	in.ChannelId = &c.id
	doc, err := h.registry.UpdateChannelClass(in)
	return sdk.UpdateChannelClassOutput{Channel: doc}, err
}

func (h *handler) deleteChannel(_ context.Context, c *call) (any, error) {
	return h.registry.DeleteChannel(c.id)
}

func (h *handler) startChannel(_ context.Context, c *call) (any, error) {
	return h.registry.StartChannel(c.id)
}

func (h *handler) stopChannel(_ context.Context, c *call) (any, error) {
	return h.registry.StopChannel(c.id)
}

func (h *handler) restartPipelines(_ context.Context, c *call) (any, error) {
	in := new(sdk.RestartChannelPipelinesInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	return h.registry.RestartPipelines(c.id, in.PipelineIds)
}

func (h *handler) listAlerts(_ context.Context, c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	all, err := h.registry.Alerts(c.id, c.query.Get("stateFilter"))
	if err != nil {
		return nil, err
	}
	list, err := resource.Paged(all, p)
	return sdk.ListAlertsOutput{Alerts: list.Items, NextToken: list.NextToken}, err
}

func (h *handler) describeSchedule(_ context.Context, c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	list, err := h.registry.Schedule(c.id, p)
	return sdk.DescribeScheduleOutput{ScheduleActions: list.Items, NextToken: list.NextToken}, err
}

func (h *handler) updateSchedule(_ context.Context, c *call) (any, error) {
	in := new(sdk.BatchUpdateScheduleInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	var names []string
	var actions []types.ScheduleAction
	if in.Deletes != nil {
		names = in.Deletes.ActionNames
	}
	if in.Creates != nil {
		actions = in.Creates.ScheduleActions
	}
	deleted, created, err := h.registry.UpdateSchedule(c.id, names, actions)
	return sdk.BatchUpdateScheduleOutput{
		Creates: &types.BatchScheduleActionCreateResult{ScheduleActions: some(created)},
		Deletes: &types.BatchScheduleActionDeleteResult{ScheduleActions: some(deleted)},
	}, err
}

// some returns a list that is there, if empty.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (h *handler) deleteSchedule(_ context.Context, c *call) (any, error) {
	return sdk.DeleteScheduleOutput{}, h.registry.ClearSchedule(c.id)
}
