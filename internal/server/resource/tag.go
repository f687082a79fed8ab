package resource

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// The limits of tags, as AWS has them.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// checkTags refuses tags that AWS would refuse.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return Refuse(BadRequest, "A resource has at most %d tags, not %d", maxTags, len(tags))
	}
	for key, value := range tags {
		switch {
		case key == "" || len([]rune(key)) > maxTagKey:
			return Refuse(BadRequest, "The key of a tag has 1 to %d characters: %q", maxTagKey, key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return Refuse(BadRequest, "The key of a tag does not begin with aws: %q", key)
		case len([]rune(value)) > maxTagValue:
			return Refuse(BadRequest, "The value of tag %q has more than %d characters", key, maxTagValue)
		}
	}
	return wishes(tags, new(channel.Spec))
}

// Tags returns the tags of the resource with that ARN.
func (r *Registry) Tags(arn string) (map[string]string, error) {
	kind, id, ok := r.parse(arn)
	if !ok {
		return nil, noResource(arn)
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	c, i, g := r.channels[id], r.inputs[id], r.groups[id]
	switch {
	case kind == "channel" && c != nil && c.state() != types.ChannelStateDeleted:
		return filled(c.doc.Tags), nil
	case kind == "input" && i != nil && i.doc.State != types.InputStateDeleted:
		return filled(i.doc.Tags), nil
	case kind == "inputSecurityGroup" && g != nil && g.doc.State != types.InputSecurityGroupStateDeleted:
		return filled(g.doc.Tags), nil
	}
	return nil, noResource(arn)
}

func filled(tags map[string]string) map[string]string {
	if tags == nil {
		return map[string]string{}
	}
	return tags
}

// parse takes the ARN of one of our resources apart.
func (r *Registry) parse(arn string) (kind, id string, ok bool) {
	rest, ok := strings.CutPrefix(arn, strings.TrimSuffix(r.arn("", ""), ":"))
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}

// Tag adds tags to the resource with that ARN.
func (r *Registry) Tag(arn string, tags map[string]string) error {
	return r.retag(arn, func(all map[string]string) { maps.Copy(all, tags) })
}

// Untag takes tags from the resource with that ARN. Those it does not have do not matter.
func (r *Registry) Untag(arn string, keys []string) error {
	return r.retag(arn, func(all map[string]string) {
		for _, key := range keys {
			delete(all, key)
		}
	})
}

func (r *Registry) retag(arn string, do func(map[string]string)) error {
	return r.change(func(c *change) error {
		kind, id, ok := r.parse(arn)
		if !ok {
			return noResource(arn)
		}
		switch kind {
		case "channel":
			if record, err := c.channel(id); err == nil {
				tags, err := retagged(record.doc.Tags, do)
				c.channels.set(id, record.tagged(tags))
				return err
			}
		case "input":
			if record, err := c.input(id); err == nil {
				tags, err := retagged(record.doc.Tags, do)
				c.inputs.set(id, record.tagged(tags))
				return err
			}
		case "inputSecurityGroup":
			if record, err := c.group(id); err == nil {
				tags, err := retagged(record.doc.Tags, do)
				c.groups.set(id, record.tagged(tags))
				return err
			}
		}
		return noResource(arn)
	})
}

func retagged(tags map[string]string, do func(map[string]string)) (map[string]string, error) {
	all := maps.Clone(filled(tags))
	do(all)
	return all, checkTags(all)
}
