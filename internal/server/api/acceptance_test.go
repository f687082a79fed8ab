package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
)

// acceptance are the channels that the acceptance tests of Terraform's aws_medialive_channel
// apply, as what differs from the first of them. INPUT is an input of type UDP_PUSH.
func acceptance() map[string]map[string]string {
	const m2ts = `"containerSettings": {"m2tsSettings": {"audioBufferModel": "ATSC", "bufferModel": "MULTIPLEX", "rateMode": "CBR"`
	aac := `{"name": "a", "audioSelectorName": "a", "codecSettings": {"aacSettings": {"rateControlMode": "CBR"}}}`
	video := func(codec string) string {
		return `{"name": "v", "respondToAfd": "NONE", "sharpness": 100, "scalingBehavior": "DEFAULT", "width": 1280, "height": 720, "codecSettings": {` + codec + `}}`
	}
	return map[string]map[string]string{
		"basic": {
			"ATTACHED": `{"inputAttachmentName": "example-input1", "inputId": "INPUT"}`, "URL": "s3://bucket-%d/test",
			"AUDIO": `{"name": "a", "audioSelectorName": "a"}`, "VIDEO": `{"name": "v"}`, "MORE": ``,
			"GROUP": `"archiveGroupSettings": {"destination": {"destinationRefId": "d"}}`, "NAMES": `"audioDescriptionNames": ["a"],`,
			"OUTPUT": `"archiveOutputSettings": {"nameModifier": "_1", "extension": "m2ts", ` + m2ts + `}}}`,
		},
		"M2TS": {"AUDIO": aac, "OUTPUT": `"archiveOutputSettings": {"nameModifier": "_1", "extension": "m2ts", ` + m2ts +
			`, "audioPids": "200", "dvbSubPids": "300", "aribCaptionsPid": "100", "aribCaptionsPidControl": "AUTO", "videoPid": "101", "fragmentTime": 1.92, "programNum": 1, "segmentationTime": 1.92}}}`},
		"UDP": {"URL": "rtp://127.0.0.1:800%d", "GROUP": `"udpGroupSettings": {"inputLossAction": "DROP_TS"}`, "OUTPUT": `"udpOutputSettings": {"destination": {"destinationRefId": "d"},
			"fecOutputSettings": {"includeFec": "COLUMN_AND_ROW", "columnDepth": 5, "rowLength": 5}, ` + m2ts + `}}}`},
		"Smooth Streaming": {
			"URL": "http://localhost:800%d/path", "GROUP": `"msSmoothGroupSettings": {"audioOnlyTimecodeControl": "USE_CONFIGURED_CLOCK", "destination": {"destinationRefId": "d"}}`,
			"OUTPUT": `"msSmoothOutputSettings": {"nameModifier": "x"}`,
		},
		"audio": {"NAMES": `"audioDescriptionNames": ["a", "b"],`, "AUDIO": `{"name": "a", "audioSelectorName": "a", "codecSettings": {"aacSettings": {"rateControlMode": "CBR", "bitrate": 192000, "sampleRate": 48000}}},
			{"name": "b", "audioSelectorName": "b", "codecSettings": {"ac3Settings": {"bitrate": 384000}}}`},
		"H.264": {"AUDIO": aac, "VIDEO": video(`"h264Settings": {"afdSignaling": "NONE", "colorMetadata": "IGNORE", "adaptiveQuantization": "LOW", "bitrate": 5400000, "bufSize": 10800000,
			"bufFillPct": 90, "entropyEncoding": "CABAC", "flickerAq": "ENABLED", "forceFieldPictures": "DISABLED", "framerateControl": "SPECIFIED", "framerateNumerator": 50, "framerateDenominator": 1,
			"gopBReference": "DISABLED", "gopClosedCadence": 1, "gopNumBFrames": 1, "gopSize": 1.92, "gopSizeUnits": "SECONDS", "subgopLength": "FIXED", "scanType": "PROGRESSIVE", "level": "H264_LEVEL_AUTO",
			"lookAheadRateControl": "HIGH", "numRefFrames": 3, "parControl": "INITIALIZE_FROM_SOURCE", "profile": "HIGH", "rateControlMode": "CBR", "syntax": "DEFAULT", "sceneChangeDetect": "ENABLED",
			"slices": 1, "spatialAq": "ENABLED", "temporalAq": "ENABLED", "timecodeInsertion": "PIC_TIMING_SEI"}`)},
		"H.265": {"AUDIO": aac, "VIDEO": video(`"h265Settings": {"bitrate": 5400000, "bufSize": 20000000, "framerateNumerator": 50, "framerateDenominator": 1, "colorMetadata": "IGNORE",
			"adaptiveQuantization": "LOW", "flickerAq": "ENABLED", "afdSignaling": "FIXED", "fixedAfd": "AFD_0000", "gopClosedCadence": 1, "gopSize": 1.92, "gopSizeUnits": "SECONDS", "minIInterval": 6,
			"mvOverPictureBoundaries": "ENABLED", "mvTemporalPredictor": "ENABLED", "scanType": "PROGRESSIVE", "level": "H265_LEVEL_AUTO", "lookAheadRateControl": "HIGH", "profile": "MAIN_10BIT",
			"rateControlMode": "CBR", "sceneChangeDetect": "ENABLED", "slices": 2, "tier": "HIGH", "tileHeight": 64, "tilePadding": "PADDED", "tileWidth": 256, "timecodeInsertion": "DISABLED",
			"colorSpaceSettings": {"hdr10Settings": {"maxCll": 16, "maxFall": 16}}, "filterSettings": {"temporalFilterSettings": {"postFilterSharpening": "AUTO", "strength": "STRENGTH_1"}},
			"timecodeBurninSettings": {"fontSize": "SMALL_16", "position": "BOTTOM_CENTER", "prefix": "test"}, "treeblockSize": "AUTO"}`)},
		"HLS": {"GROUP": `"hlsGroupSettings": {"destination": {"destinationRefId": "d"}, "clientCache": "ENABLED"}`, "OUTPUT": `"hlsOutputSettings": {"nameModifier": "_1", "h265PackagingType": "HVC1",
			"hlsSettings": {"standardHlsSettings": {"m3u8Settings": {"audioFramesPerPes": 4}}}}`},
		"no audio": {"AUDIO": ``, "NAMES": ``},
		"captions": {
			"ATTACHED": `{"inputAttachmentName": "example-input1", "inputId": "INPUT", "inputSettings": {"captionSelectors": [{"name": "c"},
				{"name": "t", "selectorSettings": {"teletextSourceSettings": {"pageNumber": "100"}}}], "audioSelectors": [{"name": "a"}]}}`,
			"NAMES": `"audioDescriptionNames": ["a"], "captionDescriptionNames": ["dvb", "teletext"],`,
			"MORE": `"captionDescriptions": [{"name": "dvb", "captionSelectorName": "c", "destinationSettings": {"dvbSubDestinationSettings": {"fontResolution": 100}}},
				{"name": "teletext", "captionSelectorName": "t", "destinationSettings": {"teletextDestinationSettings": {}}}],`,
		},
	}
}

// acceptanceChannel returns the channel of an acceptance test.
func acceptanceChannel(name, input string) (*sdk.CreateChannelInput, error) {
	all := acceptance()
	values := maps.Clone(all["basic"])
	maps.Copy(values, all[name])
	words := []string{"URL0", fmt.Sprintf(values["URL"], 0), "URL1", fmt.Sprintf(values["URL"], 1)}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		words = append(words, key, strings.ReplaceAll(values[key], "INPUT", input))
	}
	text := strings.NewReplacer(words...).Replace(`{"name": "tf", "channelClass": "STANDARD", "roleArn": "arn:aws:iam::123456789012:role/tf",
		"inputSpecification": {"codec": "AVC", "resolution": "HD", "maximumBitrate": "MAX_20_MBPS"}, "inputAttachments": [ATTACHED], "tags": {"Name": "x"},
		"destinations": [{"id": "d", "settings": [{"url": "URL0", "username": "", "passwordParam": "", "streamName": ""}, {"url": "URL1", "username": "", "passwordParam": "", "streamName": ""}]}],
		"encoderSettings": {"timecodeConfig": {"source": "EMBEDDED"}, "audioDescriptions": [AUDIO], "videoDescriptions": [VIDEO], MORE
			"outputGroups": [{"outputGroupSettings": {GROUP}, "outputs": [{"outputName": "o", "videoDescriptionName": "v", NAMES "outputSettings": {OUTPUT}}]}]}}`)
	in := new(sdk.CreateChannelInput)
	return in, medialive.Unmarshal([]byte(text), in)
}

// provider makes the calls of Terraform's provider: it tolerates no state but the one that
// it waits for and that which leads there, and takes DELETED for not found.
type provider struct{ *sdk.Client }

var errGone = errors.New("it is gone")

// read returns a channel, as a refresh and an import do.
func (p provider) read(ctx context.Context, id *string) (*sdk.DescribeChannelOutput, error) {
	out, err := p.DescribeChannel(ctx, &sdk.DescribeChannelInput{ChannelId: id})
	if gone := (*types.NotFoundException)(nil); errors.As(err, &gone) || err == nil && out.State == types.ChannelStateDeleted {
		return nil, errGone
	}
	return out, err
}

// await waits until a channel has a state, "" for gone.
func (p provider) await(ctx context.Context, id *string, pending, target types.ChannelState) error {
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(shortly) {
		out, err := p.read(ctx, id)
		switch {
		case errors.Is(err, errGone) && target == "":
			return nil
		case err != nil:
			return err
		case out.State == target:
			return nil
		case out.State != pending:
			return fmt.Errorf("it is %s and not %s, on its way to %s", out.State, pending, target)
		}
	}
	return fmt.Errorf("it does not become %s", target)
}

func (p provider) create(ctx context.Context, in *sdk.CreateChannelInput, start bool) (*string, error) {
	in.RequestId = aws.String(fmt.Sprint("terraform-", time.Now().UnixNano()))
	out, err := p.CreateChannel(ctx, in)
	if err != nil {
		return nil, err
	}
	in.RequestId = nil // It is not part of the channel.
	if err = p.await(ctx, out.Channel.Id, types.ChannelStateCreating, types.ChannelStateIdle); err == nil && start {
		err = p.start(ctx, out.Channel.Id)
	}
	return out.Channel.Id, err
}

func (p provider) start(ctx context.Context, id *string) error {
	_, err := p.StartChannel(ctx, &sdk.StartChannelInput{ChannelId: id})
	return then(err, func() error { return p.await(ctx, id, types.ChannelStateStarting, types.ChannelStateRunning) })
}

func (p provider) stop(ctx context.Context, id *string) error {
	_, err := p.StopChannel(ctx, &sdk.StopChannelInput{ChannelId: id})
	return then(err, func() error { return p.await(ctx, id, types.ChannelStateStopping, types.ChannelStateIdle) })
}

// update changes a channel, which it stops before, and starts again.
func (p provider) update(ctx context.Context, in *sdk.UpdateChannelInput, start bool) error {
	now, err := p.read(ctx, in.ChannelId)
	if err == nil && now.State == types.ChannelStateRunning {
		err = p.stop(ctx, in.ChannelId)
	}
	if err == nil {
		_, err = p.UpdateChannel(ctx, in)
	}
	if err == nil {
		err = p.await(ctx, in.ChannelId, types.ChannelStateUpdating, types.ChannelStateIdle)
	}
	if err == nil && start {
		err = p.start(ctx, in.ChannelId)
	}
	return err
}

func (p provider) destroy(ctx context.Context, id *string) error {
	now, err := p.read(ctx, id)
	if err == nil && now.State == types.ChannelStateRunning {
		err = p.stop(ctx, id)
	}
	if err == nil {
		_, err = p.DeleteChannel(ctx, &sdk.DeleteChannelInput{ChannelId: id})
	}
	return then(err, func() error { return p.await(ctx, id, types.ChannelStateDeleting, "") })
}

// then returns err, or what next returns if there is none.
func then(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

// same reports what of a channel is not read back as it was applied.
func (p provider) same(ctx context.Context, id *string, want *sdk.CreateChannelInput) error {
	got, err := p.read(ctx, id)
	if err != nil {
		return err
	}
	tags, err := p.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceArn: got.Arn})
	if err != nil || !maps.Equal(tags.Tags, want.Tags) {
		return fmt.Errorf("the tags are %v, %w", tags, err)
	}
	return different(want, got)
}

// lifecycle takes one channel through what the acceptance tests do with it: apply, plan,
// import, start, change while it runs, replace for another class, delete behind
// Terraform's back, destroy.
func (p provider) lifecycle(ctx context.Context, want *sdk.CreateChannelInput) error {
	id, err := p.create(ctx, want, false)
	steps := []func() error{
		func() error { return p.same(ctx, id, want) },
		func() error { return p.update(ctx, &sdk.UpdateChannelInput{ChannelId: id}, true) }, // start_channel = true
		func() error { return p.same(ctx, id, want) },
		func() error {
			want.Name, want.EncoderSettings.VideoDescriptions[0].Sharpness = aws.String("tf-updated"), aws.Int32(70)
			return p.update(ctx, &sdk.UpdateChannelInput{ChannelId: id, Name: want.Name, EncoderSettings: want.EncoderSettings}, true)
		},
		func() error { return p.same(ctx, id, want) },
		func() error { return p.stop(ctx, id) },
		func() error { return p.destroy(ctx, id) }, // Another class is another channel.
		func() (err error) {
			want.ChannelClass, want.Destinations[0].Settings = types.ChannelClassSinglePipeline, want.Destinations[0].Settings[:1]
			id, err = p.create(ctx, want, true)
			return err
		},
		func() error { return p.same(ctx, id, want) },
		func() error { return p.destroy(ctx, id) },
		func() error {
			if _, err := p.read(ctx, id); !errors.Is(err, errGone) {
				return fmt.Errorf("a channel that was deleted is read: %w", err)
			}
			return nil
		},
	}
	for i, step := range steps {
		if err == nil {
			if err = step(); err != nil {
				err = fmt.Errorf("step %d: %w", i, err)
			}
		}
	}
	return err
}

// The channels of Terraform's acceptance tests live side by side.
func TestAcceptanceTestsOfTerraform(t *testing.T) {
	p := provider{client(serve(t, Options{}).URL)}
	group, err := p.CreateInputSecurityGroup(t.Context(), &sdk.CreateInputSecurityGroupInput{WhitelistRules: []types.InputWhitelistRuleCidr{{Cidr: aws.String("10.0.0.8/32")}}})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for name := range acceptance() {
		in, err := p.CreateInput(t.Context(), &sdk.CreateInputInput{Name: aws.String(name), Type: types.InputTypeUdpPush, InputSecurityGroups: []string{*group.SecurityGroup.Id}})
		if err != nil {
			t.Fatal(err)
		}
		want, err := acceptanceChannel(name, *in.Input.Id)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all.Go(func() {
			if err := p.lifecycle(t.Context(), want); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	all.Wait()
}

// A multiplex is refused as what it is, so that an apply fails with a reason.
func TestMultiplexesOfTerraform(t *testing.T) {
	p := provider{client(serve(t, Options{}).URL)}
	_, err := p.CreateMultiplex(t.Context(), &sdk.CreateMultiplexInput{
		Name: aws.String("m"), AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"}, RequestId: aws.String("1"),
		MultiplexSettings: &types.MultiplexSettings{TransportStreamBitrate: aws.Int32(1_000_000), TransportStreamId: aws.Int32(1)},
	})
	if refused := (*types.ForbiddenException)(nil); !errors.As(err, &refused) || !strings.Contains(refused.ErrorMessage(), "CreateMultiplex is not served here") {
		t.Errorf("a multiplex: %v", err)
	}
	_, err = p.CreateMultiplexProgram(t.Context(), &sdk.CreateMultiplexProgramInput{
		MultiplexId: aws.String("1"), ProgramName: aws.String("p"), RequestId: aws.String("2"), MultiplexProgramSettings: &types.MultiplexProgramSettings{ProgramNumber: aws.Int32(1)},
	})
	if refused := (*types.BadRequestException)(nil); !errors.As(err, &refused) {
		t.Errorf("a program: %v", err)
	}
	if all, err := p.ListMultiplexes(t.Context(), &sdk.ListMultiplexesInput{}); err != nil || len(all.Multiplexes) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

// Inputs and security groups are applied, tagged, changed, imported, and deleted behind
// Terraform's back.
func TestInputsOfTerraform(t *testing.T) {
	p, check := provider{client(serve(t, Options{}).URL)}, must[any](t)
	ctx := t.Context()
	made, err := p.CreateInputSecurityGroup(ctx, &sdk.CreateInputSecurityGroupInput{WhitelistRules: []types.InputWhitelistRuleCidr{{Cidr: aws.String("10.0.0.8/32")}}, Tags: map[string]string{"key1": "value1"}})
	if err != nil {
		t.Fatal(err)
	}
	group := made.SecurityGroup
	read := func() *sdk.DescribeInputSecurityGroupOutput {
		t.Helper()
		got, err := p.DescribeInputSecurityGroup(ctx, &sdk.DescribeInputSecurityGroupInput{InputSecurityGroupId: group.Id})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := read(); got.State != types.InputSecurityGroupStateIdle || *got.WhitelistRules[0].Cidr != "10.0.0.8/32" || got.Tags["key1"] != "value1" {
		t.Errorf("the group is %+v", got)
	}
	check(p.UpdateInputSecurityGroup(ctx, &sdk.UpdateInputSecurityGroupInput{InputSecurityGroupId: group.Id, WhitelistRules: []types.InputWhitelistRuleCidr{{Cidr: aws.String("10.2.0.0/16")}}}))
	check(p.CreateTags(ctx, &sdk.CreateTagsInput{ResourceArn: group.Arn, Tags: map[string]string{"key2": "value2"}}))
	check(p.DeleteTags(ctx, &sdk.DeleteTagsInput{ResourceArn: group.Arn, TagKeys: []string{"key1"}}))
	if got := read(); *got.WhitelistRules[0].Cidr != "10.2.0.0/16" || len(got.WhitelistRules) != 1 || !maps.Equal(got.Tags, map[string]string{"key2": "value2"}) {
		t.Errorf("the group becomes %+v", got)
	}

	in, err := p.CreateInput(ctx, &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeUdpPush, InputSecurityGroups: []string{*group.Id}, Tags: map[string]string{"Name": "x"}, RequestId: aws.String("1")})
	if err != nil {
		t.Fatal(err)
	}
	describe := &sdk.DescribeInputInput{InputId: in.Input.Id}
	got, err := p.DescribeInput(ctx, describe)
	if err != nil || got.State != types.InputStateDetached || got.InputClass != types.InputClassStandard || len(got.Destinations) != 2 || got.SecurityGroups[0] != *group.Id || *got.Name != "in" {
		t.Errorf("the input is %+v, %v", got, err)
	}
	if state := read().State; state != types.InputSecurityGroupStateInUse {
		t.Errorf("the group of an input is %s", state)
	}
	check(p.UpdateInput(ctx, &sdk.UpdateInputInput{InputId: in.Input.Id, Name: aws.String("renamed")}))
	if got, err := p.DescribeInput(ctx, describe); err != nil || *got.Name != "renamed" || got.Tags["Name"] != "x" {
		t.Errorf("the input becomes %+v, %v", got, err)
	}
	check(p.DeleteInput(ctx, &sdk.DeleteInputInput{InputId: in.Input.Id}))
	if got, err := p.DescribeInput(ctx, describe); err != nil || got.State != types.InputStateDeleted {
		t.Errorf("a deleted input is %+v, %v", got, err)
	}
	check(p.DeleteInputSecurityGroup(ctx, &sdk.DeleteInputSecurityGroupInput{InputSecurityGroupId: group.Id}))
	gone, err := p.DescribeInputSecurityGroup(ctx, &sdk.DescribeInputSecurityGroupInput{InputSecurityGroupId: group.Id})
	if absent := (*types.NotFoundException)(nil); !errors.As(err, &absent) && (err != nil || gone.State != types.InputSecurityGroupStateDeleted) {
		t.Errorf("a deleted group is %+v, %v", gone, err)
	}
}

// ensure makes the calls of a module of Ansible's that has no state of its own: it finds a
// channel by its name in the pages of the list, compares it with what is wanted, and creates
// or changes it. It reports whether it changed anything.
func (p provider) ensure(ctx context.Context, want *sdk.CreateChannelInput) (id *string, changed bool, err error) {
	if id, err = p.find(ctx, *want.Name); err != nil {
		return nil, false, err
	}
	if id == nil {
		id, err = p.create(ctx, want, false)
		return id, true, err
	}
	now, err := p.read(ctx, id)
	if err != nil || different(want, now) == nil {
		return id, false, err
	}
	change := &sdk.UpdateChannelInput{ChannelId: id}
	medialive.Merge(change, want)
	return id, true, p.update(ctx, change, false)
}

// find returns the id of the channel with a name, nil if there is none.
func (p provider) find(ctx context.Context, name string) (*string, error) {
	pages := sdk.NewListChannelsPaginator(p.Client, &sdk.ListChannelsInput{MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Channels {
			if *c.Name == name && c.State != types.ChannelStateDeleted {
				return c.Id, nil
			}
		}
	}
	return nil, nil //nolint:nilnil // There is none.
}

// What Ansible's modules ensure twice is changed once.
func TestSequencesOfAnsible(t *testing.T) {
	p, ctx := provider{client(serve(t, Options{}).URL)}, t.Context()
	group, err := p.CreateInputSecurityGroup(ctx, &sdk.CreateInputSecurityGroupInput{})
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(acceptance()))
	want := map[string]*sdk.CreateChannelInput{}
	for _, name := range names {
		in, err := p.CreateInput(ctx, &sdk.CreateInputInput{Name: &name, Type: types.InputTypeRtpPush, InputSecurityGroups: []string{*group.SecurityGroup.Id}})
		if err != nil {
			t.Fatal(err)
		}
		if want[name], err = acceptanceChannel(name, *in.Input.Id); err != nil {
			t.Fatal(err)
		}
		want[name].Name = &name
	}
	ensure := func(name string, wanted bool) (id *string) {
		t.Helper()
		id, changed, err := p.ensure(ctx, want[name])
		if err != nil || changed != wanted {
			t.Errorf("%s: changed %v, want %v, %v", name, changed, wanted, err)
		}
		return id
	}
	for _, name := range names {
		ensure(name, true)
	}
	for _, name := range names {
		ensure(name, false)
	}
	name := names[len(names)-1]
	want[name].EncoderSettings.OutputGroups[0].Outputs[0].OutputName = aws.String("other")
	ensure(name, true)
	id := ensure(name, false)
	// started, and absent, while it runs
	for _, step := range []func(context.Context, *string) error{p.start, p.destroy} {
		if err := step(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if id, err := p.find(ctx, name); id != nil || err != nil {
		t.Errorf("a channel that is gone is found: %v, %v", id, err)
	}
	if again := ensure(name, true); *again == *id {
		t.Error("the channel is the same again")
	}
}
