package api

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
)

func (h *handler) createInput(_ context.Context, c *call) (any, error) {
	in := new(sdk.CreateInputInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	doc, err := h.registry.CreateInput(in)
	return sdk.CreateInputOutput{Input: doc}, err
}

func (h *handler) listInputs(_ context.Context, c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	list, err := h.registry.ListInputs(p)
	return sdk.ListInputsOutput{Inputs: list.Items, NextToken: list.NextToken}, err
}

func (h *handler) describeInput(_ context.Context, c *call) (any, error) {
	return h.registry.Input(c.id)
}

func (h *handler) updateInput(_ context.Context, c *call) (any, error) {
	in := new(sdk.UpdateInputInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	in.InputId = &c.id
	doc, err := h.registry.UpdateInput(in)
	return sdk.UpdateInputOutput{Input: doc}, err
}

func (h *handler) deleteInput(_ context.Context, c *call) (any, error) {
	return sdk.DeleteInputOutput{}, h.registry.DeleteInput(c.id)
}

func (h *handler) createGroup(_ context.Context, c *call) (any, error) {
	in := new(sdk.CreateInputSecurityGroupInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	doc, err := h.registry.CreateGroup(in.WhitelistRules, in.Tags)
	return sdk.CreateInputSecurityGroupOutput{SecurityGroup: doc}, err
}

func (h *handler) listGroups(_ context.Context, c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	list, err := h.registry.ListGroups(p)
	return sdk.ListInputSecurityGroupsOutput{InputSecurityGroups: list.Items, NextToken: list.NextToken}, err
}

func (h *handler) describeGroup(_ context.Context, c *call) (any, error) {
	return h.registry.Group(c.id)
}

func (h *handler) updateGroup(_ context.Context, c *call) (any, error) {
	in := new(sdk.UpdateInputSecurityGroupInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	doc, err := h.registry.UpdateGroup(c.id, in.WhitelistRules, in.Tags) //nolint:staticcheck // Clients may still send them.
	return sdk.UpdateInputSecurityGroupOutput{SecurityGroup: doc}, err
}

func (h *handler) deleteGroup(_ context.Context, c *call) (any, error) {
	return sdk.DeleteInputSecurityGroupOutput{}, h.registry.DeleteGroup(c.id)
}
