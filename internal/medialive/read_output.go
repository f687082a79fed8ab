package medialive

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/setting"
)

// outputs returns a spec for each pipeline: the transport stream of the first
// UDP output, sent to the destinations of all UDP outputs.
func (r *reader) outputs(base channel.Spec) []channel.Spec {
	all := make([]channel.Spec, pipelinesOf(r.channel))
	base.Name = setting.Printable(aws.ToString(r.channel.Name), channel.MaxName)
	sent := map[pipelineAddress]bool{}
	var first *channel.Spec
	for g, group := range r.channel.EncoderSettings.OutputGroups {
		at := r.top.at("encoderSettings", "outputGroups", g)
		at.handled("name")
		if group.OutputGroupSettings == nil || group.OutputGroupSettings.UdpGroupSettings == nil {
			readOtherGroup(at, group)
			continue
		}
		at.at("outputGroupSettings", "udpGroupSettings").handled("timedMetadataId3Frame", "timedMetadataId3Period") // A file has none.
		for o, output := range group.Outputs {
			here := at.at("outputs", o)
			here.handled("outputName")
			r.destinations(here, output, all, sent)
			first = readStream(here, output, base, first)
		}
	}
	if first == nil {
		first = &base
	}
	r.unusedDestinations()
	for i := range all {
		to := all[i].To
		all[i] = *first
		all[i].To = to
	}
	return all
}

// readOtherGroup reports an output group of a kind that is not sent.
func readOtherGroup(at place, group types.OutputGroup) {
	at.handled("outputs")
	settings := at.at("outputGroupSettings")
	if group.OutputGroupSettings == nil {
		settings.unsupported("it names no kind of output, so nothing is sent")
		return
	}
	for _, name := range setMembers(group.OutputGroupSettings) {
		kind := strings.TrimSuffix(name, "GroupSettings")
		settings.at(name).unsupported("outputs of the kind %s are not sent: only those of UDP groups are (rtp:// and udp://)", kind)
	}
}

// pipelineAddress is an address to which a pipeline sends.
type pipelineAddress struct {
	pipeline int
	address  string
}

// destinations gives each pipeline its URL of an output, unless it sends there already.
func (r *reader) destinations(here place, output types.Output, pipelines []channel.Spec, sent map[pipelineAddress]bool) {
	udp := udpOf(output)
	id := ""
	if udp.Destination != nil {
		id = aws.ToString(udp.Destination.DestinationRefId)
	}
	here.at("outputSettings", "udpOutputSettings", "destination").handled("destinationRefId")
	i := slices.IndexFunc(r.channel.Destinations, func(d types.OutputDestination) bool { return aws.ToString(d.Id) == id })
	if i < 0 {
		here.at("outputSettings", "udpOutputSettings", "destination", "destinationRefId").report("there is no destination %q: nothing is sent", id)
		return
	}
	at := r.top.at("destinations", i)
	at.handled("id")
	for n, s := range r.channel.Destinations[i].Settings {
		url := at.at("settings", n, "url")
		switch {
		case len(setMembers(s)) == 0 && n >= len(pipelines): // Empty texts are no settings.
			continue
		case n >= len(pipelines):
			url.unsupported("the channel has no pipeline %d: nothing is sent there", n)
			continue
		}
		d, err := channel.ParseDestination(aws.ToString(s.Url))
		if err != nil {
			url.unsupported("nothing is sent there: %v", err)
			continue
		}
		at.at("settings", n).handled("url")
		d = at.link(d, r.channel.Destinations[i].LogicalInterfaceNames)
		if to := (pipelineAddress{n, d.TargetAddress()}); !sent[to] {
			sent[to] = true
			pipelines[n].To = append(pipelines[n].To, d)
		}
	}
}

// link returns a destination with the interface of the document, or reports why it is not taken.
func (p place) link(d channel.Destination, names []string) channel.Destination {
	linked, err := withLink(d, names)
	if err != nil {
		p.at("logicalInterfaceNames").unsupported("%v", err)
		return d
	}
	p.handled("logicalInterfaceNames")
	return linked
}

// withLink returns a destination whose URL names no interface with that of the document, which
// MediaLive has for its Anywhere clusters.
func withLink(d channel.Destination, names []string) (channel.Destination, error) {
	if len(names) == 0 {
		return d, nil
	}
	if len(names) > 1 || d.Interface != "" {
		return d, errors.New("a destination leaves by one interface: give it several URLs with iface=")
	}
	iface, err := setting.Find(d.Kind().Options, "iface")
	if err == nil {
		err = iface.Set(&d, names[0])
	}
	return d, err
}

// unusedDestinations reports destinations that no output refers to.
func (r *reader) unusedDestinations() {
	for i, d := range r.channel.Destinations {
		at := r.top.at("destinations", i)
		empty := !slices.ContainsFunc(d.Settings, func(s types.OutputDestinationSettings) bool { return len(setMembers(s)) > 0 }) &&
			len(d.MediaPackageSettings)+len(d.SrtSettings)+len(d.MediaConnectRouterSettings) == 0 && d.MultiplexSettings == nil
		switch {
		case at.done[at.path+"/id"]:
		case empty:
			at.handled("id")
		default:
			at.unsupported("no output that is sent goes there")
		}
	}
}

// udpOf returns the settings of a UDP output, never nil.
func udpOf(output types.Output) *types.UdpOutputSettings {
	if output.OutputSettings == nil || output.OutputSettings.UdpOutputSettings == nil {
		return &types.UdpOutputSettings{}
	}
	return output.OutputSettings.UdpOutputSettings
}

// readStream returns the spec of the first output. All outputs send one stream, so
// it reports a further output whose transport stream differs.
func readStream(here place, output types.Output, base channel.Spec, first *channel.Spec) *channel.Spec {
	udp := udpOf(output)
	at := here.at("outputSettings", "udpOutputSettings")
	at.handled("bufferMsec")
	if f := udp.FecOutputSettings; f != nil {
		matrix := channel.Default()
		standard := channel.DefaultFEC()
		matrix.FEC = &channel.FEC{
			IncludeFec:  cmp.Or(string(f.IncludeFec), standard.IncludeFec),
			ColumnDepth: cmp.Or(int(aws.ToInt32(f.ColumnDepth)), standard.ColumnDepth),
			RowLength:   cmp.Or(int(aws.ToInt32(f.RowLength)), standard.RowLength),
		}
		if err := matrix.Validate(); err == nil {
			base.FEC = matrix.FEC
			at.at("fecOutputSettings").handled("includeFec", "columnDepth", "rowLength")
		} else {
			at.at("fecOutputSettings").unsupported("no forward error correction is sent: %v", err)
		}
	}
	if udp.ContainerSettings != nil && udp.ContainerSettings.M2tsSettings != nil {
		readM2ts(at.at("containerSettings", "m2tsSettings"), udp.ContainerSettings.M2tsSettings, &base)
	}
	if first == nil {
		return &base
	}
	if !reflect.DeepEqual(base.M2TS, first.M2TS) || base.MuxRate != first.MuxRate || base.Name != first.Name {
		at.at("containerSettings").report("all outputs send one stream, which has the layout of the first output")
	}
	if !reflect.DeepEqual(base.FEC, first.FEC) {
		at.at("fecOutputSettings").report("all outputs have the forward error correction of the first output")
	}
	return first
}

// readM2ts reads the layout of a transport stream into a spec.
func readM2ts(at place, m *types.M2tsSettings, s *channel.Spec) {
	out := &s.M2TS
	if m.RateMode != types.M2tsRateModeVbr {
		at.handled("rateMode", "bitrate")
		s.MuxRate = int64(aws.ToInt32(m.Bitrate))
	}
	if m.RateMode == types.M2tsRateModeVbr {
		at.at("rateMode").unsupported("the rate of the stream is constant, as low as it can be")
		at.handled("bitrate")
	}
	take(at, m, only(m2ts.Fields(), "programNum", "transportStreamId", "audioFramesPerPes", "pmtPid", "videoPid", "pcrPid",
		"audioPids", "patInterval", "pmtInterval", "sdtInterval", "pcrPeriod"), out)
	out.AudioPIDs = trackPIDs(out.AudioPIDs)
	at.handled("pcrControl")
	if m.PcrControl != types.M2tsPcrControlConfiguredPcrPeriod && out.PCRPeriod == echoedPCRPeriod {
		out.PCRPeriod = 0 // The multiplex's own period is shorter.
	}
	at.sdt(m.DvbSdtSettings, s)
	at.handled("scte27Pids", "scte35Pid", "klvDataPids", "timedMetadataPid", "etvPlatformPid", "etvSignalPid", "aribCaptionsPid",
		"dvbSubPids", "dvbTeletextPid", "ecmPid", "scte35PrerollPullupMilliseconds")
}

// echoedPCRPeriod is what MediaLive echoes where a PCR comes with every PES packet.
const echoedPCRPeriod = 40 * time.Millisecond

// trackPIDs cuts PIDs to the number of audio tracks that there can be. It returns nil for the default ones.
func trackPIDs(all []packet.PID) []packet.PID {
	all = all[:min(len(all), m2ts.MaxAudioPIDs)]
	if len(all) == m2ts.MaxAudioPIDs && all[0] == m2ts.FirstAudioPID && all[len(all)-1] == m2ts.LastAudioPID {
		return nil
	}
	return all
}

// sdt reads the service description. LILO always sends its own.
func (p place) sdt(d *types.DvbSdtSettings, s *channel.Spec) {
	if d == nil {
		return
	}
	at := p.at("dvbSdtSettings")
	if d.OutputSdt != types.DvbSdtOutputSdtSdtManual && d.OutputSdt != "" {
		at.at("outputSdt").unsupported("an SDT is always sent, with the channel's name")
		at.handled("serviceName", "serviceProviderName")
		return
	}
	at.handled("outputSdt")
	if name := aws.ToString(d.ServiceName); name != "" {
		s.Name = at.name("serviceName", name, channel.MaxName)
	}
	if name := aws.ToString(d.ServiceProviderName); name != "" {
		s.M2TS.ServiceProvider = at.name("serviceProviderName", name, m2ts.MaxProvider)
	}
	if s.M2TS.ServiceProvider == m2ts.DefaultProvider {
		s.M2TS.ServiceProvider = ""
	}
}

// name returns a name as it can be sent.
func (p place) name(member, text string, most int) string {
	name := setting.Printable(text, most)
	if name == text {
		p.handled(member)
		return name
	}
	p.at(member).unsupported("it is sent as %q: without unprintable characters, %d bytes at most", name, most)
	return name
}
