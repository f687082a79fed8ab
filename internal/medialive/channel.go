package medialive

import (
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/m2ts"
)

// Names in the documents that LILO writes, those of the original sample where it has them.
const (
	attachmentName = "attached-input"
	selectorName   = "audio"
	audioName      = "audio_1"
	groupName      = "RtpStream"
	udpGroup       = "udp" // channel.Scheme.OutputGroup
)

// ChannelRequest returns the request that creates the channel of a spec on AWS,
// with that input and role. What the spec leaves open is as in the original
// sample, the encoder included if Encode is nil, since MediaLive always encodes.
// Options of destinations apply to this machine and are left out. Faults are of
// kind Usage.
func ChannelRequest(s channel.Spec, inputID, roleARN string) (*sdk.CreateChannelInput, error) {
	if err := checkRegion(s.AWS.Filled().Region); err != nil {
		return nil, err
	}
	s.To = slices.Clone(s.To)
	for i := range s.To {
		s.To[i] = s.To[i].WithoutOptions()
	}
	encode, err := encodeOnAWS(s.Encode)
	if err != nil {
		return nil, err
	}
	if err := checkEncoder(encode); err != nil {
		return nil, fault.New(fault.Usage, "encode: %w", err)
	}
	c, err := channelOf(s, &encode, inputID, roleARN)
	if err != nil {
		return nil, err
	}
	if err := accepted(c, inputID); err != nil {
		return nil, err
	}
	return c, nil
}

// accepted reports what MediaLive would answer 422 for, before anything is created.
func accepted(request *sdk.CreateChannelInput, inputID string) error {
	c := new(types.Channel)
	Merge(c, request)
	in := types.Input{Type: types.InputTypeMp4File, InputClass: types.InputClassStandard, Sources: make([]types.InputSource, 2)}
	wrong := Check(c, map[string]types.Input{inputID: in})
	if len(wrong) == 0 {
		return nil
	}
	return fault.New(fault.Usage, "MediaLive does not take the channel: %s: %s", *wrong[0].ElementPath, *wrong[0].ErrorMessage)
}

// LocalChannelRequest returns the request that creates the channel of a spec at
// lilo serve. If Encode is nil the file is played as it is, which the
// descriptions say by having no codec settings.
func LocalChannelRequest(s channel.Spec, inputID string) (*sdk.CreateChannelInput, error) {
	if s.Encode == nil {
		return channelOf(s, nil, inputID, "")
	}
	encode, err := encodeOnAWS(s.Encode)
	if err != nil {
		return nil, err
	}
	return channelOf(s, &encode, inputID, "")
}

func channelOf(s channel.Spec, encode *channel.Encode, inputID, roleARN string) (*sdk.CreateChannelInput, error) {
	if err := checkDestinations(s); err != nil {
		return nil, err
	}
	c := &sdk.CreateChannelInput{
		Name:               new(Name(s)),
		ChannelClass:       types.ChannelClassSinglePipeline,
		InputSpecification: inputSpecification(s.AWS.InputSpecification),
		InputAttachments:   []types.InputAttachment{attachment(inputID)},
		Destinations:       destinations(s),
		LogLevel:           types.LogLevel(s.AWS.Filled().LogLevel),
		Tags:               tags(s),
		EncoderSettings: &types.EncoderSettings{
			TimecodeConfig:    &types.TimecodeConfig{Source: types.TimecodeConfigSourceSystemclock},
			OutputGroups:      []types.OutputGroup{outputGroup(s)},
			VideoDescriptions: []types.VideoDescription{videoDescription(encode)},
			AudioDescriptions: []types.AudioDescription{audioDescription(encode)},
			// MediaLive's default.
			ThumbnailConfiguration: &types.ThumbnailConfiguration{State: types.ThumbnailStateAuto},
		},
	}
	if s.AWS.Standard {
		c.ChannelClass = types.ChannelClassStandard
	}
	if roleARN != "" {
		c.RoleArn = new(roleARN)
	}
	return c, nil
}

func inputSpecification(s channel.InputSpecification) *types.InputSpecification {
	s = s.Or(channel.DefaultInputSpecification())
	return &types.InputSpecification{
		Codec: types.InputCodec(s.Codec), Resolution: types.InputResolution(s.Resolution), MaximumBitrate: types.InputMaximumBitrate(s.MaximumBitrate),
	}
}

// attachment returns an attachment that loops the file. Its audio selector is the first track.
func attachment(inputID string) types.InputAttachment {
	settings := &types.InputSettings{
		SourceEndBehavior: types.InputSourceEndBehaviorLoop,
		AudioSelectors: []types.AudioSelector{{
			Name: new(selectorName),
			SelectorSettings: &types.AudioSelectorSettings{
				AudioTrackSelection: &types.AudioTrackSelection{Tracks: []types.AudioTrack{{Track: new(int32(1))}}},
			},
		}},
	}
	putDefaults(settings, "inputFilter", "filterStrength", "deblockFilter", "denoiseFilter")
	return types.InputAttachment{InputAttachmentName: new(attachmentName), InputId: new(inputID), InputSettings: settings}
}

// checkDestinations checks the destinations against the class and the FEC.
func checkDestinations(s channel.Spec) error {
	switch {
	case len(s.To) == 0:
		return fault.New(fault.Usage, "to: a destination is missing: give rtp://ip:port")
	case s.AWS.Standard && len(s.To)%2 != 0:
		return fault.New(fault.Usage, "to: with two pipelines destinations come in pairs, and %d are given: the last has no partner", len(s.To))
	}
	for i, d := range s.To {
		if s.AWS.Standard && i%2 == 1 && d.Scheme != s.To[i-1].Scheme {
			return fault.New(fault.Usage, "to: %s and %s are a pair of two pipelines: give both the same scheme", s.To[i-1], d)
		}
		if d.Kind().OutputGroup != udpGroup {
			return fault.New(fault.Usage, "to: %s: a MediaLive channel of LILO's cannot send there", d)
		}
		if s.FEC != nil && !d.Kind().RTP {
			return fault.New(fault.Usage, "to: %s: FEC protects RTP only: write rtp://, or leave out fec", d)
		}
	}
	return channel.CheckPorts(s.To, s.FEC)
}

// atPort returns the target of a destination with another port.
func atPort(d channel.Destination, port int) string {
	d.Port = port
	return d.TargetAddress()
}

// pairs returns the destinations of each output: one for each pipeline.
func pairs(s channel.Spec) [][]channel.Destination {
	step := 1
	if s.AWS.Standard {
		step = 2
	}
	var all [][]channel.Destination
	for i := 0; i+step <= len(s.To); i += step {
		all = append(all, s.To[i:i+step])
	}
	return all
}

func destinations(s channel.Spec) []types.OutputDestination {
	var all []types.OutputDestination
	for i, pair := range pairs(s) {
		d := types.OutputDestination{Id: new(destinationID(pair[0], i))}
		for _, to := range pair {
			d.Settings = append(d.Settings, types.OutputDestinationSettings{Url: new(to.String())})
		}
		all = append(all, d)
	}
	return all
}

// destinationID returns app-rtp-output, as in the original sample, then app-rtp-output-2.
func destinationID(d channel.Destination, n int) string {
	return numbered("app-"+d.Scheme+"-output", n)
}

func numbered(name string, n int) string {
	if n == 0 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, n+1)
}

// outputGroup returns a group with an output for every destination, all with the same video and audio.
func outputGroup(s channel.Spec) types.OutputGroup {
	g := types.OutputGroup{
		Name: new(groupName),
		OutputGroupSettings: &types.OutputGroupSettings{
			UdpGroupSettings: &types.UdpGroupSettings{InputLossAction: types.InputLossActionForUdpOutEmitProgram},
		},
	}
	for i, pair := range pairs(s) {
		g.Outputs = append(g.Outputs, types.Output{
			OutputName:            new(numbered(videoName, i)),
			VideoDescriptionName:  new(videoName),
			AudioDescriptionNames: []string{audioName},
			OutputSettings: &types.OutputSettings{UdpOutputSettings: &types.UdpOutputSettings{
				Destination:       &types.OutputLocationRef{DestinationRefId: new(destinationID(pair[0], i))},
				ContainerSettings: &types.UdpContainerSettings{M2tsSettings: container(s)},
				FecOutputSettings: fec(s.FEC),
			}},
		})
	}
	return g
}

// container returns the transport stream of a spec: MediaLive's own where the
// spec says nothing, and a service description with the channel's name.
func container(s channel.Spec) *types.M2tsSettings {
	m := &types.M2tsSettings{RateMode: types.M2tsRateModeCbr}
	if s.Name != "" {
		m.DvbSdtSettings = &types.DvbSdtSettings{
			OutputSdt: types.DvbSdtOutputSdtSdtManual, ServiceName: new(s.Name), ServiceProviderName: new(m2ts.DefaultProvider),
		}
	}
	put(m, m2ts.Fields(), &s.M2TS)
	if s.M2TS.PCRPeriod != 0 {
		m.PcrControl = types.M2tsPcrControlConfiguredPcrPeriod
	}
	if s.MuxRate != 0 {
		m.Bitrate = new(int32(s.MuxRate))
	}
	return m
}

func fec(f *channel.FEC) *types.FecOutputSettings {
	if f == nil {
		return nil
	}
	matrix := new(types.FecOutputSettings)
	put(matrix, channel.FECFields(), f)
	return matrix
}
