package service

import (
	"context"
	"maps"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/setting"
)

// The limits of tags, as AWS has them.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// checkTags reports tags that AWS refuses, and values that LILO cannot read.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return Errorf(BadRequest, "A resource has at most %d tags, not %d", maxTags, len(tags))
	}
	for key, value := range tags {
		switch {
		case key == "" || len([]rune(key)) > maxTagKey:
			return Errorf(BadRequest, "The key of a tag has 1 to %d characters: %q", maxTagKey, key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return Errorf(BadRequest, "The key of a tag does not begin with aws: %q", key)
		case !setting.Shown(key) || !setting.Shown(value):
			return Errorf(BadRequest, "Tag %q=%q holds characters that cannot be shown", key, value)
		case len([]rune(value)) > maxTagValue:
			return Errorf(BadRequest, "The value of tag %q has more than %d characters", key, maxTagValue)
		}
	}
	if err := record.ReadTags(tags, new(channel.Spec)); err != nil {
		return Errorf(BadRequest, "%v", err)
	}
	return nil
}

// Tags has the operations on the tags of resources.
type Tags struct{ core }

// List returns the tags of a resource.
func (t *Tags) List(_ context.Context, in *sdk.ListTagsForResourceInput) (*sdk.ListTagsForResourceOutput, error) {
	arn := deref(in.ResourceArn)
	kind, id := t.parseARN(arn)
	c, i, g := t.records.Channels.Find(id), t.records.Inputs.Find(id), t.records.Groups.Find(id)
	var tags map[string]string
	switch {
	case kind == channelKind && c != nil:
		tags = c.Doc.Tags
	case kind == inputKind && i != nil:
		tags = i.Doc.Tags
	case kind == groupKind && g != nil:
		tags = g.Doc.Tags
	default:
		return nil, noResource(arn)
	}
	if tags == nil {
		tags = map[string]string{}
	}
	return &sdk.ListTagsForResourceOutput{Tags: tags}, nil
}

func noResource(arn string) error { return Errorf(NotFound, "Resource %s not found", arn) }

// Create adds tags to a resource.
func (t *Tags) Create(ctx context.Context, in *sdk.CreateTagsInput) (*sdk.CreateTagsOutput, error) {
	return &sdk.CreateTagsOutput{}, t.edit(ctx, deref(in.ResourceArn), func(all map[string]string) { maps.Copy(all, in.Tags) })
}

// Delete removes tags from a resource. It ignores keys that the resource lacks.
func (t *Tags) Delete(ctx context.Context, in *sdk.DeleteTagsInput) (*sdk.DeleteTagsOutput, error) {
	if len(in.TagKeys) == 0 {
		return nil, Errorf(BadRequest, "tagKeys is missing: name the tags to delete")
	}
	return &sdk.DeleteTagsOutput{}, t.edit(ctx, deref(in.ResourceArn), func(all map[string]string) {
		for _, key := range in.TagKeys {
			delete(all, key)
		}
	})
}

func (t *Tags) edit(ctx context.Context, arn string, do func(map[string]string)) error {
	kind, id := t.parseARN(arn)
	return t.records.Update(ctx, func(tx *record.Tx) error {
		c, i, g := tx.Channels.Find(id), tx.Inputs.Find(id), tx.Groups.Find(id)
		var tags map[string]string
		edited := func(now map[string]string) map[string]string {
			tags = map[string]string{}
			maps.Copy(tags, now)
			do(tags)
			return tags
		}
		switch {
		case kind == channelKind && c != nil:
			tx.Channels.Put(id, c.With(func(doc *types.Channel) { doc.Tags = edited(doc.Tags) }))
		case kind == inputKind && i != nil:
			tx.Inputs.Put(id, i.With(func(doc *types.Input) { doc.Tags = edited(doc.Tags) }))
		case kind == groupKind && g != nil:
			tx.Groups.Put(id, g.With(func(doc *types.InputSecurityGroup) { doc.Tags = edited(doc.Tags) }))
		default:
			return noResource(arn)
		}
		return checkTags(tags)
	})
}
