package medialive

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/packet"
)

// destinations checks the destinations by themselves.
func (k *checker) destinations(c *types.Channel) {
	ids := make(map[string]bool)
	for i, d := range c.Destinations {
		path := fmt.Sprintf("/destinations/%d/id", i)
		if aws.ToString(d.Id) == "" {
			k.add(path, "id is required")
		}
		k.unique(path, "Destination id", aws.ToString(d.Id), ids)
	}
}

// encoder checks output groups, outputs and descriptions against one another.
func (k *checker) encoder(c *types.Channel) {
	const path = "/encoderSettings"
	e := c.EncoderSettings
	if len(e.OutputGroups) == 0 {
		k.add(path+"/outputGroups", "At least one output group is required")
	}
	k.descriptions(e)
	outputs := make(map[string]bool)
	sent := &sending{used: make(map[string]string), at: make(map[string]string)}
	for g, group := range e.OutputGroups {
		at := fmt.Sprintf("%s/outputGroups/%d", path, g)
		kind := strings.TrimSuffix(k.one(at+"/outputGroupSettings", group.OutputGroupSettings, "the settings of one kind of output group"), "GroupSettings")
		if len(group.Outputs) == 0 {
			k.add(at+"/outputs", "At least one output is required")
		}
		for o, output := range group.Outputs {
			here := fmt.Sprintf("%s/outputs/%d", at, o)
			k.unique(here+"/outputName", "Output name", aws.ToString(output.OutputName), outputs)
			k.output(here, e, output)
			k.kind(here+"/outputSettings", kind, output)
			if kind == udpGroup && output.OutputSettings != nil && output.OutputSettings.UdpOutputSettings != nil {
				k.udp(here+"/outputSettings/udpOutputSettings", c, udpOf(output), sent)
			}
		}
	}
}

// kind checks that an output is of the kind of its group.
func (k *checker) kind(path, group string, output types.Output) {
	if output.OutputSettings == nil {
		return
	}
	kind := strings.TrimSuffix(k.one(path, output.OutputSettings, "the settings of one kind of output"), "OutputSettings")
	if kind != "" && group != "" && kind != group {
		k.add(path, "Output settings of the kind %s do not belong in an output group of the kind %s", kind, group)
	}
}

// output checks that the descriptions which an output names exist.
func (k *checker) output(path string, e *types.EncoderSettings, output types.Output) {
	video, audios := find(e, output)
	if name := aws.ToString(output.VideoDescriptionName); name != "" && video < 0 {
		k.add(path+"/videoDescriptionName", "Video description %q does not exist", name)
	}
	if len(audios) < len(output.AudioDescriptionNames) {
		for i, name := range output.AudioDescriptionNames {
			if !slices.ContainsFunc(e.AudioDescriptions, func(d types.AudioDescription) bool { return aws.ToString(d.Name) == name }) {
				k.add(fmt.Sprintf("%s/audioDescriptionNames/%d", path, i), "Audio description %q does not exist", name)
			}
		}
	}
	for i, name := range output.CaptionDescriptionNames {
		if !slices.ContainsFunc(e.CaptionDescriptions, func(d types.CaptionDescription) bool { return aws.ToString(d.Name) == name }) {
			k.add(fmt.Sprintf("%s/captionDescriptionNames/%d", path, i), "Caption description %q does not exist", name)
		}
	}
	if aws.ToString(output.VideoDescriptionName) == "" && len(output.AudioDescriptionNames) == 0 && len(output.CaptionDescriptionNames) == 0 {
		k.add(path, "An output needs a video, an audio or a caption description")
	}
}

// sending has what the outputs of a channel have taken so far.
type sending struct {
	used map[string]string // destination id → path of the output
	at   map[string]string // pipeline and address → path of the output
}

// udp checks a UDP output against the destinations.
func (k *checker) udp(path string, c *types.Channel, udp *types.UdpOutputSettings, sent *sending) {
	if udp.ContainerSettings != nil && udp.ContainerSettings.M2tsSettings == nil {
		k.add(path+"/containerSettings/m2tsSettings", "m2tsSettings is required")
	}
	if udp.ContainerSettings != nil && udp.ContainerSettings.M2tsSettings != nil {
		k.m2ts(path+"/containerSettings/m2tsSettings", udp.ContainerSettings.M2tsSettings)
	}
	k.fec(path+"/fecOutputSettings", udp.FecOutputSettings)
	if udp.Destination == nil {
		return // The model requires it.
	}
	at, id := path+"/destination/destinationRefId", aws.ToString(udp.Destination.DestinationRefId)
	i := slices.IndexFunc(c.Destinations, func(d types.OutputDestination) bool { return aws.ToString(d.Id) == id })
	switch {
	case id == "":
		k.add(at, "An output needs a destination")
	case i < 0:
		k.add(at, "Destination %q does not exist", id)
	case sent.used[id] != "":
		k.add(at, "Destination %q is used by another output: %s", id, sent.used[id])
	default:
		sent.used[id] = path
		k.urls(fmt.Sprintf("/destinations/%d/settings", i), c, c.Destinations[i], udp.FecOutputSettings, sent)
	}
}

// urls checks that there is one address for each pipeline, which no other output has.
func (k *checker) urls(path string, c *types.Channel, d types.OutputDestination, f *types.FecOutputSettings, sent *sending) {
	if len(d.Settings) != pipelinesOf(c) {
		k.add(path, "Destination %q has %d URLs: a channel of the class %s needs %d", aws.ToString(d.Id), len(d.Settings), classOf(c), pipelinesOf(c))
	}
	for n, s := range d.Settings {
		at := fmt.Sprintf("%s/%d/url", path, n)
		to, err := channel.ParseDestination(aws.ToString(s.Url))
		if err != nil {
			k.add(at, "%v", err)
			continue
		}
		if to.Kind().OutputGroup != udpGroup {
			k.add(at, "%s: a UDP output group does not send there", aws.ToString(s.Url))
		}
		if f != nil && !to.Kind().RTP {
			k.add(at, "%s: forward error correction needs rtp://", aws.ToString(s.Url))
		}
		for _, port := range portsOf(to, f) {
			address := fmt.Sprintf("%s:%d", to.Host, port)
			if sent.at[address] != "" {
				k.add(at, "%s is sent to already: %s", address, sent.at[address])
			}
			sent.at[address] = at
		}
	}
}

func classOf(c *types.Channel) string {
	if c.ChannelClass == "" {
		return string(types.ChannelClassStandard)
	}
	return string(c.ChannelClass)
}

func portsOf(d channel.Destination, f *types.FecOutputSettings) []int {
	if f == nil {
		return []int{d.Port}
	}
	return ports(channel.Spec{AWS: channel.AWS{FEC: &channel.FEC{IncludeFec: string(f.IncludeFec)}}}, d)
}

// fec checks that rows have at least four packets where they are sent (SMPTE 2022-1).
func (k *checker) fec(path string, f *types.FecOutputSettings) {
	if f == nil {
		return
	}
	if f.IncludeFec == types.FecOutputIncludeFecColumnAndRow && f.RowLength != nil && *f.RowLength < 4 {
		k.add(path+"/rowLength", "%d: it must be from 4 to 20 with COLUMN_AND_ROW", *f.RowLength)
	}
}

// m2ts checks that PIDs are valid, and that no two streams share one.
func (k *checker) m2ts(path string, m *types.M2tsSettings) {
	taken := make(map[packet.PID]string)
	take := func(member string, given *string, def string) {
		for _, pid := range k.pids(path+"/"+member, cmp.Or(aws.ToString(given), def)) {
			if other := taken[pid]; other != "" {
				k.add(path+"/"+member, "PID %d is used by %s", pid, other)
				return
			}
			taken[pid] = member
		}
	}
	take("pmtPid", m.PmtPid, fmt.Sprint(m2ts.DefaultPMTPID))
	take("videoPid", m.VideoPid, fmt.Sprint(m2ts.DefaultVideoPID))
	take("audioPids", m.AudioPids, fmt.Sprintf("%d-%d", m2ts.FirstAudioPID, m2ts.LastAudioPID))
	if m.Scte35Control == types.M2tsScte35ControlPassthrough {
		take("scte35Pid", m.Scte35Pid, "500")
	}
	if m.TimedMetadataBehavior == types.M2tsTimedMetadataBehaviorPassthrough {
		take("timedMetadataPid", m.TimedMetadataPid, "502")
	}
	if m.Klv == types.M2tsKlvPassthrough {
		take("klvDataPids", m.KlvDataPids, "501")
	}
	for _, pid := range k.pids(path+"/pcrPid", aws.ToString(m.PcrPid)) {
		if taken[pid] == "pmtPid" {
			k.add(path+"/pcrPid", "PID %d is used by pmtPid", pid)
		}
	}
	if n := aws.ToInt32(m.Bitrate); n > 0 && (int64(n) < channel.MinMuxRate || int64(n) > channel.MaxMuxRate) {
		k.add(path+"/bitrate", "%d: it must be 0 or from %d to %d", n, channel.MinMuxRate, channel.MaxMuxRate)
	}
}

func (k *checker) pids(path, text string) []packet.PID {
	if text == "" {
		return nil
	}
	all, err := m2ts.ParsePIDs(text)
	if err != nil {
		k.add(path, "%q: PIDs must be from %d (0x20) to %d (0x1ff6)", text, m2ts.MinPID, m2ts.MaxPID)
	}
	return all
}
