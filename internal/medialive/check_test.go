package medialive

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// shownErrors writes errors one after the other.
func shownErrors(all []types.ValidationError) string {
	var lines []string
	for _, e := range all {
		lines = append(lines, *e.ElementPath+": "+*e.ErrorMessage)
	}
	return strings.Join(lines, "|")
}

// TestCheck changes the default channel to what MediaLive refuses.
func TestCheck(t *testing.T) {
	const (
		video  = "/encoderSettings/videoDescriptions/0"
		h264   = video + "/codecSettings/h264Settings"
		audio  = "/encoderSettings/audioDescriptions/0"
		groups = "/encoderSettings/outputGroups"
		group  = groups + "/0"
		out    = group + "/outputs/0"
		udp    = out + "/outputSettings/udpOutputSettings"
		m2ts   = udp + "/containerSettings/m2tsSettings"
		in     = "/inputAttachments/0"

		oneGroup = "OutputGroupSettings must contain exactly one property: archiveGroupSettings, cmafIngestGroupSettings, frameCaptureGroupSettings, " +
			"hlsGroupSettings, mediaConnectRouterGroupSettings, mediaPackageGroupSettings, msSmoothGroupSettings, multiplexGroupSettings, rtmpGroupSettings, " +
			"srtGroupSettings, udpGroupSettings"
	)
	twoOutputs := func(reference, url string) string {
		return `{"encoderSettings": {"outputGroups": [{"outputs": [{}, {"outputName": "b", "videoDescriptionName": "video_1080p",
			"outputSettings": {"udpOutputSettings": {"destination": {"destinationRefId": "` + reference + `"}, "containerSettings": {"m2tsSettings": {}}}}}]}]},
			"destinations": [{}, {"id": "d2", "settings": [{"url": "` + url + `"}]}]}`
	}
	cases := []struct{ name, change, want string }{
		{"nothing", `{}`, ""},
		{"copy", `{"encoderSettings": {"videoDescriptions": [{"codecSettings": null}], "audioDescriptions": [{"codecSettings": {"aacSettings": null}}]}}`, ""},
		{"options of a destination", `{"destinations": [{"settings": [{"url": "udp://239.1.1.1:5000?ttl=4"}]}]}`, ""},
		{"dangling audio selector", patch(audio, `{"audioSelectorName": "nowhere"}`), ""},
		{
			"real text: unreferenced audio", `{"encoderSettings": {"audioDescriptions": [{}, {"name": "x", "audioSelectorName": "s"}]}}`,
			`/encoderSettings/audioDescriptions/1: Audio description "x" is not referenced by any output`,
		},
		{
			"unreferenced video", `{"encoderSettings": {"videoDescriptions": [{}, {"name": "x"}]}}`,
			`/encoderSettings/videoDescriptions/1: Video description "x" is not referenced by any output`,
		},
		{
			"unreferenced captions", `{"encoderSettings": {"captionDescriptions": [{"name": "x", "captionSelectorName": "s"}]}}`,
			`/encoderSettings/captionDescriptions/0: Caption description "x" is not referenced by any output`,
		},
		{
			"same name", `{"encoderSettings": {"audioDescriptions": [{}, {"name": "audio_1", "audioSelectorName": "s"}]}}`,
			`/encoderSettings/audioDescriptions/1/name: Audio description "audio_1" is used more than once`,
		},
		{
			"required by the model", `{"encoderSettings": {"timecodeConfig": null, "audioDescriptions": [{"audioSelectorName": null}]}}`,
			"/encoderSettings/timecodeConfig: timecodeConfig is required",
		},
		{"enumeration", patch(h264, `{"profile": "BEST"}`), h264 + `/profile: "BEST" is none of BASELINE, HIGH, HIGH_10BIT, HIGH_422, HIGH_422_10BIT, MAIN`},
		{"enumeration on top", `{"logLevel": "LOUD"}`, `/logLevel: "LOUD" is none of ERROR, WARNING, INFO, DEBUG, DISABLED`},
		{"bounds", patch(h264, `{"gopNumBFrames": 8, "bitrate": 999}`), h264 + "/bitrate: 999: it must be at least 1000|" + h264 + "/gopNumBFrames: 8: it must be from 0 to 7"},
		{"length of a text", patch(out, `{"outputName": "`+strings.Repeat("x", 256)+`"}`), out + "/outputName: 256 characters: it must be from 1 to 255"},
		{"buffer", patch(udp, `{"bufferMsec": 10001}`), udp + "/bufferMsec: 10001: it must be from 0 to 10000"},
		{"no inputs", `{"inputAttachments": null}`, "/inputAttachments: At least one input attachment is required"},
		{"no such input", patch(in, `{"inputId": "7"}`), in + `/inputId: Input "7" does not exist`},
		{
			"dynamic input first", `{"inputAttachments": [{"inputId": "dynamic"}]}`,
			in + "/inputId: The first input attachment cannot be a dynamic input, whose URL has $urlPath$: attach another input before it",
		},
		{"dynamic input second", `{"inputAttachments": [{}, {"inputId": "dynamic", "inputAttachmentName": "d"}]}`, ""},
		{
			"input twice", `{"inputAttachments": [{}, {"inputId": "1234567"}]}`,
			`/inputAttachments/1/inputId: Input "1234567" is used more than once|/inputAttachments/1/inputAttachmentName: A name is required where there are several input attachments`,
		},
		{
			"class of the input", `{"channelClass": "STANDARD"}`,
			in + `/inputId: Input "1234567" has the class SINGLE_PIPELINE: a channel of the class STANDARD needs inputs of the class STANDARD|` +
				`/destinations/0/settings: Destination "app-rtp-output" has 1 URLs: a channel of the class STANDARD needs 2`,
		},
		{
			"two URLs for one pipeline", `{"destinations": [{"settings": [{}, {"url": "rtp://192.0.2.2:5000"}]}]}`,
			`/destinations/0/settings: Destination "app-rtp-output" has 2 URLs: a channel of the class SINGLE_PIPELINE needs 1`,
		},
		{
			"no groups", `{"encoderSettings": {"outputGroups": null, "videoDescriptions": null, "audioDescriptions": null}}`,
			"/encoderSettings/audioDescriptions: audioDescriptions is required|/encoderSettings/outputGroups: outputGroups is required|" +
				"/encoderSettings/videoDescriptions: videoDescriptions is required|/encoderSettings/outputGroups: At least one output group is required",
		},
		{"no output", patch(group, `{"outputs": null}`), group + "/outputs: outputs is required|" +
			video + `: Video description "video_1080p" is not referenced by any output|` + audio + `: Audio description "audio_1" is not referenced by any output|` +
			group + "/outputs: At least one output is required"},
		{
			"no description", patch(out, `{"videoDescriptionName": null, "audioDescriptionNames": null}`),
			out + ": An output needs a video, an audio or a caption description|" +
				video + `: Video description "video_1080p" is not referenced by any output|` + audio + `: Audio description "audio_1" is not referenced by any output`,
		},
		{"dangling video", patch(out, `{"videoDescriptionName": "v"}`), out + `/videoDescriptionName: Video description "v" does not exist|` +
			video + `: Video description "video_1080p" is not referenced by any output`},
		{"dangling audio", patch(out, `{"audioDescriptionNames": ["audio_1", "b"]}`), out + `/audioDescriptionNames/1: Audio description "b" does not exist`},
		{"dangling captions", patch(out, `{"captionDescriptionNames": ["b"]}`), out + `/captionDescriptionNames/0: Caption description "b" does not exist`},
		{"no destination", patch(udp, `{"destination": null}`), udp + "/destination: destination is required"},
		{"empty destination", patch(udp, `{"destination": {"destinationRefId": null}}`), udp + "/destination/destinationRefId: An output needs a destination"},
		{"dangling destination", patch(udp, `{"destination": {"destinationRefId": "d"}}`), udp + `/destination/destinationRefId: Object references undefined destination "d"`},
		{
			"dangling destination of another kind", `{"encoderSettings": {"outputGroups": [{"outputGroupSettings": {"udpGroupSettings": null, "hlsGroupSettings": {"destination": {"destinationRefId": "d"}}},
			"outputs": [{"outputSettings": {"udpOutputSettings": null, "hlsOutputSettings": {"hlsSettings": {}}}}]}]}}`,
			group + `/outputGroupSettings/hlsGroupSettings/destination/destinationRefId: Object references undefined destination "d"`,
		},
		{"empty texts", `{"destinations": [{"settings": [{"username": "", "passwordParam": "", "streamName": ""}]}], "encoderSettings": {"audioDescriptions": [{"streamName": ""}]}}`, ""},
		{"an empty text where one is required", patch(audio, `{"name": ""}`), audio + "/name: name is required|" + out + `/audioDescriptionNames/0: Audio description "audio_1" does not exist`},
		{"two outputs", twoOutputs("d2", "rtp://192.0.2.2:5000"), ""},
		{
			"one destination for two outputs", twoOutputs("app-rtp-output", "rtp://192.0.2.2:5000"),
			groups + `/0/outputs/1/outputSettings/udpOutputSettings/destination/destinationRefId: Destination "app-rtp-output" is used by another output: outputGroups[0].outputs[0].outputSettings.udpOutputSettings`,
		},
		{"one address for two outputs", twoOutputs("d2", "udp://192.0.2.1:5000"), "/destinations/1/settings/0/url: 192.0.2.1:5000 is sent to already: destinations[0].settings[0].url"},
		{"no address", `{"destinations": [{"settings": [{"url": "rtp://192.0.2.1"}]}]}`, `/destinations/0/settings/0/url: "rtp://192.0.2.1": the port is missing`},
		{
			"an announcement of what is no group", `{"destinations": [{"settings": [{"url": "rtp://192.0.2.1:5000?sap=1"}]}]}`,
			"/destinations/0/settings/0/url: rtp://192.0.2.1:5000?sap=1: sap= announces multicast groups, and 192.0.2.1 is none: leave it out",
		},
		{
			"an address of one link", `{"destinations": [{"settings": [{"url": "rtp://[ff02::7]:5000"}]}]}`,
			"/destinations/0/settings/0/url: rtp://[ff02::7]:5000: ff02::7 is an address of one link: name its network interface, as in [ff02::7%eth0] or iface=eth0",
		},
		{"an address of one link, which the document names", `{"destinations": [{"logicalInterfaceNames": ["eth0"], "settings": [{"url": "rtp://[ff02::7]:5000"}]}]}`, ""},
		{
			"the FEC does not fit", `{"destinations": [{"settings": [{"url": "rtp://192.0.2.1:5000?pkt=7&mtu=1370"}]}], "encoderSettings": {"outputGroups": [{"outputs": [{"outputSettings":
			{"udpOutputSettings": {"fecOutputSettings": {"includeFec": "COLUMN", "columnDepth": 5, "rowLength": 1}}}}]}]}}`,
			"/destinations/0/settings/0/url: rtp://192.0.2.1:5000?pkt=7&mtu=1370: pkt=7 does not fit into mtu=1370: pkt=6 does",
		},
		{"without FEC it fits", `{"destinations": [{"settings": [{"url": "rtp://192.0.2.1:5000?pkt=7&mtu=1370"}]}]}`, ""},
		{"same id", `{"destinations": [{}, {"id": "app-rtp-output"}]}`, `/destinations/1/id: Destination id "app-rtp-output" is used more than once`},
		{
			"kinds of output", patch(out, `{"outputSettings": {"udpOutputSettings": null, "rtmpOutputSettings": {"destination": {"destinationRefId": "app-rtp-output"}}}}`),
			out + "/outputSettings: Output settings of the kind rtmp do not belong in an output group of the kind udp",
		},
		{"two kinds of group", patch(group, `{"outputGroupSettings": {"archiveGroupSettings": {"destination": {}}}}`), group + "/outputGroupSettings: " + oneGroup},
		{"no kind of group", patch(group, `{"outputGroupSettings": {"udpGroupSettings": null}}`), group + "/outputGroupSettings: " + oneGroup},
		{
			"two codecs", patch(video, `{"codecSettings": {"mpeg2Settings": {"framerateNumerator": 25, "framerateDenominator": 1}}}`),
			video + "/codecSettings: Only one of h264Settings, mpeg2Settings can be set",
		},
		{
			"FEC", patch(udp, `{"fecOutputSettings": {"includeFec": "COLUMN_AND_ROW", "columnDepth": 3, "rowLength": 3}}`),
			udp + "/fecOutputSettings/columnDepth: 3: it must be from 4 to 20|" + udp + "/fecOutputSettings/rowLength: 3: it must be from 4 to 20 with COLUMN_AND_ROW",
		},
		{
			"FEC over UDP", `{"destinations": [{"settings": [{"url": "udp://192.0.2.1:5000"}]}], "encoderSettings": {"outputGroups": [{"outputs": [{"outputSettings":
			{"udpOutputSettings": {"fecOutputSettings": {"includeFec": "COLUMN", "columnDepth": 5, "rowLength": 1}}}}]}]}}`,
			"/destinations/0/settings/0/url: udp://192.0.2.1:5000: forward error correction needs rtp://",
		},
		{"PID clash", patch(m2ts, `{"videoPid": "0x1e0"}`), m2ts + "/videoPid: PID 480 is used by pmtPid"},
		{"PID clash in a range", patch(m2ts, `{"audioPids": "470-480"}`), m2ts + "/audioPids: PID 480 is used by pmtPid"},
		{"PID clash with SCTE-35", patch(m2ts, `{"scte35Control": "PASSTHROUGH", "scte35Pid": "481"}`), m2ts + "/scte35Pid: PID 481 is used by videoPid"},
		{"SCTE-35's PID without it", patch(m2ts, `{"scte35Pid": "481"}`), ""},
		{"PCR on the PMT", patch(m2ts, `{"pcrPid": "480"}`), m2ts + "/pcrPid: PID 480 is used by pmtPid"},
		{
			"no PID", patch(m2ts, `{"videoPid": "8190", "pmtPid": "x"}`),
			m2ts + `/pmtPid: "x": PIDs must be from 32 (0x20) to 8182 (0x1ff6)|` + m2ts + `/videoPid: "8190": PIDs must be from 32 (0x20) to 8182 (0x1ff6)`,
		},
		{"rate of the multiplex", patch(m2ts, `{"bitrate": 6}`), m2ts + "/bitrate: 6: it must be 0 or from 20000 to 1000000000"},
		{"frame rate", patch(h264, `{"framerateNumerator": null}`), h264 + "/framerateNumerator: framerateNumerator is required with framerateControl SPECIFIED"},
		{"pixels", patch(h264, `{"parDenominator": null}`), h264 + "/parDenominator: parDenominator is required with parControl SPECIFIED"},
		{"VBR", patch(h264, `{"rateControlMode": "VBR", "maxBitrate": 5000}`), h264 + "/maxBitrate: 5000: it must be at least bitrate, 10000000"},
		{"GOP", patch(h264, `{"gopSize": 0}`), h264 + "/gopSize: 0: it must be above 0"},
		{"half a frame", patch(h264, `{"gopSize": 12.5}`), h264 + "/gopSize: 12.5: it must be a whole number of FRAMES"},
		{"width alone", patch(video, `{"height": null}`), video + ": width and height must be given together or left out"},
		{"odd width", patch(video, `{"width": 1281}`), video + "/width: 1281: it must be an even number above 0"},
		{"language", patch(audio, `{"languageCode": null}`), audio + "/languageCode: languageCode is required with languageCodeControl USE_CONFIGURED"},
		{
			"sample rate", patch(audio, `{"codecSettings": {"aacSettings": {"sampleRate": 48001}}}`),
			audio + "/codecSettings/aacSettings/sampleRate: 48001 is none of 8000, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000",
		},
		{"AAC's rate", patch(audio, `{"codecSettings": {"aacSettings": {"bitrate": 96}}}`), audio + "/codecSettings/aacSettings/bitrate: 96: it must be from 8000 to 1.024e+06"},
		{
			"MP2's rate", patch(audio, `{"codecSettings": {"aacSettings": null, "mp2Settings": {"bitrate": 100000}}}`),
			audio + "/codecSettings/mp2Settings/bitrate: 100000 is none of 32000, 48000, 56000, 64000, 80000, 96000, 112000, 128000, 160000, 192000, 224000, 256000, 320000, 384000",
		},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			c, inputs := both(t, plain())
			inputs["dynamic"] = types.Input{Type: types.InputTypeMp4File, Sources: []types.InputSource{{Url: new("https://example.com/$urlPath$")}}}
			if got := shownErrors(Check(changed(t, c, k.change), inputs)); got != k.want {
				t.Errorf("got  %s\nwant %s", got, k.want)
			}
		})
	}
}

func TestElementPath(t *testing.T) {
	for path, want := range map[string]string{
		"/encoderSettings/outputGroups/0/outputGroupSettings/hlsGroupSettings/destination": "outputGroups[0].outputGroupSettings.hlsGroupSettings.destination",
		"/destinations/12/settings/0/url":                                                  "destinations[12].settings[0].url",
		"/encoderSettings":                                                                 "encoderSettings",
		"/name":                                                                            "name",
		"/":                                                                                "",
	} {
		if got := ElementPath(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestCheckActions(t *testing.T) {
	actions := []types.ScheduleAction{
		{ActionName: new("a"), ScheduleActionStartSettings: &types.ScheduleActionStartSettings{}, ScheduleActionSettings: &types.ScheduleActionSettings{PauseStateSettings: &types.PauseStateScheduleActionSettings{
			Pipelines: []types.PipelinePauseStateSettings{{PipelineId: "PIPELINE_2"}},
		}}},
		{ScheduleActionStartSettings: &types.ScheduleActionStartSettings{FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{}}},
		{
			ActionName: new("c"), ScheduleActionStartSettings: &types.ScheduleActionStartSettings{ImmediateModeScheduleActionStartSettings: &types.ImmediateModeScheduleActionStartSettings{}},
			ScheduleActionSettings: &types.ScheduleActionSettings{InputPrepareSettings: &types.InputPrepareScheduleActionSettings{InputClippingSettings: &types.InputClippingSettings{
				StartTimecode: &types.StartTimecode{Timecode: new("25:00:00:00")},
			}}},
		},
	}
	want := `/scheduleActions/0/scheduleActionSettings/pauseStateSettings/pipelines/0/pipelineId: "PIPELINE_2" is none of PIPELINE_0, PIPELINE_1|` +
		"/scheduleActions/0/scheduleActionStartSettings: ScheduleActionStartSettings must contain exactly one property: fixedModeScheduleActionStartSettings, " +
		"followModeScheduleActionStartSettings, immediateModeScheduleActionStartSettings|" +
		"/scheduleActions/1/actionName: actionName is required|/scheduleActions/1/scheduleActionSettings: scheduleActionSettings is required|" +
		"/scheduleActions/1/scheduleActionStartSettings/fixedModeScheduleActionStartSettings/time: time is required|" +
		"/scheduleActions/2/scheduleActionSettings/inputPrepareSettings/inputClippingSettings/inputTimecodeSource: inputTimecodeSource is required|" +
		`/scheduleActions/2/scheduleActionSettings/inputPrepareSettings/inputClippingSettings: "25:00:00:00" is not a timecode: the last second of a day is 23:59:59`
	if got := shownErrors(CheckActions(actions)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// FuzzDocument takes any channel through all that is done with one: nothing panics.
func FuzzDocument(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 4 {
		request, err := ChannelRequest(randomSpec(random), "1", "arn:aws:iam::123456789012:role/R")
		if err != nil {
			continue
		}
		text, err := Marshal(request)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var c types.Channel
		if Unmarshal(text, &c) != nil {
			return
		}
		inputs := map[string]types.Input{"1": {Type: types.InputTypeMp4File, Sources: []types.InputSource{{Url: new("https://h/a.mp4")}}}}
		check(t, &c, inputs)
		Complete(&c)
		check(t, &c, inputs)
	})
}

// check reads a channel, and demands a valid spec of what is accepted.
func check(t *testing.T, c *types.Channel, inputs map[string]types.Input) {
	t.Helper()
	Check(c, inputs)
	p, err := Read(c, inputs, nil)
	if err != nil {
		return
	}
	for _, s := range p.Pipelines {
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
	}
	p.Spec()
}

// TestEverythingIsChecked takes a channel with every member set.
func TestEverythingIsChecked(t *testing.T) {
	var all types.Channel
	fill(reflect.ValueOf(&all), new(int))
	if len(Check(&all, nil)) < 100 {
		t.Error("hardly anything was found")
	}
	if Check(&types.Channel{}, nil) == nil {
		t.Error("an empty channel was accepted")
	}
	if _, err := ChannelRequest(channel.Spec{}, "", ""); err == nil {
		t.Error("an empty spec was accepted")
	}
}
