package medialive

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/packet"
)

// made returns the channel and the input that the requests create.
func made(t *testing.T, in *sdk.CreateInputInput, request *sdk.CreateChannelInput) (*types.Channel, map[string]types.Input) {
	t.Helper()
	text, err := Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var input types.Input
	if err := Unmarshal(text, &input); err != nil {
		t.Fatal(err)
	}
	input.Id, input.InputClass = new("1234567"), types.InputClassSinglePipeline
	if len(input.Sources) > 1 {
		input.InputClass = types.InputClassStandard
	}
	return described(t, request), map[string]types.Input{"1234567": input}
}

// both returns the documents of a spec on AWS.
func both(t *testing.T, s channel.Spec) (*types.Channel, map[string]types.Input) {
	t.Helper()
	in, err := InputRequest(s)
	if err != nil {
		t.Fatal(err)
	}
	request, err := ChannelRequest(s, "1234567", "arn:aws:iam::123456789012:role/R")
	if err != nil {
		t.Fatal(err)
	}
	return made(t, in, request)
}

// TestWhatWasWrittenIsReadBack makes documents of random specs and reads the
// same specs back, as they are and with the defaults filled in; nothing of what
// LILO writes is left unhonoured.
func TestWhatWasWrittenIsReadBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		s := randomSpec(random)
		c, inputs := both(t, s)
		if wrong := Check(c, inputs); wrong != nil {
			t.Fatalf("%+v: %s", s, shownErrors(wrong))
		}
		c.Arn = new("arn:aws:medialive:" + s.AWS.Region + ":123456789012:channel:1")
		p, err := Read(c, inputs, nil)
		if err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		if got, want := p.Spec(), canonical(s); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v %+v\nwant %+v %+v", got, got.Encode, want, want.Encode)
		}
		honoured(t, p)
		c = completed(c)
		if wrong := Check(c, inputs); wrong != nil {
			t.Fatalf("%+v: %s", s, shownErrors(wrong))
		}
		p, err = Read(c, inputs, nil)
		if err != nil {
			t.Fatalf("%+v completed: %v", s, err)
		}
		honoured(t, p)
	}
}

func honoured(t *testing.T, p Channel) {
	t.Helper()
	for _, u := range p.Unsupported {
		t.Errorf("%s: %s", u.Path, u.Text)
	}
}

// canonical returns a spec as its document says it: s3:// as s3ssl://, and the
// sample's encoder for none.
func canonical(s channel.Spec) channel.Spec {
	s.Source = secured(s.Source)
	if s.Encode == nil {
		sample, _ := channel.Preset("lilo")
		s.Encode = &sample
	}
	return s
}

func randomSpec(r *rand.Rand) channel.Spec {
	s := plain()
	s.Name = []string{"News", "Télé & <Radio>", "a"}[r.IntN(3)]
	s.Source = []string{"s3://films/a b/news.mp4", "s3ssl://films/news.mp4", "https://host.example/news.mp4?x=1"}[r.IntN(3)]
	s.AWS.Stack, s.AWS.Customer, s.AWS.Project = "Prod", "Acme", "Loop"
	s.AWS.Region = []string{"eu-west-1", "eusc-de-east-1"}[r.IntN(2)]
	s.AWS.LogLevel = channel.LogLevels()[r.IntN(5)]
	s.AWS.Standard = r.IntN(2) == 0
	scheme := []string{"udp", "rtp"}[r.IntN(2)]
	s.To = nil
	for range 2 * (1 + r.IntN(3)) {
		s.To = append(s.To, to(fmt.Sprintf("%s://192.0.2.%d:%d", scheme, 1+len(s.To), 5000+r.IntN(1000))))
	}
	if scheme == "rtp" && r.IntN(2) == 0 {
		s.FEC = &channel.FEC{IncludeFec: channel.FECColumnAndRow, ColumnDepth: 4 + r.IntN(17), RowLength: 4 + r.IntN(17)}
	}
	if r.IntN(2) == 0 {
		s.MuxRate = 1_000_000 + r.Int64N(100_000_000)
	}
	if r.IntN(2) == 0 {
		s.M2TS = randomM2TS(r)
	}
	if e := randomEncode(r); e != nil {
		s.Encode = e
	}
	return s
}

func randomM2TS(r *rand.Rand) m2ts.Layout {
	ms := func(low, high int) time.Duration { return time.Duration(low+r.IntN(high-low+1)) * time.Millisecond }
	m := m2ts.Layout{PMTPID: 100, VideoPID: 101, AudioPIDs: []packet.PID{103, 102}, ServiceProvider: "Acme"}
	if r.IntN(2) == 0 {
		m.ProgramNum, m.TransportStreamID, m.PCRPID, m.AudioFramesPerPES = uint16(1+r.IntN(65535)), uint16(1+r.IntN(65535)), 104, 1+r.IntN(8)
	}
	if r.IntN(2) == 0 {
		m.PCRPeriod, m.PATInterval, m.PMTInterval, m.SDTInterval = ms(10, 100), ms(10, 1000), ms(10, 1000), ms(25, 2000)
	}
	return m
}

// randomEncode returns settings that MediaLive has words for, or nil.
func randomEncode(r *rand.Rand) *channel.Encode {
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	sound := pick("", ",audio.codec=AC3,audio.bitrate=384k,audio.codingMode=5_1", ",audio.codec=MP2,audio.bitrate=192k,audio.sampleRate=32000",
		",audio.codec=AAC,audio.codingMode=1_0,audio.languageCode=eng")
	shape := pick("", ",width=1280,height=720", ",width=720,height=576,scanType=INTERLACED")
	how := pick("", "lilo",
		"avc,bitrate=3M,gopSize=25,framerate=25"+shape+sound,
		"avc,bitrate=3M,maxBitrate=5M,gopNumBFrames=0,gopBReference=ENABLED,level=4.1"+shape+sound,
		"avc,maxBitrate=5M,qvbrQualityLevel=3,profile=BASELINE,numRefFrames=4"+sound,
		"avc,maxBitrate=5M,profile=HIGH,entropyEncoding=CAVLC,gopSize=1.5,gopSizeUnits=SECONDS,sceneChangeDetect=ENABLED"+shape+sound,
		"hevc,framerate=30000/1001,bitrate=3M,rateControlMode=CBR,profile=MAIN_10BIT,level=5.1,width=640,height=360"+sound,
		"hevc,framerate=50,maxBitrate=4M,profile=MAIN"+sound,
		"mpeg2,framerate=30000/1001,gopSize=15,gopNumBFrames=1"+strings.Replace(shape, "width=1280,height=720", "width=704,height=480", 1)+sound,
	)
	if how == "" {
		return nil
	}
	var s channel.Spec
	if err := s.Set("encode", how); err != nil {
		panic(err)
	}
	return s.Encode
}

// TestCopyIsReadBack reads the documents of `lilo serve`, which copies.
func TestCopyIsReadBack(t *testing.T) {
	s := plain()
	s.Source, s.To = "/films/a b%20c.mp4", []channel.Destination{to("udp://239.1.1.1:5000?ttl=4&pkt=3")}
	in, err := LocalInputRequest(s)
	if err != nil {
		t.Fatal(err)
	}
	request, err := LocalChannelRequest(s, "1234567")
	if err != nil {
		t.Fatal(err)
	}
	c, inputs := made(t, in, request)
	for range 2 {
		p, err := Read(c, inputs, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Spec(); got.Source != s.Source || got.Encode != nil || !reflect.DeepEqual(got.To, s.To) || got.Name != s.Name || p.Once {
			t.Errorf("got %+v", got)
		}
		honoured(t, p)
		c = completed(c)
	}
}

// TestUnsupported changes the default channel and looks what is told of it.
func TestUnsupported(t *testing.T) {
	const (
		video = "/encoderSettings/videoDescriptions/0"
		h264  = video + "/codecSettings/h264Settings"
		audio = "/encoderSettings/audioDescriptions/0"
		out   = "/encoderSettings/outputGroups/0/outputs/0"
		m2ts  = out + "/outputSettings/udpOutputSettings/containerSettings/m2tsSettings"
		in    = "/inputAttachments/0/inputSettings"
	)
	cases := []struct{ name, change, want string }{
		{"nothing", `{}`, ""},
		{
			"HLS beside", `{"encoderSettings": {"outputGroups": [{}, {"name": "h", "outputGroupSettings": {"hlsGroupSettings": {"segmentLength": 2}}, "outputs": [{}]}]}}`,
			"/encoderSettings/outputGroups/1/outputGroupSettings/hlsGroupSettings: outputs of the kind hls are not sent: only those of UDP groups are (rtp:// and udp://)",
		},
		{
			"captions", `{"encoderSettings": {"captionDescriptions": [{"name": "c", "captionSelectorName": "s"}]}}`,
			"/encoderSettings/captionDescriptions: no captions are made; those within the video stay unless it is encoded",
		},
		{"graphics", `{"encoderSettings": {"motionGraphicsConfiguration": {"motionGraphicsInsertion": "ENABLED"}}}`, "/encoderSettings/motionGraphicsConfiguration: no graphics are drawn"},
		{"graphics, off", `{"encoderSettings": {"motionGraphicsConfiguration": {"motionGraphicsInsertion": "DISABLED"}}}`, ""},
		{"VBR multiplex", patch(m2ts, `{"rateMode": "VBR"}`), m2ts + "/rateMode: the rate of the stream is constant, as low as it can be"},
		{"SCTE-35", patch(m2ts, `{"scte35Control": "PASSTHROUGH", "scte35Pid": "600"}`), m2ts + "/scte35Control: the transport stream has nothing like it"},
		{"SDT", patch(m2ts, `{"dvbSdtSettings": {"outputSdt": "SDT_NONE"}}`), m2ts + "/dvbSdtSettings/outputSdt: an SDT is always sent, with the channel's name"},
		{"NIT", patch(m2ts, `{"dvbNitSettings": {"networkId": 1, "networkName": "n"}}`), m2ts + "/dvbNitSettings: no NIT is sent"},
		{"PCR period", patch(m2ts, `{"pcrPeriod": 400}`), m2ts + "/pcrPeriod: \"400\" is not a whole number of milliseconds from 10 to 100: the default is taken"},
		{"PAT at segments", patch(m2ts, `{"patInterval": 0}`), m2ts + "/patInterval: \"0\" is not a whole number of milliseconds from 10 to 1000: the default is taken"},
		{"denoise", patch(in, `{"denoiseFilter": "ENABLED", "filterStrength": 3}`), in + "/denoiseFilter: no filter is applied|" + in + "/filterStrength: no filter is applied"},
		{
			"language selector", patch(in, `{"audioSelectors": [{"name": "audio", "selectorSettings": {"audioLanguageSelection": {"languageCode": "de"}}}]}`),
			in + "/audioSelectors/0/selectorSettings: all audio tracks of the file are sent, in the file's order",
		},
		{"caption selector", patch(in, `{"captionSelectors": [{"name": "c"}]}`), in + "/captionSelectors: no captions are made; those within the video stay unless it is encoded"},
		{"quantisation", patch(h264, `{"adaptiveQuantization": "MAX"}`), h264 + "/adaptiveQuantization: the encoder decides that by itself"},
		{"ten bits", patch(h264, `{"profile": "HIGH_10BIT"}`), h264 + "/profile: \"HIGH_10BIT\" is not one of BASELINE, MAIN, HIGH: the default is taken"},
		{"open GOP", patch(h264, `{"gopClosedCadence": 0}`), h264 + "/gopClosedCadence: the encoder decides that by itself"},
		{"filter", patch(h264, `{"filterSettings": {"temporalFilterSettings": {}}}`), ""},
		{"strong filter", patch(h264, `{"filterSettings": {"temporalFilterSettings": {"strength": "STRENGTH_3"}}}`), h264 + "/filterSettings: no filter is applied"},
		{"colour space", patch(h264, `{"colorSpaceSettings": {"rec709Settings": {}}}`), h264 + "/colorSpaceSettings: the colour space stays that of the source"},
		{"wide pixels", patch(h264, `{"parNumerator": 16, "parDenominator": 15}`), h264 + "/parNumerator: pixels are square"},
		{"stretch", patch(video, `{"scalingBehavior": "STRETCH_TO_OUTPUT"}`), video + "/scalingBehavior: LILO ignores it"},
		{"loudness", patch(audio, `{"audioNormalizationSettings": {"targetLkfs": -20}}`), audio + "/audioNormalizationSettings: the loudness of the audio is not changed"},
		{"remix", patch(audio, `{"remixSettings": {"channelsIn": 2}}`), audio + "/remixSettings: audio channels are not mixed"},
		{"E-AC-3", patch(audio, `{"codecSettings": {"eac3Settings": {}, "aacSettings": null}}`), audio + "/codecSettings: E-AC-3 is not encoded: AC-3 is sent"},
		{"copied sound", patch(audio, `{"codecSettings": null}`), audio + "/languageCode: the language that the file names is sent|" + audio + ": audio is encoded too, as AAC, because video is"},
		{
			"24 kHz", patch(audio, `{"codecSettings": {"aacSettings": {"sampleRate": 24000}}}`),
			audio + "/codecSettings/aacSettings/sampleRate: audio is encoded at 32000, 44100 or 48000 Hz: 48000 is taken",
		},
		{"language", patch(audio, `{"languageCode": "fr-CA"}`), audio + "/languageCode: the language that the file names is sent"},
		{
			"no destination", patch(out, `{"outputSettings": {"udpOutputSettings": {"destination": {"destinationRefId": "x"}}}}`),
			"/destinations/0: no output that is sent goes there|" + out + `/outputSettings/udpOutputSettings/destination/destinationRefId: there is no destination "x": nothing is sent`,
		},
		{
			"odd destination", `{"destinations": [{"settings": [{"url": "srt://192.0.2.1:5"}]}]}`,
			`/destinations/0/settings/0/url: nothing is sent there: "srt://192.0.2.1:5": a destination is rtp://address:port or udp://address:port`,
		},
		{
			"second pipeline's", `{"destinations": [{"settings": [{}, {"url": "rtp://192.0.2.9:5000"}]}]}`,
			"/destinations/0/settings/1/url: the channel has no pipeline 1: nothing is sent there",
		},
		{"VPC", `{"vpc": {"subnetIds": ["a"]}}`, "/vpc: the channel sends through this machine's network"},
		{"loop over inputs", `{"encoderSettings": {"globalConfiguration": {"inputEndAction": "SWITCH_AND_LOOP_INPUTS"}}}`, ""},
		{"gain", `{"encoderSettings": {"globalConfiguration": {"initialAudioGain": 3}}}`, "/encoderSettings/globalConfiguration/initialAudioGain: LILO ignores it"},
		{"timecode", `{"encoderSettings": {"timecodeConfig": {"source": "EMBEDDED", "syncThreshold": 5}}}`, ""},
		{"unused description", `{"encoderSettings": {"videoDescriptions": [{}, {"name": "v2"}]}}`, "/encoderSettings/videoDescriptions/1: no output that is sent has it"},
		{
			"another encode", `{"encoderSettings": {"videoDescriptions": [{}, {"name": "v2"}], "outputGroups": [{"outputs": [{}, {"videoDescriptionName": "v2", "audioDescriptionNames": ["audio_1"],
			"outputSettings": {"udpOutputSettings": {"destination": {"destinationRefId": "d2"}}}}]}]}, "destinations": [{}, {"id": "d2", "settings": [{"url": "udp://192.0.2.1:7000"}]}]}`,
			"/encoderSettings/outputGroups/0/outputs/1/outputSettings/udpOutputSettings/containerSettings: all outputs send one stream, which has the layout of the first output|" +
				"/encoderSettings/outputGroups/0/outputs/1/videoDescriptionName: video is encoded once: every output sends that of the first",
		},
		{"sound only", patch(out, `{"videoDescriptionName": null}`), out + "/videoDescriptionName: the video of the file is sent all the same|" +
			"/encoderSettings/videoDescriptions/0: no output that is sent has it"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			c, inputs := both(t, plain())
			c = changed(t, c, k.change)
			p, err := Read(c, inputs, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, u := range p.Unsupported {
				got = append(got, u.Path+": "+u.Text)
			}
			slices.Sort(got)
			if text := strings.Join(got, "|"); text != k.want {
				t.Errorf("got  %s\nwant %s", text, k.want)
			}
		})
	}
}

// patch returns a document that has the given one at a path.
func patch(path, inner string) string {
	steps := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, step := range slices.Backward(steps) {
		if step == "0" {
			inner = "[" + inner + "]"
			continue
		}
		inner = fmt.Sprintf("{%q: %s}", step, inner)
	}
	return inner
}

// changed returns the channel with a document laid over it: null takes away.
func changed(t *testing.T, c *types.Channel, text string) *types.Channel {
	t.Helper()
	var change any
	if err := json.Unmarshal([]byte(text), &change); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	merged, err := json.Marshal(laid(tree(t, c), change))
	if err != nil {
		t.Fatal(err)
	}
	var again types.Channel
	if err := Unmarshal(merged, &again); err != nil {
		t.Fatal(err)
	}
	return &again
}

func laid(under, over any) any {
	switch over := over.(type) {
	case map[string]any:
		all, ok := under.(map[string]any)
		if !ok {
			all = map[string]any{}
		}
		for key, v := range over {
			all[key] = laid(all[key], v)
		}
		return all
	case []any:
		all, _ := under.([]any)
		for i, v := range over {
			if i >= len(all) {
				all = append(all, nil)
			}
			all[i] = laid(all[i], v)
		}
		return all
	}
	return over
}

// TestReadRefuses takes documents that cannot be played at all.
func TestReadRefuses(t *testing.T) {
	cases := []struct {
		change string
		input  func(*types.Input)
		want   string
	}{
		{`{"inputAttachments": null}`, nil, "/inputAttachments: the channel has no input: attach one of type MP4_FILE"},
		{`{"inputAttachments": [{"inputId": "7"}]}`, nil, `/inputAttachments/0/inputId: there is no input "7"`},
		{`{}`, func(i *types.Input) { i.Sources = nil }, "/inputAttachments/0/inputId: the input 1234567 has no source"},
		{`{}`, func(i *types.Input) { i.Sources[0].Url = new("file:films/a.mp4") }, `/inputAttachments/0/inputId: "file:films/a.mp4" cannot be read: a source is s3ssl://, https:// or file:///`},
		{`{}`, func(i *types.Input) { i.Sources[0].Url = new("file://host/a.mp4") }, `/inputAttachments/0/inputId: "file://host/a.mp4" names no file: write file:///absolute/path.mp4`},
		{`{"encoderSettings": null}`, nil, "/encoderSettings is missing: it says where the channel is sent"},
		{patch("/encoderSettings/videoDescriptions/0", `{"width": 1281}`), nil, "/encoderSettings: encode: width 1281: it must be even"},
		{
			patch("/encoderSettings/outputGroups/0/outputs/0/outputSettings/udpOutputSettings/containerSettings/m2tsSettings", `{"videoPid": "482"}`), nil,
			"/encoderSettings: m2ts: PID 482 is both videoPid and audioPids: give one of them another",
		},
	}
	for _, k := range cases {
		c, inputs := both(t, plain())
		if k.input != nil {
			in := inputs["1234567"]
			k.input(&in)
			inputs["1234567"] = in
		}
		_, err := Read(changed(t, c, k.change), inputs, nil)
		if err == nil || err.Error() != k.want || fault.KindOf(err) != fault.Usage {
			t.Errorf("got  %v\nwant %s", err, k.want)
		}
	}
}

// TestPipelines reads a STANDARD channel: identical but for the destinations.
func TestPipelines(t *testing.T) {
	s := plain()
	s.AWS.Standard = true
	s.To = []channel.Destination{to("rtp://192.0.2.1:1"), to("rtp://192.0.2.2:2"), to("rtp://192.0.2.3:3"), to("rtp://192.0.2.4:4")}
	c, inputs := both(t, s)
	inputs["1234567"].Sources[1].Url = new("https://host.example/other.mp4")
	p, err := Read(c, inputs, nil)
	if err != nil || len(p.Pipelines) != 2 || len(p.Schedules) != 2 {
		t.Fatalf("got %+v, %v", p, err)
	}
	for i, want := range [][]channel.Destination{{s.To[0], s.To[2]}, {s.To[1], s.To[3]}} {
		if !reflect.DeepEqual(p.Pipelines[i].To, want) {
			t.Errorf("pipeline %d goes to %v", i, p.Pipelines[i].To)
		}
	}
	if len(p.Unsupported) != 1 || p.Unsupported[0].Path != "/inputAttachments/0/inputId" {
		t.Errorf("got %v", p.Unsupported)
	}
}

// What FEC settings leave out has the documented default.
func TestFECDefaults(t *testing.T) {
	const udp = "/encoderSettings/outputGroups/0/outputs/0/outputSettings/udpOutputSettings"
	for settings, want := range map[string]channel.FEC{
		`{"includeFec": "COLUMN_AND_ROW"}`:           {IncludeFec: channel.FECColumnAndRow, ColumnDepth: 10, RowLength: 10},
		`{"includeFec": "COLUMN", "rowLength": 1}`:   {IncludeFec: channel.FECColumn, ColumnDepth: 10, RowLength: 1},
		`{"includeFec": "COLUMN", "columnDepth": 5}`: {IncludeFec: channel.FECColumn, ColumnDepth: 5, RowLength: 10},
		`{}`: {IncludeFec: channel.FECColumnAndRow, ColumnDepth: 10, RowLength: 10},
	} {
		c, inputs := both(t, plain())
		p, err := Read(changed(t, c, patch(udp, `{"fecOutputSettings": `+settings+`}`)), inputs, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Pipelines[0].FEC; got == nil || *got != want || len(p.Unsupported) != 0 {
			t.Errorf("%s: %+v, %v; want %+v", settings, got, p.Unsupported, want)
		}
	}
}

// FEC and the interface of a document are those of its destinations.
func TestNetworkOfADocument(t *testing.T) {
	const udp = "/encoderSettings/outputGroups/0/outputs/0/outputSettings/udpOutputSettings"
	c, inputs := both(t, plain())
	c = changed(t, c, patch(udp, `{"fecOutputSettings": {"includeFec": "COLUMN", "columnDepth": 6, "rowLength": 3}}`))
	c = changed(t, c, patch("/destinations/0", `{"logicalInterfaceNames": ["eth7"]}`))
	p, err := Read(c, inputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := p.Pipelines[0]
	if want := (channel.FEC{IncludeFec: channel.FECColumn, ColumnDepth: 6, RowLength: 3}); s.FEC == nil || *s.FEC != want || s.To[0].Interface != "eth7" {
		t.Errorf("FEC %+v, destination %s", s.FEC, s.To[0])
	}
	if len(p.Unsupported) != 0 {
		t.Errorf("got %v", p.Unsupported)
	}
	c.Destinations[0].LogicalInterfaceNames = []string{"eth7", "eth8"}
	if p, err = Read(c, inputs, nil); err != nil || len(p.Unsupported) != 1 || p.Unsupported[0].Path != "/destinations/0/logicalInterfaceNames" {
		t.Errorf("got %v, %v", p.Unsupported, err)
	}
}

// TestSchedule reads actions of all kinds.
func TestSchedule(t *testing.T) {
	s := plain()
	s.AWS.Standard = true
	s.To = []channel.Destination{to("rtp://192.0.2.1:1"), to("rtp://192.0.2.2:2")}
	c, inputs := both(t, s)
	c.InputAttachments = append(c.InputAttachments, types.InputAttachment{InputAttachmentName: new("b"), InputId: new("2")})
	c.InputAttachments = append(c.InputAttachments, types.InputAttachment{InputAttachmentName: new("live"), InputId: new("3")})
	inputs["3"] = types.Input{Type: types.InputTypeRtmpPush}
	inputs["2"] = types.Input{Type: types.InputTypeMp4File, Sources: []types.InputSource{{Url: new("https://host.example/$urlPath$")}}}
	fixed := func(text string) *types.ScheduleActionStartSettings {
		return &types.ScheduleActionStartSettings{FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{Time: new(text)}}
	}
	follows := func(name string, point types.FollowPoint) *types.ScheduleActionStartSettings {
		return &types.ScheduleActionStartSettings{FollowModeScheduleActionStartSettings: &types.FollowModeScheduleActionStartSettings{ReferenceActionName: new(name), FollowPoint: point}}
	}
	switchTo := func(name string) *types.ScheduleActionSettings {
		return &types.ScheduleActionSettings{InputSwitchSettings: &types.InputSwitchScheduleActionSettings{InputAttachmentNameReference: new(name), UrlPath: []string{"c.mp4"}}}
	}
	pauseOf := func(ids ...types.PipelineId) *types.ScheduleActionSettings {
		p := &types.PauseStateScheduleActionSettings{}
		for _, id := range ids {
			p.Pipelines = append(p.Pipelines, types.PipelinePauseStateSettings{PipelineId: id})
		}
		return &types.ScheduleActionSettings{PauseStateSettings: p}
	}
	clip := func(name, start, stop string) *types.ScheduleActionSettings {
		s := switchTo(name)
		s.InputSwitchSettings.InputClippingSettings = &types.InputClippingSettings{
			InputTimecodeSource: types.InputTimecodeSourceEmbedded, StartTimecode: &types.StartTimecode{Timecode: new(start)},
			StopTimecode: &types.StopTimecode{Timecode: new(stop), LastFrameClippingBehavior: types.LastFrameClippingBehaviorIncludeLastFrame},
		}
		return s
	}
	actions := []types.ScheduleAction{
		{ActionName: new("clip"), ScheduleActionStartSettings: fixed("2026-11-25T12:00:05Z"), ScheduleActionSettings: clip("b", "00:00:01:00", "00:00:02;00")},
		{ActionName: new("all"), ScheduleActionStartSettings: fixed("2026-11-25T12:00:06Z"), ScheduleActionSettings: clip("b", "", "")},
		{ActionName: new("slate"), ScheduleActionStartSettings: fixed("2026-11-25T12:00:07Z"), ScheduleActionSettings: clip("live", "00:00:01:00", "")},
		{ActionName: new("no clip"), ScheduleActionStartSettings: fixed("2026-11-25T12:00:08Z"), ScheduleActionSettings: clip("b", "1 s", "")},
		{ActionName: new("go on"), ScheduleActionStartSettings: fixed("2026-11-25T12:00:02.500Z"), ScheduleActionSettings: pauseOf(types.PipelineIdPipeline0)},
		{ActionName: new("pause"), ScheduleActionStartSettings: fixed("2026-11-25T12:00:01Z"), ScheduleActionSettings: pauseOf(types.PipelineIdPipeline0, types.PipelineIdPipeline1)},
		{ActionName: new("b"), ScheduleActionStartSettings: follows("pause", types.FollowPointStart), ScheduleActionSettings: switchTo("b")},
		{ActionName: new("now"), ScheduleActionStartSettings: &types.ScheduleActionStartSettings{ImmediateModeScheduleActionStartSettings: &types.ImmediateModeScheduleActionStartSettings{}}, ScheduleActionSettings: switchTo("attached-input")},
		{ActionName: new("end"), ScheduleActionStartSettings: follows("b", types.FollowPointEnd), ScheduleActionSettings: switchTo("b")},
		{ActionName: new("ring"), ScheduleActionStartSettings: follows("ring", types.FollowPointStart), ScheduleActionSettings: switchTo("b")},
		{ActionName: new("bad"), ScheduleActionStartSettings: fixed("noon"), ScheduleActionSettings: switchTo("b")},
		{ActionName: new("none"), ScheduleActionStartSettings: fixed("2026-11-25T12:00:09Z"), ScheduleActionSettings: switchTo("c")},
		{ActionName: new("splice"), ScheduleActionStartSettings: fixed("2026-11-25T12:00:09Z"), ScheduleActionSettings: &types.ScheduleActionSettings{Scte35SpliceInsertSettings: &types.Scte35SpliceInsertScheduleActionSettings{SpliceEventId: new(int64(1))}}},
		{ActionName: new("empty")},
	}
	p, err := Read(c, inputs, actions)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 25, 12, 0, 1, 0, time.UTC)
	switches := []channel.Entry{
		{Source: "s3ssl://films/news.mp4"},
		{At: at, Source: "https://host.example/c.mp4", Once: true},
		{At: at.Add(4 * time.Second), Source: "https://host.example/c.mp4", Once: true, Clipping: channel.Clipping{Start: "00:00:01:00", Stop: "00:00:02;00", IncludeLast: true, Embedded: true}},
		{At: at.Add(5 * time.Second), Source: "https://host.example/c.mp4", Once: true},
		{At: at.Add(6 * time.Second)},
	}
	want := []channel.Schedule{
		{Entries: switches, Pauses: []channel.Pause{{From: at}}},
		{Entries: switches, Pauses: []channel.Pause{{From: at, To: at.Add(1500 * time.Millisecond)}}},
	}
	if !reflect.DeepEqual(p.Schedules, want) {
		t.Errorf("got  %+v\nwant %+v", p.Schedules, want)
	}
	var told []string
	for _, u := range p.Unsupported {
		told = append(told, u.Path+": "+u.Text)
	}
	golden(t, "schedule.txt", strings.Join(told, "\n")+"\n")
}

// TestOnce reads what becomes of a file at its end.
func TestOnce(t *testing.T) {
	for change, want := range map[string]bool{
		`{}`: false,
		patch("/inputAttachments/0/inputSettings", `{"sourceEndBehavior": "CONTINUE"}`):                                                             true,
		patch("/inputAttachments/0", `{"inputSettings": null}`):                                                                                     true,
		`{"inputAttachments": [{"inputSettings": null}], "encoderSettings": {"globalConfiguration": {"inputEndAction": "SWITCH_AND_LOOP_INPUTS"}}}`: false,
	} {
		c, inputs := both(t, plain())
		if p, err := Read(changed(t, c, change), inputs, nil); err != nil || p.Once != want {
			t.Errorf("%s: %v, %v", change, p.Once, err)
		}
	}
}

// TestTurns reads which inputs follow one another.
func TestTurns(t *testing.T) {
	c, inputs := both(t, plain())
	c = changed(t, c, `{"encoderSettings": {"globalConfiguration": {"inputEndAction": "SWITCH_AND_LOOP_INPUTS"}}}`)
	for id, url := range map[string]string{"2": "https://h.example/b.mp4", "3": "https://h.example/$urlPath$"} {
		inputs[id] = types.Input{Type: types.InputTypeMp4File, Sources: []types.InputSource{{Url: &url}}}
		c.InputAttachments = append(c.InputAttachments, types.InputAttachment{InputAttachmentName: new("in" + id), InputId: &id})
	}
	slices.SortFunc(c.InputAttachments, func(a, b types.InputAttachment) int {
		return strings.Compare(*a.InputAttachmentName, *b.InputAttachmentName)
	})
	clip := types.ScheduleAction{
		ActionName:                  new("clip"),
		ScheduleActionStartSettings: &types.ScheduleActionStartSettings{ImmediateModeScheduleActionStartSettings: &types.ImmediateModeScheduleActionStartSettings{}},
		ScheduleActionSettings: &types.ScheduleActionSettings{InputSwitchSettings: &types.InputSwitchScheduleActionSettings{
			InputAttachmentNameReference: new("in2"), InputClippingSettings: &types.InputClippingSettings{StartTimecode: &types.StartTimecode{Timecode: new("00:00:01:00")}},
		}},
	}
	p, err := Read(c, inputs, []types.ScheduleAction{clip})
	if err != nil {
		t.Fatal(err)
	}
	want := []Turn{{"attached-input", channel.Entry{Source: "s3ssl://films/news.mp4"}}, {"in2", channel.Entry{Source: "https://h.example/b.mp4", Once: true}}}
	if !reflect.DeepEqual(p.Turns, want) {
		t.Errorf("got  %+v\nwant %+v", p.Turns, want)
	}
	var told []string
	for _, u := range p.Unsupported {
		told = append(told, u.Path+": "+u.Text)
	}
	const end = "/encoderSettings/globalConfiguration/inputEndAction: "
	if got, want := strings.Join(told, "\n"), end+`nothing follows the input attachment "attached-input" by itself: it does not end; give it sourceEndBehavior CONTINUE
`+end+`the input attachment "in3" is left out: its file is not known without a schedule action that gives urlPath
/scheduleActions/0/scheduleActionSettings/inputSwitchSettings: nothing follows its end by itself: have another action follow its END`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestNothingIsDropped sets every member of a channel to a value that is not its
// default, one by one, and demands that it is played, told of, or known to
// make no difference.
func TestNothingIsDropped(t *testing.T) {
	var all types.Channel
	fill(reflect.ValueOf(&all), new(int))
	var told []string
	c, inputs := both(t, plain())
	c.EncoderSettings.GlobalConfiguration = &types.GlobalConfiguration{}
	c = completed(c)
	usual, err := Read(c, inputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	everyLeaf("", reflect.ValueOf(c).Elem(), reflect.ValueOf(&all).Elem(), func(path string, set func(), back func()) {
		set()
		defer back()
		p, err := Read(c, inputs, nil)
		switch {
		case err != nil:
			told = append(told, path+" ✗ "+err.Error())
		case len(p.Unsupported) > 0:
			told = append(told, path+" ! "+p.Unsupported[0].Text)
		case !reflect.DeepEqual(p, usual):
			told = append(told, path+" = played")
		default:
			told = append(told, path+" . makes no difference")
		}
	})
	golden(t, "members.txt", strings.Join(told, "\n")+"\n")
}

// everyLeaf goes through the members that v could have, and hands over how to
// set one and how to take it back. Other values come from full.
func everyLeaf(path string, v, full reflect.Value, do func(path string, set, back func())) {
	for i := range v.NumField() {
		if !onWire(v.Type().Field(i)) {
			continue
		}
		here, f, other := path+"/"+wireName(v.Type().Field(i).Name), v.Field(i), full.Field(i)
		old := reflect.New(f.Type()).Elem()
		old.Set(f)
		set := func() { f.Set(other) }
		if f.Kind() == reflect.String {
			if all := enumValues(f); len(all) > 0 {
				set = func() { f.SetString(all[len(all)-1]); _ = old }
				if all[len(all)-1] == old.String() {
					set = func() { f.SetString(all[0]) }
				}
			}
		}
		switch {
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct && f.Len() > 0:
			everyLeaf(here+"/0", f.Index(0), other.Index(0), do)
		case f.Kind() == reflect.Pointer && !f.IsNil() && f.Elem().Kind() == reflect.Struct && f.Elem().NumField() > 1:
			everyLeaf(here, f.Elem(), other.Elem(), do)
		default:
			do(here, set, func() { f.Set(old) })
		}
	}
}

// The work for a document is in proportion to its length: the transaction that reads it
// keeps others waiting.
func TestManyOutputsAreReadInProportion(t *testing.T) {
	allocations := func(n int) float64 {
		c, inputs := both(t, plain())
		first, group := c.Destinations[0], &c.EncoderSettings.OutputGroups[0]
		output := group.Outputs[0]
		c.Destinations, group.Outputs = nil, nil
		for i := range n {
			d, o, id := first, output, fmt.Sprint("d", i)
			d.Id, d.Settings = &id, []types.OutputDestinationSettings{{Url: new(fmt.Sprintf("udp://192.0.2.1:%d", 5000+i))}}
			o.OutputSettings = &types.OutputSettings{UdpOutputSettings: &types.UdpOutputSettings{
				ContainerSettings: output.OutputSettings.UdpOutputSettings.ContainerSettings, Destination: &types.OutputLocationRef{DestinationRefId: &id},
			}}
			c.Destinations, group.Outputs = append(c.Destinations, d), append(group.Outputs, o)
		}
		return testing.AllocsPerRun(1, func() {
			if p, err := Read(c, inputs, nil); len(p.Pipelines[0].To) != n || err != nil {
				t.Fatal(len(p.Pipelines[0].To), err)
			}
		})
	}
	if few, many := allocations(100), allocations(800); many > 10*few {
		t.Errorf("100 outputs need %.0f allocations, 800 need %.0f", few, many)
	}
}

// A destination of nothing but empty texts, as Terraform sends it, is none.
func TestEmptyDestinations(t *testing.T) {
	c, inputs := both(t, plain())
	nothing := types.OutputDestinationSettings{Url: new(""), Username: new(""), PasswordParam: new(""), StreamName: new("")}
	c.Destinations[0].Settings = append(c.Destinations[0].Settings, nothing)
	c.Destinations = append(c.Destinations, types.OutputDestination{Id: new("none"), Settings: []types.OutputDestinationSettings{nothing}})
	p, err := Read(c, inputs, nil)
	if err != nil || len(p.Unsupported) > 0 {
		t.Errorf("%v, %v", p.Unsupported, err)
	}
}
