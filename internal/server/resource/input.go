package resource

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
)

// CreateInput creates an input. The same request with the same token creates
// nothing and answers the same again.
func (r *Registry) CreateInput(in *sdk.CreateInputInput) (*types.Input, error) {
	request := *in
	token := deref(request.RequestId)
	request.RequestId = nil
	sum, err := digest(&request)
	if err != nil {
		return nil, err
	}
	var id string
	err = r.change(func(c *change) error {
		if again, err := repeated(r.inputs, token, sum); again != "" || err != nil {
			id = again
			return err
		}
		id, err = r.createInput(c, &request, c.origin(token, sum))
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.Input(id)
}

func (r *Registry) createInput(c *change, request *sdk.CreateInputInput, o origin) (string, error) {
	if err := checkTags(request.Tags); err != nil {
		return "", err
	}
	doc := &types.Input{
		Name: request.Name, RoleArn: request.RoleArn, Tags: request.Tags, Type: request.Type,
		SecurityGroups: request.InputSecurityGroups, State: types.InputStateDetached, InputSourceType: types.InputSourceTypeStatic,
		AttachedChannels: []string{}, Destinations: []types.InputDestination{}, InputDevices: []types.InputDeviceSettings{},
		InputPartnerIds: []string{}, MediaConnectFlows: []types.MediaConnectFlow{}, InputNetworkLocation: types.InputNetworkLocationAws,
	}
	if faults := slices.Concat(kindFaults(request), r.setSources(doc, request.Sources), c.groupFaults(doc)); len(faults) > 0 {
		return "", invalid(faults...)
	}
	id, err := c.id()
	if err != nil {
		return "", err
	}
	arn := r.arn("input", id)
	doc.Id, doc.Arn = &id, &arn
	c.inputs.set(id, &inputRecord{origin: o, doc: doc})
	return id, nil
}

// kindFaults says what an input has that is not of a file.
func kindFaults(in *sdk.CreateInputInput) []types.ValidationError {
	var faults []types.ValidationError
	refuse := func(is bool, path, text string) {
		if is {
			faults = append(faults, element(path, "%s", text))
		}
	}
	refuse(deref(in.Name) == "", "/name", "Non-empty input name required")
	refuse(in.Type != types.InputTypeMp4File, "/type", fmt.Sprintf("inputs of type %q cannot be played here: MP4_FILE can", in.Type))
	refuse(len(in.Destinations) > 0, "/destinations", "destinations are for push inputs, not for MP4_FILE")
	refuse(len(in.InputDevices) > 0, "/inputDevices", "input devices are not for MP4_FILE")
	refuse(len(in.MediaConnectFlows) > 0, "/mediaConnectFlows", "MediaConnect flows are not for MP4_FILE")
	refuse(in.Vpc != nil, "/vpc", "a VPC is for push inputs, not for MP4_FILE")
	refuse(in.MulticastSettings != nil, "/multicastSettings", "multicast settings are not for MP4_FILE")
	refuse(in.SrtSettings != nil, "/srtSettings", "SRT settings are not for MP4_FILE")
	refuse(in.RouterSettings != nil, "/routerSettings", "router settings are not for MP4_FILE")
	refuse(in.Smpte2110ReceiverGroupSettings != nil, "/smpte2110ReceiverGroupSettings", "SMPTE 2110 receiver groups are not for MP4_FILE")
	refuse(len(in.SdiSources) > 0, "/sdiSources", "SDI sources are not for MP4_FILE")
	refuse(in.InputNetworkLocation == types.InputNetworkLocationOnPremises, "/inputNetworkLocation", "ON_PREMISES is not for MP4_FILE")
	return faults
}

// setSources gives an input its sources, and the class that follows from how
// many there are; it returns what is wrong with them.
func (r *Registry) setSources(doc *types.Input, sources []types.InputSourceRequest) []types.ValidationError {
	if n := len(sources); n < 1 || n > 2 {
		return []types.ValidationError{element("/sources", "an MP4_FILE input has one source, or two for a STANDARD channel, not %d", n)}
	}
	var faults []types.ValidationError
	doc.Sources = nil
	for i, s := range sources {
		path := fmt.Sprintf("/sources/%d", i)
		if text := r.checkSource(deref(s.Url)); text != "" {
			faults = append(faults, element(path+"/url", "%s", text))
		}
		if deref(s.PasswordParam) != "" {
			faults = append(faults, element(path+"/passwordParam", "there is no Parameter Store here: use a URL that needs no password"))
		}
		if deref(s.Username) != "" {
			faults = append(faults, element(path+"/username", "a user is of no use without passwordParam, which is not read here"))
		}
		doc.Sources = append(doc.Sources, types.InputSource{Url: s.Url, PasswordParam: s.PasswordParam, Username: s.Username})
	}
	doc.InputClass = types.InputClassSinglePipeline
	if len(sources) == 2 {
		doc.InputClass = types.InputClassStandard
	}
	return faults
}

// groupFaults says which security groups of an input are not there.
func (c *change) groupFaults(doc *types.Input) []types.ValidationError {
	var faults []types.ValidationError
	for i, id := range doc.SecurityGroups {
		if g, ok := c.groups.get(id); !ok || g.doc.State == types.InputSecurityGroupStateDeleted {
			faults = append(faults, element(fmt.Sprintf("/inputSecurityGroups/%d", i), "Input security group %s not found", id))
		}
	}
	return faults
}

// input returns the record of an input that was not deleted.
func (c *change) input(id string) (*inputRecord, error) {
	record, ok := c.inputs.get(id)
	if !ok || record.doc.State == types.InputStateDeleted {
		return nil, noInput(id)
	}
	return record, nil
}

// Input returns an input as it is described; one that was deleted for a while longer.
func (r *Registry) Input(id string) (*types.Input, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	record := r.inputs[id]
	if record == nil || r.forgotten(record.doc.State == types.InputStateDeleted, record.origin) {
		return nil, noInput(id)
	}
	doc := *record.doc
	return &doc, nil
}

// ListInputs returns the inputs in the order of their creation.
func (r *Registry) ListInputs(p Page) (List[types.Input], error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := slices.Collect(maps.Values(r.inputs))
	all = slices.DeleteFunc(all, func(one *inputRecord) bool { return one.doc.State == types.InputStateDeleted })
	slices.SortFunc(all, func(a, b *inputRecord) int { return cmp.Compare(a.Sequence, b.Sequence) })
	part, next, err := cut(all, p, func(one *inputRecord) int64 { return one.Sequence })
	if err != nil {
		return List[types.Input]{}, err
	}
	list := List[types.Input]{Items: []types.Input{}, NextToken: next}
	for _, record := range part {
		list.Items = append(list.Items, *record.doc)
	}
	return list, nil
}

// UpdateInput replaces the members of an input that the request has. The
// channel it is attached to must not be on air.
func (r *Registry) UpdateInput(in *sdk.UpdateInputInput) (*types.Input, error) {
	id := deref(in.InputId)
	err := r.change(func(c *change) error {
		record, err := c.input(id)
		if err != nil {
			return err
		}
		doc := *record.doc
		if err := r.amend(c, &doc, in); err != nil {
			return err
		}
		n := *record
		n.doc = &doc
		c.inputs.set(id, &n)
		return r.follow(c, &doc)
	})
	if err != nil {
		return nil, err
	}
	return r.Input(id)
}

// amend sets what the request has.
func (r *Registry) amend(c *change, doc *types.Input, in *sdk.UpdateInputInput) error {
	var faults []types.ValidationError
	if in.Name != nil {
		doc.Name = in.Name
	}
	if in.RoleArn != nil {
		doc.RoleArn = in.RoleArn
	}
	if in.InputSecurityGroups != nil {
		doc.SecurityGroups = in.InputSecurityGroups
	}
	if in.Sources != nil {
		faults = r.setSources(doc, in.Sources)
	}
	faults = slices.Concat(faults, kindFaults(&sdk.CreateInputInput{
		Name: doc.Name, Type: doc.Type, Destinations: in.Destinations, MulticastSettings: multicast(in.MulticastSettings),
		MediaConnectFlows: in.MediaConnectFlows, SrtSettings: in.SrtSettings, SdiSources: in.SdiSources,
		Smpte2110ReceiverGroupSettings: in.Smpte2110ReceiverGroupSettings,
	}), c.groupFaults(doc))
	if len(in.InputDevices) > 0 {
		faults = append(faults, element("/inputDevices", "input devices are not for MP4_FILE"))
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	return nil
}

func multicast(in *types.MulticastSettingsUpdateRequest) *types.MulticastSettingsCreateRequest {
	if in == nil {
		return nil
	}
	return &types.MulticastSettingsCreateRequest{}
}

// follow has the channels of an input that changes change with it, or refuses.
func (r *Registry) follow(c *change, doc *types.Input) error {
	for _, id := range doc.AttachedChannels {
		record, ok := c.channels.get(id)
		if !ok {
			continue
		}
		if err := permit(toUpdate, record.state()); err != nil {
			return Refuse(Conflict, "Input %s is attached to channel %s, which has not been stopped yet", deref(doc.Id), id)
		}
		n := record.other(record.state(), record.Since)
		inputs := c.documents(n.doc)
		if faults := medialive.Check(n.doc, inputs); len(faults) > 0 {
			return invalid(faults...)
		}
		if err := r.judge(n, inputs); err != nil {
			return err
		}
		c.channels.set(id, n)
	}
	return nil
}

// DeleteInput deletes an input that is attached to no channel; it is DELETED
// for a while after that.
func (r *Registry) DeleteInput(id string) error {
	return r.change(func(c *change) error {
		record, err := c.input(id)
		if err != nil {
			return err
		}
		if len(record.doc.AttachedChannels) > 0 {
			return attached(id)
		}
		c.inputs.set(id, record.with(types.InputStateDeleted, c.now))
		return nil
	})
}
