package service

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/source"
)

// A 422's message says where and what, because command lines print nothing else.
func TestMessageNamesTheMembers(t *testing.T) {
	g := open(t, t.TempDir())
	in := request(g.input(t, "file:///media/a.mp4"))
	in.EncoderSettings.OutputGroups[0].Outputs[0].OutputSettings.UdpOutputSettings.Destination.DestinationRefId = aws.String("x")
	in.EncoderSettings.AudioDescriptions = append(in.EncoderSettings.AudioDescriptions, types.AudioDescription{Name: aws.String("y"), AudioSelectorName: aws.String("s")})
	_, err := g.Channels.Create(t.Context(), in)
	e := errorOf(t, err, Unprocessable, `audioDescriptions[1] Audio description "y" is not referenced by any output; `+
		`outputGroups[0].outputs[0].outputSettings.udpOutputSettings.destination.destinationRefId Object references undefined destination "x"`)
	if len(e.Elements) != 2 || *e.Elements[0].ElementPath != "audioDescriptions[1]" {
		t.Errorf("its elements are %+v", e.Elements)
	}
	for i := range 30 {
		in.EncoderSettings.AudioDescriptions = append(in.EncoderSettings.AudioDescriptions, types.AudioDescription{Name: aws.String(strings.Repeat("z", i+1)), AudioSelectorName: aws.String("s")})
	}
	_, err = g.Channels.Create(t.Context(), in)
	if e := errorOf(t, err, Unprocessable, ""); !strings.HasSuffix(e.Message, "; and 22 more") || len(e.Elements) != 32 {
		t.Errorf("%d members are told as %s", len(e.Elements), e.Message)
	}
}

func TestDestinationsAreOfOneKind(t *testing.T) {
	g := open(t, t.TempDir())
	for name, d := range map[string]types.OutputDestination{
		"none": {Id: aws.String("d")},
		"two":  {Id: aws.String("d"), Settings: []types.OutputDestinationSettings{{Url: aws.String("udp://127.0.0.1:5000")}}, MultiplexSettings: &types.MultiplexProgramChannelDestinationSettings{}},
	} {
		t.Run(name, func(t *testing.T) {
			in := request(g.input(t, "file:///media/a.mp4"))
			in.Destinations[0] = d
			_, err := g.Channels.Create(t.Context(), in)
			check(t, err, BadRequest, "Exactly one of settings, MediaPackage settings, or Multiplex settings is required for destination d.")
		})
	}
}

// Terraform sends an empty text for each member that its configuration lacks.
func TestEmptyTextsAreUnset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir(), func(o *options) { o.Strict = true })
		out, err := g.Inputs.Create(t.Context(), &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{
			{Url: aws.String("file:///media/a.mp4"), Username: aws.String(""), PasswordParam: aws.String("")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		in := request(*out.Input.Id)
		in.Destinations[0].Settings[0] = types.OutputDestinationSettings{
			Url: aws.String("udp://127.0.0.1:5000"), Username: aws.String(""), PasswordParam: aws.String(""), StreamName: aws.String(""),
		}
		in.Vpc = nil
		in.EncoderSettings.AudioDescriptions[0].LanguageCode = aws.String("")
		in.EncoderSettings.AudioDescriptions[0].StreamName = aws.String("")
		id := g.channel(t, in)
		synctest.Wait()
		if set := g.alerts(t, id); len(set) != 0 {
			t.Errorf("alerts are set: %s", *set[0].Message)
		}
	})
}

// Two inputs may read one URL as different users, and a dynamic input reads each of its URLs as one.
func TestLoginOfAnInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		input := func(url, user string) string {
			out, err := g.Inputs.Create(t.Context(), &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{
				{Url: &url, Username: &user, PasswordParam: aws.String("/password of " + user)},
			}})
			if err != nil {
				t.Fatal(err)
			}
			return *out.Input.Id
		}
		id := g.channel(t, request(input("https://example.com/a.mp4", "me"), input("https://example.com/a.mp4", "you"), input("https://example.com/$urlPath$", "all")))
		dynamic := switchTo("2", "in2", at(2*time.Minute))
		dynamic.ScheduleActionSettings.InputSwitchSettings.UrlPath = []string{"b.mp4"}
		if _, err := g.updateSchedule(t, id, nil, switchTo("1", "in1", at(time.Minute)), dynamic); err != nil {
			t.Fatal(err)
		}
		if _, err := g.Channels.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateRunning)
		c := g.player.last()
		for user, got := range map[string]channel.Login{"me": c.Spec.Login, "you": c.Schedule.Entries[0].Login, "all": c.Schedule.Entries[1].Login} {
			if want := (channel.Login{User: user, Parameter: "/password of " + user}); got != want {
				t.Errorf("it is read as %+v, want %+v", got, want)
			}
		}
	})
}

// A switch gives what a dynamic input needs and a static one does not, and no file that an
// input could not have.
func TestURLPaths(t *testing.T) {
	const media = "/media"
	g := open(t, t.TempDir())
	input := func(url string) string {
		out, err := g.Inputs.Create(t.Context(), &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{{Url: &url}}})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Input.Id
	}
	static, dynamic := input("https://example.com/a.mp4"), input("file://"+media+"/$urlPath$")
	id := g.channel(t, request(static, dynamic))
	for name, c := range map[string]struct {
		to, member, text string
		path             []string
	}{
		"static":          {"in0", "", "The input " + static + " is static: urlPath is for a URL with $urlPath$", []string{"b.mp4"}},
		"dynamic without": {"in1", "", "The input " + dynamic + " is dynamic: give what $urlPath$ stands for in its URL", nil},
		"outside":         {"in1", "[0]", source.Forbidden(media + "/../b.mp4").Error(), []string{"../b.mp4"}},
		"played":          {"in1", "", "", []string{"b.mp4"}},
	} {
		t.Run(name, func(t *testing.T) {
			switched := switchTo("switch "+name, c.to, at(time.Minute))
			switched.ScheduleActionSettings.InputSwitchSettings.UrlPath = c.path
			prepared := switchTo("prepare "+name, c.to, at(time.Minute))
			prepared.ScheduleActionSettings = &types.ScheduleActionSettings{InputPrepareSettings: &types.InputPrepareScheduleActionSettings{InputAttachmentNameReference: &c.to, UrlPath: c.path}}
			for member, a := range map[string]types.ScheduleAction{"inputSwitchSettings": switched, "inputPrepareSettings": prepared} {
				_, err := g.updateSchedule(t, id, nil, a)
				if c.text == "" {
					if err != nil {
						t.Error(err)
					}
					continue
				}
				check(t, err, Unprocessable, "creates.scheduleActions[0].scheduleActionSettings."+member+".urlPath"+c.member+" "+c.text)
			}
		})
	}
}

func TestTokenOfADeletedResourceIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		in := &sdk.CreateInputInput{
			Name: aws.String("in"), Type: types.InputTypeMp4File, RequestId: aws.String("token"),
			Sources: []types.InputSourceRequest{{Url: aws.String("file:///media/a.mp4")}},
		}
		first, err := g.Inputs.Create(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Inputs.Delete(t.Context(), *first.Input.Id); err != nil {
			t.Fatal(err)
		}
		in.Name = aws.String("another")
		second, err := g.Inputs.Create(t.Context(), in)
		if err != nil || *second.Input.Id == *first.Input.Id || second.Input.State != types.InputStateDetached {
			t.Fatalf("the second input is %+v, %v", second.Input, err)
		}
		channel := request(*second.Input.Id)
		channel.RequestId = aws.String("token")
		id := g.channel(t, channel)
		if _, err := g.Channels.Delete(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateDeleted)
		out, err := g.Channels.Create(t.Context(), channel)
		if err != nil || *out.Channel.Id == id || out.Channel.State != types.ChannelStateCreating {
			t.Fatalf("the second channel is %+v, %v", out.Channel, err)
		}
	})
}
