package resource

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// CreateGroup creates an input security group.
func (r *Registry) CreateGroup(rules []types.InputWhitelistRuleCidr, tags map[string]string) (*types.InputSecurityGroup, error) {
	var id string
	err := r.change(func(c *change) (err error) {
		allowed, err := whitelist(rules)
		if err != nil {
			return err
		}
		if err := checkTags(tags); err != nil {
			return err
		}
		if id, err = c.id(); err != nil {
			return err
		}
		arn := r.arn("inputSecurityGroup", id)
		c.groups.set(id, &groupRecord{origin: c.origin("", ""), doc: &types.InputSecurityGroup{
			Arn: &arn, Id: &id, Tags: tags, WhitelistRules: allowed, State: types.InputSecurityGroupStateIdle,
		}})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.Group(id)
}

// whitelist reads the addresses that a group allows.
func whitelist(rules []types.InputWhitelistRuleCidr) ([]types.InputWhitelistRule, error) {
	all := []types.InputWhitelistRule{}
	for i, rule := range rules {
		if _, err := netip.ParsePrefix(deref(rule.Cidr)); err != nil {
			return nil, invalid(element(fmt.Sprintf("/whitelistRules/%d/cidr", i), "%q is not a CIDR block such as 10.0.0.0/8", deref(rule.Cidr)))
		}
		all = append(all, types.InputWhitelistRule{Cidr: rule.Cidr})
	}
	return all, nil
}

// Group returns an input security group; one that was deleted for a while longer.
func (r *Registry) Group(id string) (*types.InputSecurityGroup, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	record := r.groups[id]
	if record == nil || r.forgotten(record.doc.State == types.InputSecurityGroupStateDeleted, record.origin) {
		return nil, noGroup(id)
	}
	doc := r.describeGroup(record)
	return &doc, nil
}

// describeGroup adds the inputs that use a group. Its caller holds r.mu.
func (r *Registry) describeGroup(record *groupRecord) types.InputSecurityGroup {
	doc := *record.doc
	doc.Inputs, doc.Channels = r.users(*doc.Id), []string{}
	if len(doc.Inputs) > 0 {
		doc.State = types.InputSecurityGroupStateInUse
	}
	return doc
}

// users returns the inputs that use a group.
func (r *Registry) users(id string) []string {
	all := []string{}
	for _, i := range r.inputs {
		if i.doc.State != types.InputStateDeleted && slices.Contains(i.doc.SecurityGroups, id) {
			all = append(all, *i.doc.Id)
		}
	}
	slices.Sort(all)
	return all
}

// ListGroups returns the input security groups in the order of their creation.
func (r *Registry) ListGroups(p Page) (List[types.InputSecurityGroup], error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := slices.Collect(maps.Values(r.groups))
	all = slices.DeleteFunc(all, func(one *groupRecord) bool { return one.doc.State == types.InputSecurityGroupStateDeleted })
	slices.SortFunc(all, func(a, b *groupRecord) int { return cmp.Compare(a.Sequence, b.Sequence) })
	part, next, err := cut(all, p, func(one *groupRecord) int64 { return one.Sequence })
	if err != nil {
		return List[types.InputSecurityGroup]{}, err
	}
	list := List[types.InputSecurityGroup]{Items: []types.InputSecurityGroup{}, NextToken: next}
	for _, record := range part {
		list.Items = append(list.Items, r.describeGroup(record))
	}
	return list, nil
}

func (c *change) group(id string) (*groupRecord, error) {
	record, ok := c.groups.get(id)
	if !ok || record.doc.State == types.InputSecurityGroupStateDeleted {
		return nil, noGroup(id)
	}
	return record, nil
}

// UpdateGroup replaces the rules of an input security group, and its tags, where they are given.
func (r *Registry) UpdateGroup(id string, rules []types.InputWhitelistRuleCidr, tags map[string]string) (*types.InputSecurityGroup, error) {
	err := r.change(func(c *change) error {
		record, err := c.group(id)
		if err != nil {
			return err
		}
		n := record.with(record.doc.State, record.Since)
		if rules != nil {
			if n.doc.WhitelistRules, err = whitelist(rules); err != nil {
				return err
			}
		}
		if tags != nil {
			if err := checkTags(tags); err != nil {
				return err
			}
			n.doc.Tags = tags
		}
		c.groups.set(id, n)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.Group(id)
}

// DeleteGroup deletes an input security group that no input uses.
func (r *Registry) DeleteGroup(id string) error {
	return r.change(func(c *change) error {
		record, err := c.group(id)
		if err != nil {
			return err
		}
		if used := r.users(id); len(used) > 0 {
			return Refuse(Conflict, "Input security group %s is still being used by inputs %v", id, used)
		}
		c.groups.set(id, record.with(types.InputSecurityGroupStateDeleted, c.now))
		return nil
	})
}
