package api

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/resource"
)

func (h *handler) listTags(_ context.Context, c *call) (any, error) {
	tags, err := h.registry.Tags(c.id)
	return sdk.ListTagsForResourceOutput{Tags: tags}, err
}

func (h *handler) createTags(_ context.Context, c *call) (any, error) {
	in := new(sdk.CreateTagsInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	return nil, h.registry.Tag(c.id, in.Tags)
}

func (h *handler) deleteTags(_ context.Context, c *call) (any, error) {
	keys := c.query["tagKeys"]
	if len(keys) == 0 {
		return nil, resource.Refuse(resource.BadRequest, "tagKeys is missing: name the tags that are to go")
	}
	return nil, h.registry.Untag(c.id, keys)
}

func (h *handler) listVersions(context.Context, *call) (any, error) {
	return sdk.ListVersionsOutput{Versions: []types.ChannelEngineVersionResponse{{Version: &h.o.Version}}}, nil
}

func (h *handler) describeAccount(context.Context, *call) (any, error) {
	return sdk.DescribeAccountConfigurationOutput{AccountConfiguration: h.registry.Account()}, nil
}

func (h *handler) updateAccount(_ context.Context, c *call) (any, error) {
	in := new(sdk.UpdateAccountConfigurationInput)
	if err := c.read(in); err != nil {
		return nil, err
	}
	err := h.registry.SetAccount(in.AccountConfiguration)
	return sdk.UpdateAccountConfigurationOutput{AccountConfiguration: h.registry.Account()}, err
}
