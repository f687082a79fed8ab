package service

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/record"
)

// Groups has the operations on input security groups.
type Groups struct{ core }

// Create creates an input security group.
func (g *Groups) Create(ctx context.Context, in *sdk.CreateInputSecurityGroupInput) (*sdk.CreateInputSecurityGroupOutput, error) {
	var id string
	err := g.records.Update(ctx, func(tx *record.Tx) error {
		rules, err := whitelist(in.WhitelistRules)
		if err != nil {
			return err
		}
		if err := checkTags(in.Tags); err != nil {
			return err
		}
		doc := &types.InputSecurityGroup{Tags: in.Tags, WhitelistRules: rules, State: types.InputSecurityGroupStateIdle}
		if doc.Id, doc.Arn, err = g.newName(tx, groupKind); err != nil {
			return err
		}
		id = *doc.Id
		tx.Groups.Put(id, &record.Group{Origin: tx.NewOrigin("", ""), Doc: doc})
		return nil
	})
	if err != nil {
		return nil, err
	}
	doc, err := g.Describe(ctx, id)
	return &sdk.CreateInputSecurityGroupOutput{SecurityGroup: doc}, err
}

// whitelist returns the rules of a request.
func whitelist(rules []types.InputWhitelistRuleCidr) ([]types.InputWhitelistRule, error) {
	all := []types.InputWhitelistRule{}
	for i, rule := range rules {
		path := fmt.Sprintf("/whitelistRules/%d/cidr", i)
		block, err := netip.ParsePrefix(deref(rule.Cidr))
		switch same := func(r types.InputWhitelistRule) bool { return deref(r.Cidr) == deref(rule.Cidr) }; {
		case err != nil:
			return nil, invalidMember(path, "%q is not a CIDR block such as 10.0.0.0/8", deref(rule.Cidr))
		case block != block.Masked():
			return nil, invalidMember(path, "%q has bits of a host: write %s", deref(rule.Cidr), block.Masked())
		case slices.ContainsFunc(all, same):
			return nil, invalidMember(path, "%q is used more than once", deref(rule.Cidr))
		}
		all = append(all, types.InputWhitelistRule{Cidr: rule.Cidr})
	}
	return all, nil
}

// Describe returns an input security group. One that was deleted can be described
// for a day.
func (g *Groups) Describe(_ context.Context, id string) (*types.InputSecurityGroup, error) {
	r := g.records.Groups.Get(id)
	if r == nil {
		return nil, noGroup(id)
	}
	return describeGroup(r, users(slices.All(g.records.Inputs.List()))), nil
}

// describeGroup returns the document of a group with the inputs that use it.
func describeGroup(r *record.Group, users map[string][]string) *types.InputSecurityGroup {
	doc := *r.Doc
	doc.Inputs, doc.Channels = append([]string{}, users[*doc.Id]...), []string{}
	if len(doc.Inputs) > 0 {
		doc.State = types.InputSecurityGroupStateInUse
	}
	return &doc
}

// users returns the ids of the inputs that use each group.
func users[K any](inputs iter.Seq2[K, *record.Input]) map[string][]string {
	all := map[string][]string{}
	for _, r := range inputs {
		if r.Deleted() {
			continue
		}
		for _, group := range r.Doc.SecurityGroups {
			all[group] = append(all[group], *r.Doc.Id)
			slices.Sort(all[group])
		}
	}
	return all
}

// List returns the input security groups in the order of their creation.
func (g *Groups) List(_ context.Context, in *sdk.ListInputSecurityGroupsInput) (*sdk.ListInputSecurityGroupsOutput, error) {
	all, used := g.records.Groups.List(), users(slices.All(g.records.Inputs.List()))
	part, next, err := page(all, in.MaxResults, in.NextToken, func(i int) int64 { return all[i].Sequence })
	out := &sdk.ListInputSecurityGroupsOutput{InputSecurityGroups: []types.InputSecurityGroup{}, NextToken: next}
	for _, r := range part {
		out.InputSecurityGroups = append(out.InputSecurityGroups, *describeGroup(r, used))
	}
	return out, err
}

// Update replaces the rules and the tags of an input security group that the request
// has.
func (g *Groups) Update(ctx context.Context, in *sdk.UpdateInputSecurityGroupInput) (*sdk.UpdateInputSecurityGroupOutput, error) {
	id := deref(in.InputSecurityGroupId)
	err := g.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Groups.Find(id)
		if r == nil {
			return noGroup(id)
		}
		rules, err := whitelist(in.WhitelistRules)
		if err != nil {
			return err
		}
		tags := in.Tags //nolint:staticcheck // Clients may still send them.
		if err := checkTags(tags); err != nil {
			return err
		}
		tx.Groups.Put(id, r.With(func(doc *types.InputSecurityGroup) {
			if in.WhitelistRules != nil {
				doc.WhitelistRules = rules
			}
			if tags != nil {
				doc.Tags = tags
			}
		}))
		return nil
	})
	if err != nil {
		return nil, err
	}
	doc, err := g.Describe(ctx, id)
	return &sdk.UpdateInputSecurityGroupOutput{SecurityGroup: doc}, err
}

// Delete deletes an input security group that no input uses.
func (g *Groups) Delete(ctx context.Context, id string) error {
	return g.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Groups.Find(id)
		if r == nil {
			return noGroup(id)
		}
		if used := users(tx.Inputs.All())[id]; len(used) > 0 {
			return Errorf(Conflict, "Input security group %s is still being used by inputs %v", id, used)
		}
		r = r.With(func(doc *types.InputSecurityGroup) { doc.State = types.InputSecurityGroupStateDeleted })
		r.Since = tx.Now
		tx.Groups.Put(id, r)
		return nil
	})
}
