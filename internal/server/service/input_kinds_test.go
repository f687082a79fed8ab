package service

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// foreign returns requests for inputs that are not files, as Terraform's acceptance tests
// and public documents have them.
func foreign(group string) map[string]*sdk.CreateInputInput {
	in := func(kind types.InputType) *sdk.CreateInputInput {
		return &sdk.CreateInputInput{Name: aws.String("in"), Type: kind}
	}
	rtmpPush, udpPush, rtpPush, vpc := in("RTMP_PUSH"), in("UDP_PUSH"), in("RTP_PUSH"), in("RTP_PUSH")
	rtmpPull, urlPull, flow, srt := in("RTMP_PULL"), in("URL_PULL"), in("MEDIACONNECT"), in("SRT_CALLER")
	for _, push := range []*sdk.CreateInputInput{rtmpPush, udpPush, rtpPush} {
		push.InputSecurityGroups = []string{group}
	}
	rtmpPush.Destinations = []types.InputDestinationRequest{{StreamName: aws.String("live/a")}}
	vpc.Vpc, vpc.RoleArn = &types.InputVpcRequest{SubnetIds: []string{"subnet-1", "subnet-2"}}, aws.String("arn:aws:iam::123456789012:role/lilo")
	rtmpPull.Sources = []types.InputSourceRequest{{Url: aws.String("rtmp://example.com/live/a"), Username: aws.String("me"), PasswordParam: aws.String("/p")}}
	urlPull.Sources = []types.InputSourceRequest{{Url: aws.String("https://example.com/a.m3u8")}, {Url: aws.String("https://example.org/a.m3u8")}}
	flow.MediaConnectFlows, flow.RoleArn = []types.MediaConnectFlowRequest{{FlowArn: aws.String("arn:aws:mediaconnect:eu-west-1:123456789012:flow:1-a:b")}}, vpc.RoleArn
	srt.SrtSettings = &types.SrtSettingsRequest{SrtCallerSources: []types.SrtCallerSourceRequest{{SrtListenerAddress: aws.String("192.0.2.1"), SrtListenerPort: aws.String("5000"), MinimumLatency: aws.Int32(200)}}}
	return map[string]*sdk.CreateInputInput{
		"RTMP_PUSH": rtmpPush, "UDP_PUSH": udpPush, "RTP_PUSH": rtpPush, "RTP_PUSH in a VPC": vpc,
		"RTMP_PULL": rtmpPull, "URL_PULL": urlPull, "MEDIACONNECT": flow, "SRT_CALLER": srt,
	}
}

// Inputs that are not files have endpoints and classes as on MediaLive, and play a slate
// with an alert.
func TestForeignInputs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		group, err := g.Groups.Create(t.Context(), groupOf("0.0.0.0/0"))
		if err != nil {
			t.Fatal(err)
		}
		endpoints := map[string]string{"RTMP_PUSH": "rtmp:// :1935/live/a", "UDP_PUSH": "udp:// :5000", "RTP_PUSH": "rtp:// :5000", "RTP_PUSH in a VPC": "rtp://10.0.0. :5000"}
		for name, in := range foreign(*group.SecurityGroup.Id) {
			out, err := g.Inputs.Create(t.Context(), in)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			doc := out.Input
			begin, end, push := strings.Cut(endpoints[name], " ")
			if push != (len(doc.Destinations) > 0) {
				t.Errorf("%s has %d endpoints", name, len(doc.Destinations))
			}
			for _, d := range doc.Destinations {
				if !strings.HasPrefix(*d.Url, begin) || !strings.HasSuffix(*d.Url, end) || !strings.Contains(*d.Url, *d.Ip+":"+*d.Port) {
					t.Errorf("%s is sent to %s", name, *d.Url)
				}
			}
			request := request(*doc.Id)
			if doc.InputClass == types.InputClassStandard {
				request = standard(request)
			}
			id := g.started(t, request)
			if source := g.player.last().Spec.Source; source != "" {
				t.Errorf("%s plays %s", name, source)
			}
			if set := g.alerts(t, id); len(set) != 1 || !strings.Contains(*set[0].Message, "an input of type "+string(in.Type)) {
				t.Errorf("%s has the alerts %+v", name, set)
			}
			// An update of the name leaves the rest.
			if _, err := g.Channels.Stop(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			g.await(t, id, types.ChannelStateIdle)
			update, err := g.Inputs.Update(t.Context(), &sdk.UpdateInputInput{InputId: doc.Id, Name: aws.String("other")})
			if err != nil || update.Input.Sources == nil || update.Input.SecurityGroups == nil || len(update.Input.Destinations) != len(doc.Destinations) ||
				len(update.Input.Sources) != len(in.Sources) || len(update.Input.MediaConnectFlows) != len(in.MediaConnectFlows) || (update.Input.SrtSettings == nil) != (in.SrtSettings == nil) {
				t.Errorf("%s is updated to %+v, %v", name, update, err)
			}
		}
		if doc, err := g.Groups.Describe(t.Context(), *group.SecurityGroup.Id); err != nil || len(doc.Inputs) != 3 {
			t.Errorf("the group is used by %v, %v", doc.Inputs, err)
		}
	})
}

func TestRefusedForeignInputs(t *testing.T) {
	g := open(t, t.TempDir())
	for want, change := range map[string]func(map[string]*sdk.CreateInputInput) *sdk.CreateInputInput{
		"inputSecurityGroups": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			all["UDP_PUSH"].InputSecurityGroups = nil
			return all["UDP_PUSH"]
		},
		"destinations[0].streamName": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			all["RTMP_PUSH"].Destinations[0].StreamName = nil
			return all["RTMP_PUSH"]
		},
		"sources[0].url": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			all["URL_PULL"].Sources[0].Url = aws.String("")
			return all["URL_PULL"]
		},
		"roleArn": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			all["MEDIACONNECT"].RoleArn = nil
			return all["MEDIACONNECT"]
		},
		"srtSettings.srtCallerSources": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			all["SRT_CALLER"].SrtSettings = nil
			return all["SRT_CALLER"]
		},
		"vpc": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			all["RTP_PUSH in a VPC"].Vpc.SubnetIds = nil
			return all["RTP_PUSH in a VPC"]
		},
		"inputSecurityGroups[1]": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			in := all["RTMP_PUSH"]
			in.InputSecurityGroups = append(in.InputSecurityGroups, in.InputSecurityGroups[0])
			return in
		},
		"vpc.subnetIds[1]": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			all["RTP_PUSH in a VPC"].Vpc.SubnetIds[1] = "subnet-1"
			return all["RTP_PUSH in a VPC"]
		},
		"vpc.securityGroupIds[1]": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			all["RTP_PUSH in a VPC"].Vpc.SecurityGroupIds = []string{"sg-1", "sg-1"}
			return all["RTP_PUSH in a VPC"]
		},
		"destinations": func(all map[string]*sdk.CreateInputInput) *sdk.CreateInputInput {
			all["URL_PULL"].Destinations = all["RTMP_PUSH"].Destinations
			return all["URL_PULL"]
		},
	} {
		group, err := g.Groups.Create(t.Context(), groupOf("0.0.0.0/0"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Inputs.Create(t.Context(), change(foreign(*group.SecurityGroup.Id)))
		if e := errorOf(t, err, Unprocessable, ""); *e.Elements[0].ElementPath != want {
			t.Errorf("%s: it names %s", want, e.Message)
		}
	}
}

// What each type of input consists of is checked member by member, when it is created and when it
// is updated.
func TestMembersOfForeignInputs(t *testing.T) {
	type caller = types.SrtCallerSourceRequest
	srt := func(edit func(*caller)) func(*sdk.CreateInputInput) {
		return func(in *sdk.CreateInputInput) { edit(&in.SrtSettings.SrtCallerSources[0]) }
	}
	g := open(t, t.TempDir())
	group, err := g.Groups.Create(t.Context(), groupOf("0.0.0.0/0"))
	if err != nil {
		t.Fatal(err)
	}
	flow := "arn:aws:mediaconnect:eu-west-1:123456789012:flow:1-a:b"
	for _, c := range []struct {
		kind, path string
		change     func(*sdk.CreateInputInput)
	}{
		{"RTMP_PUSH", "destinations[0].streamName", func(in *sdk.CreateInputInput) { in.Destinations[0].StreamName = aws.String("live") }},
		{"RTMP_PUSH", "destinations[0].streamName", func(in *sdk.CreateInputInput) { in.Destinations[0].StreamName = aws.String("live/a/b") }},
		{"RTMP_PUSH", "destinations", func(in *sdk.CreateInputInput) { in.Destinations = nil }},
		{"RTMP_PUSH", "destinations", func(in *sdk.CreateInputInput) {
			in.Destinations = []types.InputDestinationRequest{in.Destinations[0], in.Destinations[0], in.Destinations[0]}
		}},
		{"RTP_PUSH", "destinations[0].streamName", func(in *sdk.CreateInputInput) {
			in.Destinations = []types.InputDestinationRequest{{StreamName: aws.String("live/a")}}
		}},
		{"RTP_PUSH in a VPC", "roleArn", func(in *sdk.CreateInputInput) { in.RoleArn = aws.String("me") }},
		{"RTMP_PULL", "sources[0].url", func(in *sdk.CreateInputInput) { in.Sources[0].Url = aws.String("https://example.com/live/a") }},
		{"RTMP_PULL", "sources[0].username", func(in *sdk.CreateInputInput) { in.Sources[0].Username = nil }},
		{"RTMP_PULL", "roleArn", func(in *sdk.CreateInputInput) { in.RoleArn = aws.String("arn:aws:iam::123456789012:user/me") }},
		{"URL_PULL", "sources[0].url", func(in *sdk.CreateInputInput) { in.Sources[0].Url = aws.String("udp://192.0.2.1:5000") }},
		{"MEDIACONNECT", "mediaConnectFlows[0].flowArn", func(in *sdk.CreateInputInput) { in.MediaConnectFlows[0].FlowArn = aws.String("flow") }},
		{"MEDIACONNECT", "mediaConnectFlows[1].flowArn", func(in *sdk.CreateInputInput) {
			in.MediaConnectFlows = append(in.MediaConnectFlows, types.MediaConnectFlowRequest{FlowArn: &flow})
		}},
		{"MEDIACONNECT", "roleArn", func(in *sdk.CreateInputInput) { in.RoleArn = aws.String("arn:aws:iam::123456789012:role/") }},
		{"SRT_CALLER", "srtSettings.srtCallerSources[0].srtListenerAddress", srt(func(s *caller) { s.SrtListenerAddress = aws.String("srt://192.0.2.1") })},
		{"SRT_CALLER", "srtSettings.srtCallerSources[0].srtListenerPort", srt(func(s *caller) { s.SrtListenerPort = aws.String("70000") })},
		{"SRT_CALLER", "srtSettings.srtCallerSources[0].minimumLatency", srt(func(s *caller) { s.MinimumLatency = nil })},
		{"SRT_CALLER", "srtSettings.srtCallerSources[0].streamId", srt(func(s *caller) { s.StreamId = aws.String(strings.Repeat("x", 513)) })},
		{"SRT_CALLER", "srtSettings.srtCallerSources[0].decryption.algorithm", srt(func(s *caller) {
			s.Decryption = &types.SrtCallerDecryptionRequest{Algorithm: "ROT13", PassphraseSecretArn: aws.String("arn:aws:secretsmanager:eu-west-1:123456789012:secret:a")}
		})},
		{"SRT_CALLER", "srtSettings.srtCallerSources[0].decryption.passphraseSecretArn", srt(func(s *caller) {
			s.Decryption = &types.SrtCallerDecryptionRequest{Algorithm: "AES128"}
		})},
	} {
		in := foreign(*group.SecurityGroup.Id)[c.kind]
		made, err := g.Inputs.Create(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		c.change(in)
		_, err = g.Inputs.Create(t.Context(), in)
		if e := errorOf(t, err, Unprocessable, ""); *e.Elements[0].ElementPath != c.path {
			t.Errorf("%s: it names %s, want %s", c.kind, e.Message, c.path)
		}
		if in.Destinations == nil && c.kind == "RTMP_PUSH" || in.RoleArn == nil && c.path == "roleArn" {
			continue // An update leaves what it lacks.
		}
		_, err = g.Inputs.Update(t.Context(), &sdk.UpdateInputInput{
			InputId: made.Input.Id, Destinations: in.Destinations, Sources: in.Sources, RoleArn: in.RoleArn, MediaConnectFlows: in.MediaConnectFlows, SrtSettings: in.SrtSettings,
		})
		if e := errorOf(t, err, Unprocessable, ""); *e.Elements[0].ElementPath != c.path {
			t.Errorf("%s updated: it names %s, want %s", c.kind, e.Message, c.path)
		}
	}
}
