package construct_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/lilo-live/lilo/deploy/aws/construct"
)

// TestMain stops the CDK's library after all tests.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// body is the part of a resource that is tested.
type body struct {
	Type       string
	Properties map[string]any
	DependsOn  []string
}

// synth returns the resources of a stack with a channel of its own and a lifecycle,
// by type.
func synth(t *testing.T, settings string) map[string]body {
	t.Helper()
	dir := t.TempDir()
	archive := filepath.Join(dir, "functions.zip")
	if err := os.WriteFile(archive, []byte("PK"), 0o600); err != nil {
		t.Fatal(err)
	}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &dir, AnalyticsReporting: jsii.Bool(false), Context: &map[string]any{
		"@aws-cdk/core:validateAgainstDefaultRules": true,
	}})
	stack := awscdk.NewStack(app, jsii.String("News"), nil)
	channel := awscdk.NewCfnResource(stack, jsii.String("Channel"), &awscdk.CfnResourceProps{
		Type: jsii.String("AWS::MediaLive::Channel"), Properties: &map[string]any{"Name": "news"},
	})
	_, err := construct.NewLifecycle(stack, "Lifecycle", construct.LifecycleProps{
		ChannelID: *channel.Ref(), ChannelARN: *awscdk.Token_AsString(channel.GetAtt(jsii.String("Arn"), awscdk.ResolutionTypeHint_STRING), nil),
		Guarded: []awscdk.CfnResource{channel}, Settings: settings, AutoStart: true, Functions: archive, Name: "news",
	})
	if err != nil {
		t.Fatal(err)
	}
	app.Synth(nil)
	text, err := os.ReadFile(filepath.Join(dir, "News.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var read struct{ Resources map[string]body }
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	all := map[string]body{}
	for id, r := range read.Resources {
		if r.Type == "AWS::IAM::Role" {
			r.Type += "/" + strings.TrimPrefix(id, "Lifecycle")[:4]
		}
		all[r.Type] = r
		r.Properties["id"] = id
	}
	return all
}

func text(v any) string {
	b, _ := json.Marshal(v) // Maps of strings and numbers can always be encoded.
	return string(b)
}

// TestLifecycleFramesTheChannel checks the order that starting and stopping rely on, and
// that the function may start and stop this channel alone.
func TestLifecycleFramesTheChannel(t *testing.T) {
	all := synth(t, "1")
	channel, gate, onAir := all["AWS::MediaLive::Channel"], all["Custom::LiloGate"], all["Custom::LiloOnAir"]
	gateID, _ := gate.Properties["id"].(string)
	if !slices.Contains(channel.DependsOn, gateID) {
		t.Errorf("the channel depends on %v, not on the gate", channel.DependsOn)
	}
	if text(gate) == "" || strings.Contains(text(gate.Properties), `"Channel"`) {
		t.Errorf("the gate depends on the channel: %s", text(gate))
	}
	if text(onAir.Properties["ChannelId"]) != `{"Ref":"Channel"}` || onAir.Properties["AutoStart"] != "true" {
		t.Errorf("on-air is %s", text(onAir))
	}
	if gate.Properties["Settings"] != "1" || onAir.Properties["Settings"] != "1" {
		t.Error("gate and on-air have other settings")
	}
	if parameter := all["AWS::SSM::Parameter"]; gate.Properties["ChannelParameter"] != parameter.Properties["Name"] {
		t.Errorf("the gate reads %v, the id of the channel is in %v", gate.Properties["ChannelParameter"], parameter.Properties["Name"])
	}
	grant := text(all["AWS::IAM::RolePolicy"].Properties)
	if !strings.Contains(grant, `"Resource":[{"Fn::GetAtt":["Channel","Arn"]}]`) {
		t.Errorf("the function's permissions are %s", grant)
	}
	for id, r := range all {
		if strings.HasPrefix(id, "AWS::IAM::Role/") && (strings.Contains(text(r), `"Resource":"*"`) || !strings.Contains(text(r), "aws:SourceAccount")) {
			t.Errorf("%s: %s", id, text(r))
		}
	}
	if machine := text(all["AWS::StepFunctions::StateMachine"]); !strings.Contains(machine, `StartAt`) {
		t.Errorf("the state machine is %s", machine)
	}
}

// TestLifecycleNeedsTheArchive checks that a missing archive is an error.
func TestLifecycleNeedsTheArchive(t *testing.T) {
	stack := awscdk.NewStack(awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)}), jsii.String("News"), nil)
	_, err := construct.NewLifecycle(stack, "Lifecycle", construct.LifecycleProps{Functions: "/nowhere.zip"})
	if err == nil || !strings.Contains(err.Error(), "the archive of the functions") {
		t.Errorf("got %v", err)
	}
}
