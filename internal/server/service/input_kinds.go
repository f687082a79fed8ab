package service

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/setting"
)

// inputKindOf is what an input of a type consists of. Only files are played; of the others
// there are documents, so that whoever makes them for MediaLive can do so here.
type inputKindOf struct {
	sources, flows, callers bool     // of these it has one, or two for a STANDARD channel
	schemes                 []string // of its sources, unless the server's policy says
	push                    string   // the URL that it is sent to: scheme and port
}

func inputKinds() map[types.InputType]inputKindOf {
	return map[types.InputType]inputKindOf{
		types.InputTypeMp4File:      {sources: true},
		types.InputTypeTsFile:       {sources: true, schemes: []string{"https", "http", "s3ssl", "mediastoressl"}},
		types.InputTypeUrlPull:      {sources: true, schemes: []string{"https", "http", "s3ssl", "mediastoressl"}},
		types.InputTypeRtmpPull:     {sources: true, schemes: []string{"rtmp", "rtmps"}},
		types.InputTypeRtmpPush:     {push: "rtmp:1935"},
		types.InputTypeRtpPush:      {push: "rtp:5000"},
		types.InputTypeUdpPush:      {push: "udp:5000"},
		types.InputTypeMediaconnect: {flows: true},
		types.InputTypeSrtCaller:    {callers: true},
	}
}

// typeFaults returns what a request has that does not belong to its type.
func typeFaults(in *sdk.CreateInputInput) []types.ValidationError {
	kind, known := inputKinds()[in.Type]
	if !known {
		return []types.ValidationError{element("/type", "inputs of type %q are not served here: use MP4_FILE, or for a slate %s", in.Type, "RTMP_PUSH, RTP_PUSH, UDP_PUSH, RTMP_PULL, URL_PULL, TS_FILE, MEDIACONNECT or SRT_CALLER")}
	}
	var faults []types.ValidationError
	alien := func(found bool, member string) {
		if found {
			faults = append(faults, element("/"+member, "%s is not for inputs of type %s", member, in.Type))
		}
	}
	if deref(in.Name) == "" {
		faults = append(faults, element("/name", "Non-empty input name required"))
	}
	if !setting.Shown(deref(in.Name)) {
		faults = append(faults, element("/name", "The name %q holds characters that cannot be shown", deref(in.Name)))
	}
	alien(len(in.Sources) > 0 && !kind.sources, "sources")
	alien(len(in.Destinations) > 0 && kind.push == "", "destinations")
	alien(len(in.MediaConnectFlows) > 0 && !kind.flows, "mediaConnectFlows")
	alien(in.SrtSettings != nil && !kind.callers, "srtSettings")
	alien(in.Vpc != nil && kind.push == "", "vpc")
	alien(len(in.InputDevices) > 0, "inputDevices")
	alien(in.MulticastSettings != nil, "multicastSettings")
	alien(in.RouterSettings != nil, "routerSettings")
	alien(in.Smpte2110ReceiverGroupSettings != nil, "smpte2110ReceiverGroupSettings")
	alien(len(in.SdiSources) > 0, "sdiSources")
	alien(in.InputNetworkLocation == types.InputNetworkLocationOnPremises, "inputNetworkLocation")
	return faults
}

// setMembers sets what an input consists of and its class, which follows from how many of
// it there are, and returns what is wrong with them. What in lacks stays as it is.
func (n *Inputs) setMembers(doc *types.Input, in *sdk.UpdateInputInput, vpc *types.InputVpcRequest) (faults []types.ValidationError) {
	kind := inputKinds()[doc.Type]
	var count int
	var member string
	switch {
	case kind.sources:
		member, count = "sources", len(in.Sources)
		faults = slices.Concat(n.setSources(doc, in.Sources, kind.schemes), checkLogins(doc.Sources), checkRole(doc, false))
	case kind.push != "":
		faults = append(setEndpoints(doc, in.Destinations, vpc, kind.push), checkRole(doc, false)...)
		member, count = "destinations", len(doc.Destinations)
	case kind.flows:
		doc.MediaConnectFlows = or(flowsOf(in.MediaConnectFlows), doc.MediaConnectFlows)
		member, count = "mediaConnectFlows", len(doc.MediaConnectFlows)
		faults = append(checkFlows(doc.MediaConnectFlows), checkRole(doc, true)...)
	case kind.callers:
		if in.SrtSettings != nil {
			doc.SrtSettings = new(types.SrtSettings)
			medialive.Merge(doc.SrtSettings, in.SrtSettings)
		}
		member, count = "srtSettings.srtCallerSources", len(deref(doc.SrtSettings).SrtCallerSources)
		faults = append(checkCallers(deref(doc.SrtSettings).SrtCallerSources), checkRole(doc, false)...)
	default:
		return nil // typeFaults reports it.
	}
	if count < 1 || count > 2 {
		faults = append(faults, element("/"+member, "an input of type %s has one, or two for a STANDARD channel, not %d", doc.Type, count))
	}
	doc.InputClass = types.InputClassSinglePipeline
	if count == 2 {
		doc.InputClass = types.InputClassStandard
	}
	return faults
}

// or returns the first list that is not nil.
func or[T any](a, b []T) []T {
	if a != nil {
		return a
	}
	return b
}

func flowsOf(all []types.MediaConnectFlowRequest) (flows []types.MediaConnectFlow) {
	for _, f := range all {
		flows = append(flows, types.MediaConnectFlow(f))
	}
	return flows
}

// requested returns sources as a request has them.
func requested(all []types.InputSource) (sources []types.InputSourceRequest) {
	for _, s := range all {
		sources = append(sources, types.InputSourceRequest(s))
	}
	return sources
}

// setSources sets the sources of an input, and returns what is wrong with them.
func (n *Inputs) setSources(doc *types.Input, sources []types.InputSourceRequest, schemes []string) (faults []types.ValidationError) {
	doc.Sources, doc.InputSourceType = nil, types.InputSourceTypeStatic
	for i, s := range sources {
		if isDynamic(s.Url) {
			doc.InputSourceType = types.InputSourceTypeDynamic
		}
		if text := n.checkSource(deref(s.Url), schemes); text != "" {
			faults = append(faults, element(fmt.Sprintf("/sources/%d/url", i), "%s", text))
		}
		doc.Sources = append(doc.Sources, types.InputSource{Url: s.Url, PasswordParam: s.PasswordParam, Username: s.Username})
	}
	return faults
}

// setEndpoints sets the addresses that a push input is sent to. They are of the networks
// for documentation (RFC 5737), or private for a VPC: nobody listens there.
func setEndpoints(doc *types.Input, asked []types.InputDestinationRequest, vpc *types.InputVpcRequest, push string) (faults []types.ValidationError) {
	inVPC := vpc != nil || len(doc.Destinations) > 0 && doc.Destinations[0].Vpc != nil
	if len(doc.SecurityGroups) == 0 && !inVPC {
		faults = append(faults, element("/inputSecurityGroups", "an input security group is required for inputs of type %s", doc.Type))
	}
	if vpc != nil && (len(vpc.SubnetIds) != 2 || deref(doc.RoleArn) == "") {
		faults = append(faults, element("/vpc", "a VPC needs two subnetIds, and the input a roleArn"))
	}
	if vpc != nil {
		faults = slices.Concat(faults, repeats("/vpc/subnetIds", vpc.SubnetIds), repeats("/vpc/securityGroupIds", vpc.SecurityGroupIds))
	}
	rtmp := doc.Type == types.InputTypeRtmpPush
	switch {
	case asked == nil && len(doc.Destinations) > 0:
		return faults
	case len(asked) == 0 && !rtmp:
		asked = make([]types.InputDestinationRequest, 2)
	}
	id, _ := strconv.Atoi(deref(doc.Id))
	scheme, port, _ := strings.Cut(push, ":")
	doc.Destinations = []types.InputDestination{}
	for i, d := range asked {
		if path := fmt.Sprintf("/destinations/%d/streamName", i); rtmp {
			faults = append(faults, checkStream(path, deref(d.StreamName))...)
		} else {
			faults = faultAt(faults, deref(d.StreamName) != "", path, "streamName is for inputs of type RTMP_PUSH")
		}
		network := []string{"198.51.100.", "203.0.113."}[i%2]
		e := types.InputDestination{Port: aws.String(port)}
		if inVPC {
			network = "10.0.0."
			e.Vpc = &types.InputDestinationVpc{AvailabilityZone: aws.String("az" + strconv.Itoa(i+1)), NetworkInterfaceId: aws.String(fmt.Sprintf("eni-%08x%d", id, i))}
		}
		ip := network + strconv.Itoa(1+(id+i)%254)
		address := scheme + "://" + net.JoinHostPort(ip, port)
		if rtmp {
			address += "/" + deref(d.StreamName)
		}
		e.Ip, e.Url = &ip, &address
		doc.Destinations = append(doc.Destinations, e)
	}
	return faults
}
