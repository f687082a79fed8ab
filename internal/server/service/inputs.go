package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/record"
)

// Inputs has the operations on inputs. Whether an input is attached is not stored:
// it follows from the channels.
type Inputs struct{ core }

// Create creates an input. A repeated request with the same token returns the same
// input again.
func (n *Inputs) Create(ctx context.Context, in *sdk.CreateInputInput) (*sdk.CreateInputOutput, error) {
	request, token := *in, deref(in.RequestId)
	request.RequestId = nil
	var id string
	err := n.records.Update(ctx, func(tx *record.Tx) (err error) {
		before, origin := tx.Inputs.ByRequest(token)
		if id, err = repeated(before, origin, &request); id != "" || err != nil {
			return err
		}
		doc, err := n.newInput(tx, &request)
		if err != nil {
			return err
		}
		id = *doc.Id
		tx.Inputs.Put(id, &record.Input{Origin: tx.NewOrigin(token, medialive.Digest(&request)), Doc: doc})
		return nil
	})
	if err != nil {
		return nil, err
	}
	doc, err := n.Describe(ctx, id)
	return &sdk.CreateInputOutput{Input: doc}, err
}

func (n *Inputs) newInput(tx *record.Tx, request *sdk.CreateInputInput) (*types.Input, error) {
	if err := checkTags(request.Tags); err != nil {
		return nil, err
	}
	doc := &types.Input{
		Name: request.Name, RoleArn: request.RoleArn, Tags: request.Tags, Type: request.Type,
		SecurityGroups: or(request.InputSecurityGroups, []string{}), State: types.InputStateDetached, InputSourceType: types.InputSourceTypeStatic,
		AttachedChannels: []string{}, Sources: []types.InputSource{}, Destinations: []types.InputDestination{}, InputDevices: []types.InputDeviceSettings{},
		InputPartnerIds: []string{}, MediaConnectFlows: []types.MediaConnectFlow{}, InputNetworkLocation: types.InputNetworkLocationAws,
	}
	var err error
	if doc.Id, doc.Arn, err = n.newName(tx, inputKind); err != nil {
		return nil, err
	}
	faults := n.setMembers(doc, &sdk.UpdateInputInput{
		Sources: request.Sources, Destinations: request.Destinations, MediaConnectFlows: request.MediaConnectFlows, SrtSettings: request.SrtSettings,
	}, request.Vpc)
	if faults = slices.Concat(typeFaults(request), faults, groupFaults(tx, doc)); len(faults) > 0 {
		return nil, invalid(faults...)
	}
	return doc, nil
}

// groupFaults returns which security groups of an input do not exist, or are given twice.
func groupFaults(tx *record.Tx, doc *types.Input) []types.ValidationError {
	var faults []types.ValidationError
	for i, id := range doc.SecurityGroups {
		if tx.Groups.Find(id) == nil {
			faults = append(faults, element(fmt.Sprintf("/inputSecurityGroups/%d", i), "Input security group %s not found", id))
		}
	}
	return append(faults, repeats("/inputSecurityGroups", doc.SecurityGroups)...)
}

// Describe returns an input. One that was deleted can be described for a day.
func (n *Inputs) Describe(_ context.Context, id string) (*types.Input, error) {
	r := n.records.Inputs.Get(id)
	if r == nil {
		return nil, noInput(id)
	}
	return describeInput(r, attachments(slices.All(n.records.Channels.List()))), nil
}

// describeInput returns the document of an input with the channel that it is attached to.
func describeInput(r *record.Input, attachedTo map[string]string) *types.Input {
	doc := *r.Doc
	if channel := attachedTo[*doc.Id]; channel != "" {
		doc.State, doc.AttachedChannels = types.InputStateAttached, []string{channel}
	} else if !r.Deleted() {
		doc.State, doc.AttachedChannels = types.InputStateDetached, []string{}
	}
	return &doc
}

// List returns the inputs in the order of their creation.
func (n *Inputs) List(_ context.Context, in *sdk.ListInputsInput) (*sdk.ListInputsOutput, error) {
	all, attachedTo := n.records.Inputs.List(), attachments(slices.All(n.records.Channels.List()))
	part, next, err := page(all, in.MaxResults, in.NextToken, func(i int) int64 { return all[i].Sequence })
	out := &sdk.ListInputsOutput{Inputs: []types.Input{}, NextToken: next}
	for _, r := range part {
		out.Inputs = append(out.Inputs, *describeInput(r, attachedTo))
	}
	return out, err
}

// Update replaces the members that the request has. The channel that the input is
// attached to must not be running.
func (n *Inputs) Update(ctx context.Context, in *sdk.UpdateInputInput) (*sdk.UpdateInputOutput, error) {
	id := deref(in.InputId)
	err := n.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Inputs.Find(id)
		if r == nil {
			return noInput(id)
		}
		var faults []types.ValidationError
		r = r.With(func(doc *types.Input) { faults = n.edit(tx, doc, in) })
		if len(faults) > 0 {
			return invalid(faults...)
		}
		tx.Inputs.Put(id, r)
		return n.updateChannel(tx, id)
	})
	if err != nil {
		return nil, err
	}
	doc, err := n.Describe(ctx, id)
	return &sdk.UpdateInputOutput{Input: doc}, err
}

// edit sets the members that the request has and returns what is wrong with them.
func (n *Inputs) edit(tx *record.Tx, doc *types.Input, in *sdk.UpdateInputInput) (faults []types.ValidationError) {
	doc.Name, doc.RoleArn = cmp.Or(in.Name, doc.Name), cmp.Or(in.RoleArn, doc.RoleArn)
	if in.InputSecurityGroups != nil {
		doc.SecurityGroups = in.InputSecurityGroups
	}
	given := *in
	given.Sources = or(in.Sources, requested(doc.Sources))
	request := &sdk.CreateInputInput{Type: doc.Type, Name: doc.Name}
	medialive.Merge(request, in)
	return slices.Concat(n.setMembers(doc, &given, nil), typeFaults(request), groupFaults(tx, doc))
}

// updateChannel makes the channel that an input is attached to read it again, or
// returns an error if the channel does not allow the update.
func (n *Inputs) updateChannel(tx *record.Tx, input string) error {
	id := attachments(tx.Channels.All())[input]
	if id == "" {
		return nil
	}
	r := tx.Channels.Get(id).Reread()
	if permit(toUpdate, r.State()) != nil {
		return Errorf(Conflict, "Input %s is attached to channel %s, which has not been stopped yet", input, id)
	}
	if faults := medialive.Check(r.Doc, r.InputDocs(tx.Inputs.Find)); len(faults) > 0 {
		return invalid(faults...)
	}
	if err := n.playable(tx, r); err != nil {
		return err
	}
	tx.Channels.Put(id, r)
	return nil
}

// Delete deletes an input that is attached to no channel.
func (n *Inputs) Delete(ctx context.Context, id string) error {
	return n.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Inputs.Find(id)
		if r == nil {
			return noInput(id)
		}
		if attachments(tx.Channels.All())[id] != "" {
			return attached(id)
		}
		r = r.With(func(doc *types.Input) { doc.State = types.InputStateDeleted })
		r.Since = tx.Now
		tx.Inputs.Put(id, r)
		return nil
	})
}
