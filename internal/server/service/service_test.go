package service

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/record"
)

// switchTo is an action that switches to an attachment, at a time or immediately.
func switchTo(name, attachment, at string) types.ScheduleAction {
	start := &types.ScheduleActionStartSettings{ImmediateModeScheduleActionStartSettings: &types.ImmediateModeScheduleActionStartSettings{}}
	if at != "" {
		start = &types.ScheduleActionStartSettings{FixedModeScheduleActionStartSettings: &types.FixedModeScheduleActionStartSettings{Time: &at}}
	}
	return types.ScheduleAction{
		ActionName: &name, ScheduleActionStartSettings: start,
		ScheduleActionSettings: &types.ScheduleActionSettings{InputSwitchSettings: &types.InputSwitchScheduleActionSettings{InputAttachmentNameReference: &attachment}},
	}
}

func TestPermit(t *testing.T) {
	const notStopped = "Cannot delete a channel that has not been stopped yet"
	type answers struct{ start, stop, update, delete, restart Code }
	cases := map[types.ChannelState]answers{
		types.ChannelStateCreating:     {BadRequest, Conflict, Conflict, Conflict, Conflict},
		types.ChannelStateCreateFailed: {Conflict, Conflict, Conflict, "", Conflict},
		types.ChannelStateIdle:         {"", Conflict, "", "", Conflict},
		types.ChannelStateStarting:     {Conflict, "", Conflict, Conflict, Conflict},
		types.ChannelStateRunning:      {Conflict, "", Conflict, Conflict, ""},
		types.ChannelStateRecovering:   {Conflict, "", Conflict, Conflict, ""},
		types.ChannelStateStopping:     {Conflict, Conflict, Conflict, Conflict, Conflict},
		types.ChannelStateDeleting:     {Conflict, Conflict, Conflict, Conflict, Conflict},
		types.ChannelStateUpdating:     {Conflict, Conflict, Conflict, Conflict, Conflict},
		types.ChannelStateUpdateFailed: {"", Conflict, "", "", Conflict},
	}
	for state, want := range cases {
		t.Run(string(state), func(t *testing.T) {
			for op, code := range map[operation]Code{
				toStart: want.start, toStop: want.stop, toUpdate: want.update, toDelete: want.delete, toRestart: want.restart,
			} {
				err := permit(op, state)
				if code == "" && err != nil || code != "" && CodeOf(err) != code {
					t.Errorf("%s answers %v, not %s", op, err, code)
				}
			}
		})
	}
	check(t, permit(toDelete, types.ChannelStateRunning), Conflict, notStopped)
	check(t, permit(toDelete, types.ChannelStateStarting), Conflict, notStopped)
}

func TestNotFound(t *testing.T) {
	g := open(t, t.TempDir())
	tag := func(arn *string) func() error {
		return func() error {
			_, err := g.Tags.Create(t.Context(), &sdk.CreateTagsInput{ResourceArn: arn})
			return err
		}
	}
	calls := map[string]func() error{
		"describe channel": func() error { _, err := g.Channels.Describe(t.Context(), "7"); return err },
		"start":            func() error { _, err := g.Channels.Start(t.Context(), "7"); return err },
		"stop":             func() error { _, err := g.Channels.Stop(t.Context(), "7"); return err },
		"delete channel":   func() error { _, err := g.Channels.Delete(t.Context(), "7"); return err },
		"update channel": func() error {
			_, err := g.Channels.Update(t.Context(), &sdk.UpdateChannelInput{ChannelId: aws.String("7")})
			return err
		},
		"restart": func() error { _, err := g.restart(t, "7"); return err },
		"alerts": func() error {
			_, err := g.Channels.Alerts(t.Context(), &sdk.ListAlertsInput{ChannelId: aws.String("7")})
			return err
		},
		"schedule": func() error {
			_, err := g.Schedules.Describe(t.Context(), &sdk.DescribeScheduleInput{ChannelId: aws.String("7")})
			return err
		},
		"update schedule": func() error { _, err := g.updateSchedule(t, "7", nil); return err },
		"clear schedule":  func() error { return g.Schedules.Delete(t.Context(), "7") },
		"describe input":  func() error { _, err := g.Inputs.Describe(t.Context(), "7"); return err },
		"update input": func() error {
			_, err := g.Inputs.Update(t.Context(), &sdk.UpdateInputInput{InputId: aws.String("7")})
			return err
		},
		"delete input":   func() error { return g.Inputs.Delete(t.Context(), "7") },
		"describe group": func() error { _, err := g.Groups.Describe(t.Context(), "7"); return err },
		"delete group":   func() error { return g.Groups.Delete(t.Context(), "7") },
		"tags": func() error {
			_, err := g.Tags.List(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: g.arn("channel", "7")})
			return err
		},
		"tag":           tag(g.arn("input", "7")),
		"tag elsewhere": tag(aws.String("arn:aws:s3:::bucket")),
		"tag nothing":   tag(g.arn("multiplex", "7")),
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { check(t, call(), NotFound, "") })
	}
}

func TestRefusedChannels(t *testing.T) {
	g := open(t, t.TempDir(), func(o *options) { o.MaxChannels = 1 })
	taken := g.input(t, "file:///media/a.mp4")
	free := g.input(t, "file:///media/a.mp4")
	nameless := request(free)
	nameless.Name = nil
	_, err := g.Channels.Create(t.Context(), nameless)
	check(t, err, BadRequest, "Non-empty channel name required")
	for _, name := range []string{"a\x00b", "a\nb", "news\u202egpj.exe", "\u200fnews", "a\u2066b", "\x1b[31mred", "a\xffb"} {
		hidden := request(g.input(t, "file:///media/a.mp4"))
		hidden.Name = &name
		_, err := g.Channels.Create(t.Context(), hidden)
		check(t, err, BadRequest, fmt.Sprintf("The name %q holds characters that cannot be shown", name))
		_, err = g.Channels.Update(t.Context(), &sdk.UpdateChannelInput{ChannelId: aws.String("1"), Name: &name})
		check(t, err, BadRequest, fmt.Sprintf("The name %q holds characters that cannot be shown", name))
	}

	id := g.channel(t, request(taken))
	_, err = g.Channels.Create(t.Context(), request(free))
	check(t, err, TooMany, "This server allows at most 1 channels")
	g.Channels.o.MaxChannels = 0

	_, err = g.Channels.Create(t.Context(), request(taken))
	check(t, err, Conflict, "inputId="+taken+" is already attached")
	check(t, g.Inputs.Delete(t.Context(), taken), Conflict, "inputId="+taken+" is already attached")

	unused := request(free)
	unused.EncoderSettings.AudioDescriptions = append(unused.EncoderSettings.AudioDescriptions, types.AudioDescription{Name: aws.String("x"), AudioSelectorName: aws.String("audio")})
	_, err = g.Channels.Create(t.Context(), unused)
	r := errorOf(t, err, Unprocessable, "")
	if len(r.Elements) == 0 || !strings.Contains(*r.Elements[0].ErrorMessage, `Audio description "x" is not referenced by any output`) {
		t.Errorf("an audio description nobody uses is refused with %v", r)
	}
	if in, _ := g.Inputs.Describe(t.Context(), free); in.State != types.InputStateDetached {
		t.Error("a channel that was refused keeps its input")
	}
	tagged := request(free)
	tagged.Tags = map[string]string{"aws:x": "y"}
	_, err = g.Channels.Create(t.Context(), tagged)
	check(t, err, BadRequest, "")

	_, err = g.Channels.Update(t.Context(), &sdk.UpdateChannelInput{ChannelId: &id, Name: aws.String("")})
	check(t, err, BadRequest, "Non-empty channel name required")
	_, err = g.Channels.UpdateClass(t.Context(), &sdk.UpdateChannelClassInput{ChannelId: &id, ChannelClass: "TRIPLE"})
	check(t, err, Unprocessable, "")
}

func TestRepeatedRequestCreatesOnce(t *testing.T) {
	g := open(t, t.TempDir())
	in := &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File, RequestId: aws.String("t"), Sources: []types.InputSourceRequest{{Url: aws.String("https://example.com/a.mp4")}}}
	one, err := g.Inputs.Create(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	two, err := g.Inputs.Create(t.Context(), in)
	if err != nil || *one.Input.Id != *two.Input.Id {
		t.Fatalf("created %s and %v, %v", *one.Input.Id, two, err)
	}
	other := *in
	other.Name = aws.String("other")
	_, err = g.Inputs.Create(t.Context(), &other)
	check(t, err, Conflict, "")

	c := request(*one.Input.Id)
	c.RequestId = aws.String("t")
	first, err := g.Channels.Create(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	again := open(t, killed(t, g))
	second, err := again.Channels.Create(t.Context(), c)
	if err != nil || *first.Channel.Id != *second.Channel.Id {
		t.Fatalf("created %s and %v, %v", *first.Channel.Id, second, err)
	}
}

func TestDryRunCreatesNothing(t *testing.T) {
	g := open(t, t.TempDir())
	input := g.input(t, "file:///media/a.mp4")
	c := request(input)
	c.DryRun = aws.Bool(true)
	if _, err := g.Channels.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	in, _ := g.Inputs.Describe(t.Context(), input)
	if list, _ := g.Channels.List(t.Context(), &sdk.ListChannelsInput{}); len(list.Channels) != 0 || in.State != types.InputStateDetached {
		t.Error("a trial left something behind")
	}
}

func TestUpdateReplacesItsMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		a, b := g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4")
		id := g.channel(t, request(a))
		out, err := g.Channels.Update(t.Context(), &sdk.UpdateChannelInput{ChannelId: &id, Name: aws.String("other"), InputAttachments: request(b).InputAttachments})
		if err != nil || out.Channel.State != types.ChannelStateUpdating || *out.Channel.Name != "other" || *out.Channel.Id != id {
			t.Fatalf("updated to %v, %v", out, err)
		}
		doc := g.await(t, id, types.ChannelStateIdle)
		if doc.EncoderSettings == nil || *doc.InputAttachments[0].InputId != b {
			t.Errorf("it is %+v now", doc)
		}
		one, _ := g.Inputs.Describe(t.Context(), a)
		two, _ := g.Inputs.Describe(t.Context(), b)
		if one.State != types.InputStateDetached || two.State != types.InputStateAttached {
			t.Errorf("its inputs are %s and %s", one.State, two.State)
		}
	})
}

func TestUpdateClass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.channel(t, request(g.input(t, "file:///media/a.mp4", "file:///media/a.mp4")))
		out, err := g.Channels.UpdateClass(t.Context(), &sdk.UpdateChannelClassInput{ChannelId: &id, ChannelClass: types.ChannelClassStandard, Destinations: standard(request()).Destinations})
		if err != nil || out.Channel.State != types.ChannelStateUpdating {
			t.Fatal(out, err)
		}
		g.await(t, id, types.ChannelStateIdle)
		if _, err := g.Channels.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if doc := g.await(t, id, types.ChannelStateRunning); *doc.PipelinesRunningCount != 2 {
			t.Errorf("%d pipelines run", *doc.PipelinesRunningCount)
		}
	})
}

func TestSourcePolicy(t *testing.T) {
	media := t.TempDir()
	elsewhere := t.TempDir()
	if err := os.WriteFile(filepath.Join(elsewhere, "secret.mp4"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(media, "out")); err != nil {
		t.Fatal(err)
	}
	g := open(t, t.TempDir(), func(o *options) {
		o.Sources = SourcePolicy{[]string{media}, []string{"example.com", "bucket", "*.example.org"}}
	})
	cases := map[string]bool{
		"https://example.com/a.mp4":            true,
		"https://EXAMPLE.com/a.mp4":            true,
		"https://cdn.example.org/a.mp4":        true,
		"https://example.org/a.mp4":            false,
		"https://example.net/a.mp4":            false,
		"https://example.com/":                 false,
		"https://user:word@example.com/a.mp4":  false,
		"s3ssl://bucket/a.mp4":                 true,
		"s3ssl://other/a.mp4":                  false,
		"s3ssl://my.bucket/a.mp4":              false,
		"s3ssl://bucket":                       false,
		"file://" + media + "/a.mp4":           true,
		"file://" + media + "/below/a.mp4":     true,
		"file://" + media + "/../a.mp4":        false,
		"file://" + media + "-other/a.mp4":     false,
		"file://" + media + "/out/secret.mp4":  false,
		"file://" + media + "/out/missing.mp4": false,
		"file://host" + media + "/a.mp4":       false,
		"file:///etc/passwd":                   false,
		"rtmp://example.com/a":                 false,
		"a.mp4":                                false,
		"":                                     false,
		"https://%zz/a.mp4":                    false,
	}
	for url, want := range cases {
		t.Run(url, func(t *testing.T) {
			_, err := g.Inputs.Create(t.Context(), &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{{Url: &url}}})
			if want && err != nil {
				t.Fatal(err)
			}
			if !want {
				if r := errorOf(t, err, Unprocessable, ""); *r.Elements[0].ElementPath != "sources[0].url" {
					t.Errorf("it names %s", *r.Elements[0].ElementPath)
				}
			}
		})
	}
}

func TestRefusedInputsNameTheMember(t *testing.T) {
	g := open(t, t.TempDir())
	source := []types.InputSourceRequest{{Url: aws.String("https://example.com/a.mp4")}}
	cases := map[string]*sdk.CreateInputInput{
		"name":                   {Type: types.InputTypeMp4File, Sources: source},
		"type":                   {Name: aws.String("x"), Type: types.InputTypeAwsCdi, Sources: source},
		"sources":                {Name: aws.String("x"), Type: types.InputTypeMp4File},
		"inputSecurityGroups[0]": {Name: aws.String("x"), Type: types.InputTypeMp4File, Sources: source, InputSecurityGroups: []string{"0.0.0.0/0"}},
		"vpc":                    {Name: aws.String("x"), Type: types.InputTypeMp4File, Sources: source, Vpc: &types.InputVpcRequest{}},
	}
	for path, in := range cases {
		t.Run(path, func(t *testing.T) {
			_, err := g.Inputs.Create(t.Context(), in)
			if r := errorOf(t, err, Unprocessable, ""); *r.Elements[0].ElementPath != path {
				t.Errorf("it names %s", *r.Elements[0].ElementPath)
			}
		})
	}
}

func TestInputUpdateNeedsAStoppedChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		input := g.input(t, "file:///media/a.mp4")
		id := g.started(t, request(input))
		update := &sdk.UpdateInputInput{InputId: &input, Sources: []types.InputSourceRequest{{Url: aws.String("file:///media/b.mp4")}}}
		_, err := g.Inputs.Update(t.Context(), update)
		check(t, err, Conflict, "")
		if _, err := g.Channels.Stop(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateIdle)
		if out, err := g.Inputs.Update(t.Context(), update); err != nil || *out.Input.Sources[0].Url != "file:///media/b.mp4" || out.Input.State != types.InputStateAttached {
			t.Fatal(out, err)
		}
		if _, err := g.Channels.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateRunning)
		if got := g.player.last().Spec.Source; got != "/media/b.mp4" {
			t.Errorf("it plays %s", got)
		}
		_, err = g.Inputs.Update(t.Context(), &sdk.UpdateInputInput{InputId: &input, Sources: []types.InputSourceRequest{{Url: aws.String("file:///etc/passwd")}}})
		check(t, err, Unprocessable, "")
	})
}

func TestUnhonouredSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		in := request(g.input(t, "file:///media/a.mp4"))
		in.EncoderSettings.AvailBlanking = &types.AvailBlanking{State: types.AvailBlankingStateEnabled}
		id := g.channel(t, in)
		synctest.Wait()
		set := g.alerts(t, id)
		if len(set) == 0 || *set[0].AlertType != settingAlert || !strings.Contains(*set[0].Message, "/encoderSettings/availBlanking") {
			t.Fatalf("alerts are %+v", set)
		}
		if len(g.emitted.alerts(settingAlert)) != len(set) {
			t.Error("not each was told of once")
		}
		plain := request().EncoderSettings
		if _, err := g.Channels.Update(t.Context(), &sdk.UpdateChannelInput{ChannelId: &id, EncoderSettings: plain}); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateIdle)
		synctest.Wait()
		if set = g.alerts(t, id); len(set) != 0 {
			t.Errorf("alerts are still %v", *set[0].Message)
		}
		strict := open(t, t.TempDir(), func(o *options) { o.Strict = true })
		in.InputAttachments[0].InputId = aws.String(strict.input(t, "file:///media/a.mp4"))
		_, err := strict.Channels.Create(t.Context(), in)
		if r := errorOf(t, err, Unprocessable, ""); !strings.HasPrefix(*r.Elements[0].ElementPath, "availBlanking") {
			t.Errorf("it names %s", *r.Elements[0].ElementPath)
		}
	})
}

func TestSchedules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		a, b := g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4")
		id := g.channel(t, request(a, b))
		at := func(d time.Duration) string { return time.Now().UTC().Add(d).Format(timeLayout) }
		path := "creates.scheduleActions[0]"
		for name, c := range map[string]struct {
			action types.ScheduleAction
			names  string
		}{
			"no name":         {switchTo("", "in1", at(time.Hour)), path + ".actionName"},
			"no such input":   {switchTo("s", "nowhere", at(time.Hour)), path + ".scheduleActionSettings.inputSwitchSettings.inputAttachmentNameReference"},
			"too soon":        {switchTo("s", "in1", at(14*time.Second)), path + ".scheduleActionStartSettings.fixedModeScheduleActionStartSettings.time"},
			"too late":        {switchTo("s", "in1", at(14*24*time.Hour+time.Second)), path + ".scheduleActionStartSettings.fixedModeScheduleActionStartSettings.time"},
			"follows nothing": {follow("s", "in1", "nobody", types.FollowPointStart), path + ".scheduleActionStartSettings.followModeScheduleActionStartSettings.referenceActionName"},
			"follows itself":  {follow("s", "in1", "s", types.FollowPointEnd), "creates.scheduleActions"},
			"no time":         {switchTo("s", "in1", "tomorrow"), path + ".scheduleActionStartSettings.fixedModeScheduleActionStartSettings.time"},
			"the past":        {switchTo("s", "in1", at(-time.Hour)), path + ".scheduleActionStartSettings.fixedModeScheduleActionStartSettings.time"},
			"nothing to do":   {types.ScheduleAction{ActionName: aws.String("s")}, path + ".scheduleActionSettings"},
			"no start":        {types.ScheduleAction{ActionName: aws.String("s"), ScheduleActionSettings: &types.ScheduleActionSettings{}}, path + ".scheduleActionStartSettings"},
			"no way to start": {types.ScheduleAction{ActionName: aws.String("s"), ScheduleActionSettings: &types.ScheduleActionSettings{}, ScheduleActionStartSettings: &types.ScheduleActionStartSettings{}}, path + ".scheduleActionStartSettings"},
		} {
			_, err := g.updateSchedule(t, id, nil, c.action)
			if r := errorOf(t, err, Unprocessable, ""); *r.Elements[0].ElementPath != c.names {
				t.Errorf("%s: it names %s", name, *r.Elements[0].ElementPath)
			}
		}
		_, err := g.updateSchedule(t, id, []string{"nothing"})
		check(t, err, Unprocessable, "")

		if _, err := g.Channels.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateRunning)
		out, err := g.updateSchedule(t, id, nil, switchTo("now", "in1", ""), switchTo("back", "in0", at(time.Minute)), switchTo("later", "in1", at(time.Hour)))
		created := out.Creates.ScheduleActions
		if err != nil || len(created) != 3 || created[0].ScheduleActionStartSettings.FixedModeScheduleActionStartSettings == nil {
			t.Fatalf("created %+v, %v", created, err)
		}
		_, err = g.updateSchedule(t, id, nil, switchTo("now", "in1", ""))
		check(t, err, Unprocessable, "")
		synctest.Wait()
		show := g.player.playback(id + "-0")
		if s := show.schedules(); len(s) != 1 || len(s[0].Entries) != 3 || s[0].Entries[0].Source != "/media/b.mp4" {
			t.Fatalf("on air is %+v", s)
		}
		time.Sleep(10 * time.Second)
		doc, _ := g.Channels.Describe(t.Context(), id)
		if p := doc.PipelineDetails[0]; *p.ActiveInputAttachmentName != "in1" || *p.ActiveInputSwitchActionName != "now" {
			t.Errorf("active is %s by %s", *p.ActiveInputAttachmentName, *p.ActiveInputSwitchActionName)
		}
		// What was played stays as it was, whatever is taken out.
		out, err = g.updateSchedule(t, id, []string{"now", "later"})
		if err != nil || len(out.Deletes.ScheduleActions) != 2 {
			t.Fatal(out, err)
		}
		synctest.Wait()
		if s := show.schedules(); len(s) != 2 || len(s[1].Entries) != 2 || s[1].Entries[0] != s[0].Entries[0] {
			t.Errorf("on air is %+v", s[len(s)-1])
		}
		if doc, _ := g.Channels.Describe(t.Context(), id); *doc.PipelineDetails[0].ActiveInputAttachmentName != "in1" {
			t.Error("an action that was played and taken out is undone")
		}
		if all := g.schedule(t, id); len(all) != 1 || *all[0].ActionName != "back" {
			t.Errorf("the schedule is %+v", all)
		}
		if err := g.Schedules.Delete(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if all := g.schedule(t, id); len(all) != 0 {
			t.Error("the schedule is not empty")
		}
	})
}

func TestPaging(t *testing.T) {
	g := open(t, t.TempDir())
	for i := range 7 {
		in := &sdk.CreateInputInput{Name: aws.String(strconv.Itoa(i)), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{{Url: aws.String("https://example.com/a.mp4")}}}
		if _, err := g.Inputs.Create(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	var names string
	for in := (&sdk.ListInputsInput{MaxResults: aws.Int32(3)}); ; {
		list, err := g.Inputs.List(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range list.Inputs {
			names += *one.Name
		}
		if list.NextToken == nil {
			break
		}
		names += ","
		in.NextToken = list.NextToken
	}
	if names != "012,345,6" {
		t.Errorf("the pages are %s", names)
	}
	for _, in := range []sdk.ListInputsInput{
		{MaxResults: aws.Int32(-1)},
		{MaxResults: aws.Int32(1001)},
		{NextToken: aws.String("x")},
		{NextToken: aws.String("bGlsbzpmb28")},
		{NextToken: aws.String("bGlsbzotMQ")},
	} {
		_, err := g.Inputs.List(t.Context(), &in)
		check(t, err, BadRequest, "")
	}
}

func TestTags(t *testing.T) {
	g := open(t, t.TempDir())
	input := g.input(t, "https://example.com/a.mp4")
	group, err := g.Groups.Create(t.Context(), groupOf("10.0.0.0/8"))
	if err != nil {
		t.Fatal(err)
	}
	channel := g.channel(t, request(input))
	for _, arn := range []*string{g.arn("input", input), group.SecurityGroup.Arn, g.arn("channel", channel)} {
		if _, err := g.Tags.Create(t.Context(), &sdk.CreateTagsInput{ResourceArn: arn, Tags: map[string]string{"a": "2", "b": ""}}); err != nil {
			t.Fatal(err)
		}
		if _, err := g.Tags.Delete(t.Context(), &sdk.DeleteTagsInput{ResourceArn: arn, TagKeys: []string{"b", "c"}}); err != nil {
			t.Fatal(err)
		}
		if out, err := g.Tags.List(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: arn}); err != nil || !reflect.DeepEqual(out.Tags, map[string]string{"a": "2"}) {
			t.Errorf("%s has the tags %v, %v", *arn, out, err)
		}
	}
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	for _, tags := range []map[string]string{
		many, {"": ""}, {"AWS:x": ""}, {strings.Repeat("k", 129): ""}, {"k": strings.Repeat("v", 257)}, {record.TagEpoch: "tomorrow"},
	} {
		_, err := g.Tags.Create(t.Context(), &sdk.CreateTagsInput{ResourceArn: group.SecurityGroup.Arn, Tags: tags})
		check(t, err, BadRequest, "")
	}
}

// groupOf creates a group that allows an address block.
func groupOf(cidr string) *sdk.CreateInputSecurityGroupInput {
	return &sdk.CreateInputSecurityGroupInput{WhitelistRules: []types.InputWhitelistRuleCidr{{Cidr: &cidr}}}
}

func TestSecurityGroups(t *testing.T) {
	g := open(t, t.TempDir())
	_, err := g.Groups.Create(t.Context(), groupOf("anywhere"))
	check(t, err, Unprocessable, "")
	_, err = g.Groups.Create(t.Context(), groupOf("10.1.2.3/8"))
	check(t, err, Unprocessable, `whitelistRules[0].cidr "10.1.2.3/8" has bits of a host: write 10.0.0.0/8`)
	twice := groupOf("10.0.0.0/8")
	twice.WhitelistRules = append(twice.WhitelistRules, twice.WhitelistRules[0])
	_, err = g.Groups.Create(t.Context(), twice)
	check(t, err, Unprocessable, `whitelistRules[1].cidr "10.0.0.0/8" is used more than once`)
	out, err := g.Groups.Create(t.Context(), groupOf("0.0.0.0/0"))
	if err != nil || out.SecurityGroup.State != types.InputSecurityGroupStateIdle {
		t.Fatal(out, err)
	}
	id := *out.SecurityGroup.Id
	in, err := g.Inputs.Create(t.Context(), &sdk.CreateInputInput{
		Name: aws.String("in"), Type: types.InputTypeMp4File, InputSecurityGroups: []string{id},
		Sources: []types.InputSourceRequest{{Url: aws.String("https://example.com/a.mp4")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := g.Groups.Describe(t.Context(), id)
	if err != nil || doc.State != types.InputSecurityGroupStateInUse || doc.Inputs[0] != *in.Input.Id {
		t.Errorf("it is %+v, %v", doc, err)
	}
	check(t, g.Groups.Delete(t.Context(), id), Conflict, "")
	if err := g.Inputs.Delete(t.Context(), *in.Input.Id); err != nil {
		t.Fatal(err)
	}
	update, err := g.Groups.Update(t.Context(), &sdk.UpdateInputSecurityGroupInput{InputSecurityGroupId: &id, WhitelistRules: groupOf("10.0.0.0/8").WhitelistRules})
	if err != nil || *update.SecurityGroup.WhitelistRules[0].Cidr != "10.0.0.0/8" {
		t.Fatal(update, err)
	}
	if err := g.Groups.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if doc, err = g.Groups.Describe(t.Context(), id); err != nil || doc.State != types.InputSecurityGroupStateDeleted {
		t.Error(doc, err)
	}
	if list, _ := g.Groups.List(t.Context(), &sdk.ListInputSecurityGroupsInput{}); len(list.InputSecurityGroups) != 0 {
		t.Error("a deleted group is listed")
	}
}

func TestAccount(t *testing.T) {
	g := open(t, t.TempDir())
	_, err := g.Account.Update(t.Context(), &sdk.UpdateAccountConfigurationInput{AccountConfiguration: &types.AccountConfiguration{KmsKeyId: aws.String("key")}})
	if err != nil {
		t.Fatal(err)
	}
	again := open(t, killed(t, g))
	if got, err := again.Account.Describe(t.Context(), nil); err != nil || *got.AccountConfiguration.KmsKeyId != "key" {
		t.Errorf("it is %v, %v", got, err)
	}
}
