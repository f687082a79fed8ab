package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/jsii-runtime-go"

	"github.com/lilo-live/lilo/deploy/aws/internal/app"
	"github.com/lilo-live/lilo/internal/fault"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// template is the part of a CloudFormation template that is tested.
type template struct {
	Resources map[string]*resource
	Outputs   map[string]struct{ Value any }
}

type resource struct {
	Type                                string
	Properties                          map[string]any
	DependsOn                           any
	DeletionPolicy, UpdateReplacePolicy string
}

// assembly is the output of the app: the templates by stack.
type assembly struct {
	dir    string
	stacks map[string]template
	files  map[string]string
}

// plain returns the variables of the smallest deployment.
func plain() map[string]string {
	return map[string]string{"LILO_SOURCE": "s3://media/films/a.mp4", "LILO_TO": "rtp://198.51.100.10:5000"}
}

// written holds the assemblies that tests share, by their variables.
var written = map[string]assembly{}

// TestMain stops the CDK's library after all tests.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// synth returns the assembly of a deployment with these variables.
func synth(t *testing.T, variables map[string]string) assembly {
	t.Helper()
	name := fmt.Sprint(variables)
	if _, ok := written[name]; !ok {
		written[name] = write(t, variables)
	}
	return written[name]
}

func write(t *testing.T, variables map[string]string) assembly {
	t.Helper()
	a := assembly{dir: t.TempDir(), stacks: map[string]template{}, files: map[string]string{}}
	all := maps.Clone(variables)
	all["CDK_OUTDIR"] = a.dir
	if all["CDK_CONTEXT_JSON"] == "" {
		all["CDK_CONTEXT_JSON"] = flags(t)
	}
	var log bytes.Buffer
	if err := app.Run(context.Background(), func(name string) string { return all[name] }, &log); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(a.dir, "*.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var one template
		if err := json.Unmarshal(text, &one); err != nil {
			t.Fatal(err)
		}
		name := stackOf(path)
		a.stacks[name], a.files[name] = one, string(text)
	}
	return a
}

// flags returns the context of cdk.json: the CDK's feature flags.
func flags(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Context json.RawMessage }
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return string(c.Context)
}

// TestFlags checks that cdk.json sets each of the CDK's feature flags, as it
// recommends: otherwise its command line warns at each synthesis.
func TestFlags(t *testing.T) {
	var manifest struct {
		Artifacts map[string]struct {
			Properties struct {
				Flags map[string]struct{ UserValue, RecommendedValue any }
			}
		}
	}
	body, err := os.ReadFile(filepath.Join(synth(t, plain()).dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &manifest); err != nil {
		t.Fatal(err)
	}
	all := manifest.Artifacts["aws-cdk-lib/feature-flag-report"].Properties.Flags
	if len(all) == 0 {
		t.Error("the CDK reports no flags")
	}
	for name, f := range all {
		if text(f.UserValue) != text(f.RecommendedValue) {
			t.Errorf("cdk.json sets %s to %s, the CDK recommends %s", name, text(f.UserValue), text(f.RecommendedValue))
		}
	}
}

// stackOf returns the name of a stack by the path of its template.
func stackOf(path string) string {
	for _, name := range []string{"permission", "automation", "mediaservices"} {
		if strings.Contains(filepath.Base(path), name) {
			return name
		}
	}
	return "core"
}

// of returns the only resource of a type in the mediaservices stack.
func (a assembly) of(t *testing.T, kind string) *resource {
	t.Helper()
	var found *resource
	for _, r := range a.stacks["mediaservices"].Resources {
		if r.Type == kind {
			if found != nil {
				t.Fatalf("there is more than one %s", kind)
			}
			found = r
		}
	}
	if found == nil {
		t.Fatalf("there is no %s", kind)
	}
	return found
}

// everything returns the variables of a deployment with every feature and a local source.
func everything(t *testing.T) map[string]string {
	t.Helper()
	file, err := filepath.Abs("testdata/film.mp4")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"LILO_SOURCE": file, "LILO_TO": "rtp://198.51.100.10:5000 rtp://198.51.100.11:5000", "LILO_STANDARD": "true", "LILO_TTL": "8h",
		"LILO_FEC": "includeFec=COLUMN_AND_ROW,columnDepth=8,rowLength=8", "LILO_ENCODE": "avc,maxBitrate=8M", "LILO_NAME": "everything",
		"LILO_PERMISSIONS_BOUNDARY": "arn:aws:iam::123456789012:policy/boundary", "LILO_ALARM_TOPIC": "arn:aws:sns:eu-west-1:123456789012:alarms",
		"LILO_LOG_LEVEL": "INFO", "LILO_SCHEDULE": "Mon-Fri 08:00-20:00; Sat 22:00-02:00 Europe/Paris",
	}
}

// TestGolden compares all templates with golden files, without the hashes of what
// is uploaded.
func TestGolden(t *testing.T) {
	for name, variables := range map[string]map[string]string{"plain": plain(), "everything": everything(t)} {
		a := synth(t, variables)
		for stack, text := range a.files {
			var v any
			if err := json.Unmarshal([]byte(steady(text)), &v); err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(v, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			compare(t, filepath.Join("testdata", name+"-"+stack+".json"), append(got, '\n'))
		}
	}
}

// steady replaces the hashes of what is uploaded.
func steady(text string) string {
	words := strings.Split(text, `"`)
	for i, w := range words {
		name := strings.TrimPrefix(w, "/")
		if hash, kind, ok := strings.Cut(name, "."); ok && len(hash) == 64 && strings.Trim(hash, "0123456789abcdef") == "" {
			if kind == "zip" || kind == "json" || kind == "mp4" {
				words[i] = strings.Replace(w, hash, "HASH", 1)
			}
		}
	}
	return strings.Join(words, `"`)
}

func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs: run the test with -update and read git diff", path)
	}
}

// TestOriginalChannel compares the default channel with the settings of the
// original sample, field by field.
func TestOriginalChannel(t *testing.T) {
	a := synth(t, map[string]string{"LILO_SOURCE": "s3://media/a.mp4", "LILO_TO": "rtp://127.0.0.1:5000"})
	channel := a.of(t, "AWS::MediaLive::Channel").Properties
	video := "EncoderSettings.VideoDescriptions.0."
	h264 := video + "CodecSettings.H264Settings."
	audio := "EncoderSettings.AudioDescriptions.0."
	aac := audio + "CodecSettings.AacSettings."
	group := "EncoderSettings.OutputGroups.0."
	attachment := "InputAttachments.0.InputSettings."
	for path, want := range map[string]any{
		"ChannelClass": "SINGLE_PIPELINE", "InputSpecification.Codec": "AVC", "InputSpecification.MaximumBitrate": "MAX_10_MBPS", "InputSpecification.Resolution": "HD",
		attachment + "InputFilter": "AUTO", attachment + "FilterStrength": 1., attachment + "DeblockFilter": "DISABLED", attachment + "DenoiseFilter": "DISABLED",
		attachment + "SourceEndBehavior": "LOOP",
		"Destinations.0.Id":              "app-rtp-output", "Destinations.0.Settings.0.Url": "rtp://127.0.0.1:5000",
		group + "Name": "RtpStream", group + "Outputs.0.OutputName": "video_1080p",
		group + "Outputs.0.OutputSettings.UdpOutputSettings.Destination.DestinationRefId": "app-rtp-output",
		video + "Name": "video_1080p", video + "Width": 1920., video + "Height": 1080., video + "Sharpness": 50., video + "ScalingBehavior": "DEFAULT", video + "RespondToAfd": "NONE",
		h264 + "FramerateNumerator": 25., h264 + "FramerateDenominator": 1., h264 + "FramerateControl": "SPECIFIED", h264 + "ScanType": "PROGRESSIVE",
		h264 + "RateControlMode": "CBR", h264 + "Bitrate": 10_000_000., h264 + "Profile": "MAIN", h264 + "Level": "H264_LEVEL_AUTO", h264 + "EntropyEncoding": "CAVLC",
		h264 + "GopSize": 50., h264 + "GopSizeUnits": "FRAMES", h264 + "GopClosedCadence": 1., h264 + "GopNumBFrames": 2., h264 + "GopBReference": "DISABLED",
		h264 + "NumRefFrames": 1., h264 + "SubgopLength": "FIXED", h264 + "AdaptiveQuantization": "MEDIUM", h264 + "FlickerAq": "ENABLED", h264 + "SpatialAq": "ENABLED",
		h264 + "TemporalAq": "ENABLED", h264 + "SceneChangeDetect": "ENABLED", h264 + "LookAheadRateControl": "MEDIUM", h264 + "ColorMetadata": "INSERT",
		h264 + "AfdSignaling": "NONE", h264 + "TimecodeInsertion": "DISABLED", h264 + "ParControl": "SPECIFIED",
		aac + "Profile": "LC", aac + "Spec": "MPEG4", aac + "Bitrate": 96_000., aac + "RateControlMode": "CBR", aac + "SampleRate": 48_000., aac + "CodingMode": "CODING_MODE_2_0",
		aac + "InputType": "NORMAL", aac + "RawFormat": "NONE",
		audio + "StreamName": "Francais", audio + "LanguageCode": "fr", audio + "LanguageCodeControl": "USE_CONFIGURED", audio + "AudioTypeControl": "FOLLOW_INPUT",
		"EncoderSettings.TimecodeConfig.Source": "SYSTEMCLOCK", "Tags.StackName": "Dev",
	} {
		if got := at(channel, path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	input := a.of(t, "AWS::MediaLive::Input").Properties
	for path, want := range map[string]any{"Type": "MP4_FILE", "Sources.0.Url": "s3ssl://media/a.mp4", "InputSecurityGroups": nil} {
		if got := at(input, path); got != want {
			t.Errorf("input %s: got %v, want %v", path, got, want)
		}
	}
	if got := at(channel, group+"Outputs.0.OutputSettings.UdpOutputSettings.ContainerSettings.M2tsSettings"); got == nil {
		t.Error("the output has no M2TS container")
	}
}

// at returns the value at a path of members and indexes, nil without one.
func at(v any, path string) any {
	for part := range strings.SplitSeq(path, ".") {
		switch here := v.(type) {
		case map[string]any:
			v = here[part]
		case []any:
			i := 0
			if _, err := fmt.Sscanf(part, "%d", &i); err != nil || i >= len(here) {
				return nil
			}
			v = here[i]
		default:
			return nil
		}
	}
	return v
}

// TestSettings checks what the settings of a deployment become in the templates.
func TestSettings(t *testing.T) {
	a := synth(t, everything(t))
	channel := a.of(t, "AWS::MediaLive::Channel").Properties
	output := "EncoderSettings.OutputGroups.0.Outputs.0.OutputSettings.UdpOutputSettings."
	for path, want := range map[string]any{
		"ChannelClass": "STANDARD", "LogLevel": "INFO", "Destinations.0.Settings.0.Url": "rtp://198.51.100.10:5000", "Destinations.0.Settings.1.Url": "rtp://198.51.100.11:5000",
		output + "FecOutputSettings.IncludeFec": "COLUMN_AND_ROW", output + "FecOutputSettings.ColumnDepth": 8.,
		"EncoderSettings.VideoDescriptions.0.CodecSettings.H264Settings.RateControlMode": "QVBR",
		"EncoderSettings.VideoDescriptions.0.CodecSettings.H264Settings.MaxBitrate":      8_000_000.,
	} {
		if got := at(channel, path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	input := a.of(t, "AWS::MediaLive::Input").Properties
	if sources, _ := input["Sources"].([]any); len(sources) != 2 {
		t.Errorf("the input of two pipelines has %d sources", len(sources))
	}
	watch := a.stacks["automation"].Resources["Watch"].Properties
	if got := at(watch, "Environment.Variables.LILO_TTL"); got != "8h0m0s" {
		t.Errorf("the time to live is %v", got)
	}
	for name, r := range a.stacks["permission"].Resources {
		if r.Properties["PermissionsBoundary"] != "arn:aws:iam::123456789012:policy/boundary" {
			t.Errorf("%s has no permissions boundary", name)
		}
	}
}

// TestSchedule checks what a schedule has the state machine do, and when.
func TestSchedule(t *testing.T) {
	a := synth(t, everything(t))
	core := a.stacks["core"].Resources
	got := map[string]string{}
	for name, r := range core {
		if r.Type != "AWS::Scheduler::Schedule" {
			continue
		}
		got[name] = fmt.Sprint(r.Properties["ScheduleExpression"], " ", r.Properties["ScheduleExpressionTimezone"])
		if !reaches(core, name, "OnAir", map[string]bool{}) {
			t.Errorf("%s does not depend on on-air: a deletion would not remove it first", name)
		}
		input := ""
		for _, part := range at(r.Properties, "Target.Input.Fn::Join.1").([]any) {
			if text, ok := part.(string); ok {
				input += text
			} else {
				input += "filled-in"
			}
		}
		var request struct{ StateMachineArn, Name, Input string }
		var job struct{ Event cfn.Event }
		if err := json.Unmarshal([]byte(input), &request); err != nil {
			t.Fatalf("%s: %v: %s", name, err, input)
		}
		if err := json.Unmarshal([]byte(request.Input), &job); err != nil {
			t.Fatalf("%s: %v: %s", name, err, request.Input)
		}
		verb := name[len("Schedule") : len(name)-1]
		want := cfn.Event{
			RequestType: cfn.RequestType(verb), RequestID: "<aws.scheduler.execution-id>", ResourceType: "Custom::LiloSchedule", StackID: "filled-in",
			ResourceProperties: map[string]any{"ChannelId": "filled-in"},
		}
		if text(job.Event) != text(want) || request.Name != "schedule-"+strings.ToLower(verb)+"-<aws.scheduler.execution-id>" {
			t.Errorf("%s: %s asks for %s", name, request.Name, text(job.Event))
		}
	}
	want := map[string]string{
		"ScheduleStop0": "cron(0 2 ? * SUN *) Europe/Paris", "ScheduleStart1": "cron(0 8 ? * MON,TUE,WED,THU,FRI *) Europe/Paris",
		"ScheduleStop2": "cron(0 20 ? * MON,TUE,WED,THU,FRI *) Europe/Paris", "ScheduleStart3": "cron(0 22 ? * SAT *) Europe/Paris",
		"ScheduleStop4": "cron(0 3 ? 3 1L *) Europe/Paris", // 02:00 is skipped when summer time begins.
	}
	if text(got) != text(want) {
		t.Errorf("got  %s\nwant %s", text(got), text(want))
	}
	if got := core["OnAir"].Properties["Schedule"]; got != everything(t)["LILO_SCHEDULE"] {
		t.Errorf("on-air has the schedule %v", got)
	}
	if got := at(a.stacks["automation"].Resources["Watch"].Properties, "Environment.Variables.LILO_AUTO_START"); got != "false" {
		t.Errorf("the watch function starts the channel at any time: %v", got)
	}
}

// TestOrder checks the dependencies that starting, stopping and rolling back rely on.
func TestOrder(t *testing.T) {
	a := synth(t, everything(t))
	core := a.stacks["core"].Resources
	need := func(name, on string) {
		t.Helper()
		if !reaches(core, name, on, map[string]bool{}) {
			t.Errorf("%s does not depend on %s", name, on)
		}
	}
	nested := map[string]string{}
	for name := range core {
		for _, stack := range []string{"permission", "automation", "mediaservices"} {
			if strings.HasPrefix(name, stack) {
				nested[stack] = name
			}
		}
	}
	need(nested["automation"], nested["permission"])
	need("Gate", nested["automation"])
	need(nested["mediaservices"], "Gate")
	need("OnAir", nested["mediaservices"])
	need("OnAir", "Object")
	need("OnAir", "ChannelParameter")
	need("Object", "Contents")
	need("StateRule", nested["mediaservices"])
	if reaches(core, nested["automation"], nested["mediaservices"], map[string]bool{}) {
		t.Error("the functions depend on the channel: nothing could stop it before it is changed")
	}
	one, other := core["Gate"].Properties["Settings"], core["OnAir"].Properties["Settings"]
	if one == "" || one != other {
		t.Errorf("gate and on-air have different settings: %v, %v", one, other)
	}
}

// reaches reports whether a resource depends on another, directly or not.
func reaches(all map[string]*resource, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] || all[from] == nil {
		return false
	}
	seen[from] = true
	for _, name := range references(all[from]) {
		if reaches(all, name, to, seen) {
			return true
		}
	}
	return false
}

func references(r *resource) []string {
	var all []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if name, ok := v["Ref"].(string); ok {
				all = append(all, name)
			}
			if pair, ok := v["Fn::GetAtt"].([]any); ok {
				all = append(all, pair[0].(string))
			}
			for _, each := range v {
				walk(each)
			}
		case []any:
			for _, each := range v {
				walk(each)
			}
		}
	}
	walk(r.Properties)
	switch on := r.DependsOn.(type) {
	case string:
		all = append(all, on)
	case []any:
		for _, each := range on {
			all = append(all, each.(string))
		}
	}
	return all
}

// TestNamesAreUnique checks that any number of deployments fit into one account.
func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, customer := range []string{"Client", strings.Repeat("c", 24)} {
		v := everything(t)
		v["LILO_CUSTOMER"], v["LILO_PROJECT"], v["LILO_REGION"] = customer, strings.Repeat("p", 24), "ap-southeast-4"
		v["LILO_ALARM_TOPIC"] = strings.Replace(v["LILO_ALARM_TOPIC"], "eu-west-1", "ap-southeast-4", 1)
		for name, kind := range names(synth(t, v)) {
			if limit := longest(kind); len(name) > limit {
				t.Errorf("%s %s has %d bytes, more than %d", kind, name, len(name), limit)
			}
			if seen[kind+name] {
				t.Errorf("two deployments share %s %s", kind, name)
			}
			seen[kind+name] = true
		}
	}
}

// names returns the physical names of a deployment with the property that holds
// each. Inputs and channels of MediaLive are identified by their ids.
func names(a assembly) map[string]string {
	all := map[string]string{}
	for _, stack := range a.stacks {
		for _, r := range stack.Resources {
			if strings.HasPrefix(r.Type, "AWS::MediaLive::") {
				continue
			}
			for _, property := range []string{
				"FunctionName", "RoleName", "QueueName", "StateMachineName", "LogGroupName", "AlarmName", "DashboardName", "BucketName", "Name", "TopicName",
			} {
				if name, ok := r.Properties[property].(string); ok {
					all[name] = r.Type + "." + property
				}
			}
		}
	}
	return all
}

// longest returns the maximum length of a name.
func longest(kind string) int {
	switch kind {
	case "AWS::SSM::Parameter.Name", "AWS::Logs::LogGroup.LogGroupName":
		return 512
	case "AWS::CloudWatch::Alarm.AlarmName", "AWS::CloudWatch::Dashboard.DashboardName":
		return 255
	case "AWS::StepFunctions::StateMachine.StateMachineName", "AWS::SQS::Queue.QueueName":
		return 80
	}
	return 64
}

// TestOutputs checks that the outputs name what a deployer needs.
func TestOutputs(t *testing.T) {
	a := synth(t, everything(t))
	for _, key := range []string{"ChannelId", "ChannelArn", "InputId", "ConsoleLink", "LogGroup", "Destinations", "Dashboard", "SourceBucket"} {
		if _, ok := a.stacks["core"].Outputs[key]; !ok {
			t.Errorf("%s is missing", key)
		}
	}
	if got := a.stacks["core"].Outputs["Destinations"].Value; got != "rtp://198.51.100.10:5000 rtp://198.51.100.11:5000" {
		t.Errorf("destinations: %v", got)
	}
}

// TestVariables sets the same in a file, the environment and the context: the
// latter wins.
func TestVariables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lilo.yaml")
	if err := os.WriteFile(file, []byte("source: s3://media/a.mp4\nto: rtp://198.51.100.1:5000\nname: of the file\naws:\n  stack: File\n  customer: File\n  project: File\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := synth(t, map[string]string{
		"LILO_CONFIG": file, "LILO_CUSTOMER": "Environment", "LILO_PROJECT": "Environment", "CDK_CONTEXT_JSON": `{"project":"Context","to":"udp://198.51.100.3:5000 udp://198.51.100.4:5000"}`,
	})
	channel := a.of(t, "AWS::MediaLive::Channel").Properties
	for path, want := range map[string]any{
		"Tags.StackName": "File", "Tags.CustomerName": "Environment", "Tags.ProjectName": "Context", "Destinations.1.Settings.0.Url": "udp://198.51.100.4:5000",
	} {
		if got := at(channel, path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func TestInvalidSettings(t *testing.T) {
	cases := map[string]struct {
		change map[string]string
		want   string
		kind   fault.Kind
	}{
		"no destination":        {map[string]string{"LILO_TO": ""}, "to: a destination is missing", fault.Usage},
		"no source":             {map[string]string{"LILO_SOURCE": ""}, "source: it is missing", fault.Usage},
		"a bucket with dots":    {map[string]string{"LILO_SOURCE": "s3://my.media/a.mp4"}, "has a dot", fault.Usage},
		"a key with a wildcard": {map[string]string{"LILO_SOURCE": "s3://media/*.mp4"}, "would match other objects", fault.Usage},
		"no such file":          {map[string]string{"LILO_SOURCE": "/nowhere/a.mp4"}, "the source: stat", fault.Source},
		"no config":             {map[string]string{"LILO_CONFIG": "/nowhere/lilo.yaml"}, "config: open", fault.Usage},
		"an unknown region":     {map[string]string{"LILO_REGION": "Ireland"}, "LILO_REGION", fault.Usage},
		"an invalid context":    {map[string]string{"CDK_CONTEXT_JSON": `{"ttl":"soon"}`}, "-c ttl:", fault.Usage},
		"a topic without ARN":   {map[string]string{"LILO_ALARM_TOPIC": "alarms"}, `LILO_ALARM_TOPIC: "alarms" is not the ARN of a topic`, fault.Usage},
		"one of a pair":         {map[string]string{"LILO_STANDARD": "true"}, "come in pairs", fault.Usage},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			v := plain()
			maps.Copy(v, c.change)
			v["CDK_OUTDIR"] = t.TempDir()
			err := app.Run(context.Background(), func(name string) string { return v[name] }, &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != c.kind || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v (kind %d), want %q", err, fault.KindOf(err), c.want)
			}
		})
	}
}

// sorted returns the names of resources in alphabetical order.
func sorted(all map[string]*resource) []string { return slices.Sorted(maps.Keys(all)) }
