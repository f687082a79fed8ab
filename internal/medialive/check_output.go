package medialive

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// sent has what the outputs of a channel have taken so far.
type sent struct {
	positions    map[string]int    // destination id → position of the destination
	destinations map[string]string // destination id → path of the output
	addresses    map[string]string // address → path of its URL
}

// checkOutputs checks output groups and outputs against one another and against
// the destinations.
func checkOutputs(top place, c *types.Channel) {
	at := top.at("encoderSettings", "outputGroups")
	if len(c.EncoderSettings.OutputGroups) == 0 {
		at.report("At least one output group is required")
	}
	sent := sent{make(map[string]int), make(map[string]string), make(map[string]string)}
	for i, d := range slices.Backward(c.Destinations) { // Of two with one id, the first counts.
		sent.positions[aws.ToString(d.Id)] = i
	}
	sent.checkReferences(at, reflect.ValueOf(c.EncoderSettings.OutputGroups))
	names := make(map[string]bool)
	for g, group := range c.EncoderSettings.OutputGroups {
		kind := kindOfOutput(group.OutputGroupSettings, "GroupSettings")
		if len(group.Outputs) == 0 {
			at.at(g, "outputs").report("At least one output is required")
		}
		for o, output := range group.Outputs {
			here := at.at(g, "outputs", o)
			checkUnique(here.at("outputName"), "Output name", output.OutputName, names)
			if own := kindOfOutput(output.OutputSettings, "OutputSettings"); own != "" && kind != "" && own != kind {
				here.at("outputSettings").report("Output settings of the kind %s do not belong in an output group of the kind %s", own, kind)
			}
			if udp := udpOf(output); kind == udpGroup && udp.Destination != nil {
				sent.checkDestination(top, here.at("outputSettings", "udpOutputSettings"), c, udp)
			}
		}
	}
}

// checkReferences reports references to destinations that do not exist, below any kind of
// output group.
func (s sent) checkReferences(at place, v reflect.Value) {
	for m := range members(v) {
		here := at.at(m.name())
		if ref, ok := reflect.TypeAssert[*types.OutputLocationRef](m.value); ok && ref != nil {
			id := aws.ToString(ref.DestinationRefId)
			if _, ok := s.positions[id]; id != "" && !ok {
				here.at("destinationRefId").report("Object references undefined destination %q", id)
			}
		}
		s.checkReferences(here, m.value)
	}
}

// kindOfOutput returns the one member that is set, without the end of its name.
func kindOfOutput(settings any, end string) string {
	if set := setMembers(settings); len(set) == 1 {
		return strings.TrimSuffix(set[0], end)
	}
	return ""
}

// checkDestination checks that a UDP output has a destination of its own.
func (s sent) checkDestination(top, output place, c *types.Channel, udp *types.UdpOutputSettings) {
	at, id := output.at("destination", "destinationRefId"), aws.ToString(udp.Destination.DestinationRefId)
	i, exists := s.positions[id]
	switch {
	case id == "":
		at.report("An output needs a destination")
	case !exists: // Reported with the references of all kinds of output.
	case s.destinations[id] != "":
		at.report("Destination %q is used by another output: %s", id, ElementPath(s.destinations[id]))
	default:
		s.destinations[id] = output.path
		s.checkURLs(top.at("destinations", i, "settings"), c, c.Destinations[i], udp.FecOutputSettings)
	}
}

// checkURLs checks that there is one address for each pipeline, which no other output has.
func (s sent) checkURLs(at place, c *types.Channel, d types.OutputDestination, f *types.FecOutputSettings) {
	if len(d.Settings) != pipelinesOf(c) {
		at.report("Destination %q has %d URLs: a channel of the class %s needs %d",
			aws.ToString(d.Id), len(d.Settings), cmp.Or(c.ChannelClass, types.ChannelClassStandard), pipelinesOf(c))
	}
	var fec *channel.FEC
	if f != nil {
		fec = &channel.FEC{IncludeFec: cmp.Or(string(f.IncludeFec), channel.DefaultFEC().IncludeFec)}
	}
	for n, setting := range d.Settings {
		url := at.at(n, "url")
		to, err := channel.ParseDestination(aws.ToString(setting.Url))
		if err != nil {
			url.report("%v", err)
			continue
		}
		if to.Kind().OutputGroup != udpGroup {
			url.report("%s: a UDP output group does not send there", aws.ToString(setting.Url))
		}
		if fec != nil && !to.Kind().RTP {
			url.report("%s: forward error correction needs rtp://", aws.ToString(setting.Url))
		}
		if linked, err := withLink(to, d.LogicalInterfaceNames); err == nil {
			if err := linked.Check(fec); err != nil {
				url.report("%s: %v", aws.ToString(setting.Url), err)
			}
		}
		for _, port := range to.Ports(fec) {
			address := atPort(to, port)
			if s.addresses[address] != "" {
				url.report("%s is sent to already: %s", address, ElementPath(s.addresses[address]))
			}
			s.addresses[address] = url.path
		}
	}
}
