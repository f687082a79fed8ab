package resource

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

	"github.com/lilo-live/lilo/internal/channel"
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

func TestEachStateAllowsItsCalls(t *testing.T) {
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
	refused(t, permit(toDelete, types.ChannelStateRunning), Conflict, notStopped)
	refused(t, permit(toDelete, types.ChannelStateStarting), Conflict, notStopped)
}

func TestWhatIsNotThere(t *testing.T) {
	g := open(t, t.TempDir())
	calls := map[string]func() error{
		"describe channel": func() error { _, err := g.Channel("7"); return err },
		"start":            func() error { _, err := g.StartChannel("7"); return err },
		"stop":             func() error { _, err := g.StopChannel("7"); return err },
		"delete channel":   func() error { _, err := g.DeleteChannel("7"); return err },
		"update channel": func() error {
			_, err := g.UpdateChannel(&sdk.UpdateChannelInput{ChannelId: aws.String("7")})
			return err
		},
		"restart":         func() error { _, err := g.RestartPipelines("7", nil); return err },
		"alerts":          func() error { _, err := g.Alerts("7", ""); return err },
		"schedule":        func() error { _, err := g.Schedule("7", Page{}); return err },
		"update schedule": func() error { _, _, err := g.UpdateSchedule("7", nil, nil); return err },
		"clear schedule":  func() error { return g.ClearSchedule("7") },
		"describe input":  func() error { _, err := g.Input("7"); return err },
		"update input":    func() error { _, err := g.UpdateInput(&sdk.UpdateInputInput{InputId: aws.String("7")}); return err },
		"delete input":    func() error { return g.DeleteInput("7") },
		"describe group":  func() error { _, err := g.Group("7"); return err },
		"delete group":    func() error { return g.DeleteGroup("7") },
		"tags":            func() error { _, err := g.Tags(g.arn("channel", "7")); return err },
		"tag":             func() error { return g.Tag(g.arn("input", "7"), nil) },
		"tag elsewhere":   func() error { return g.Tag("arn:aws:s3:::bucket", nil) },
		"tag nothing":     func() error { return g.Tag(g.arn("multiplex", "7"), nil) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { refused(t, call(), NotFound, "") })
	}
}

func TestChannelsThatAreRefused(t *testing.T) {
	g := open(t, t.TempDir(), func(o *Options) { o.MaxChannels = 1 })
	taken := g.input(t, "file:///media/a.mp4")
	free := g.input(t, "file:///media/a.mp4")
	nameless := request(free)
	nameless.Name = nil
	_, err := g.CreateChannel(nameless)
	refused(t, err, BadRequest, "Non-empty channel name required")

	id := g.channel(t, request(taken))
	_, err = g.CreateChannel(request(free))
	refused(t, err, TooMany, "There may be no more than 1 channels on this server")
	g.o.MaxChannels = 0

	_, err = g.CreateChannel(request(taken))
	refused(t, err, Conflict, "inputId="+taken+" is already attached")
	refused(t, g.DeleteInput(taken), Conflict, "inputId="+taken+" is already attached")

	unused := request(free)
	unused.EncoderSettings.AudioDescriptions = append(unused.EncoderSettings.AudioDescriptions, types.AudioDescription{Name: aws.String("x"), AudioSelectorName: aws.String("audio")})
	_, err = g.CreateChannel(unused)
	r := refusalOf(t, err, Unprocessable, "")
	if len(r.Elements) == 0 || !strings.Contains(*r.Elements[0].ErrorMessage, `Audio description "x" is not referenced by any output`) {
		t.Errorf("an audio description nobody uses is refused with %v", r)
	}
	if in, _ := g.Input(free); in.State != types.InputStateDetached {
		t.Error("a channel that was refused keeps its input")
	}
	tagged := request(free)
	tagged.Tags = map[string]string{"aws:x": "y"}
	_, err = g.CreateChannel(tagged)
	refused(t, err, BadRequest, "")

	_, err = g.UpdateChannel(&sdk.UpdateChannelInput{ChannelId: &id, Name: aws.String("")})
	refused(t, err, BadRequest, "Non-empty channel name required")
	_, err = g.UpdateChannelClass(&sdk.UpdateChannelClassInput{ChannelId: &id, ChannelClass: "TRIPLE"})
	refused(t, err, Unprocessable, "")
}

func TestTheSameRequestTwiceCreatesOnce(t *testing.T) {
	g := open(t, t.TempDir())
	in := &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File, RequestId: aws.String("t"), Sources: []types.InputSourceRequest{{Url: aws.String("https://example.com/a.mp4")}}}
	one, err := g.CreateInput(in)
	if err != nil {
		t.Fatal(err)
	}
	two, err := g.CreateInput(in)
	if err != nil || *one.Id != *two.Id {
		t.Fatalf("created %s and %v, %v", *one.Id, two, err)
	}
	other := *in
	other.Name = aws.String("other")
	_, err = g.CreateInput(&other)
	refused(t, err, Conflict, "")

	c := request(*one.Id)
	c.RequestId = aws.String("t")
	first, err := g.CreateChannel(c)
	if err != nil {
		t.Fatal(err)
	}
	again := open(t, killed(t, g))
	second, err := again.CreateChannel(c)
	if err != nil || *first.Id != *second.Id {
		t.Fatalf("created %s and %v, %v", *first.Id, second, err)
	}
}

func TestATrialCreatesNothing(t *testing.T) {
	g := open(t, t.TempDir())
	input := g.input(t, "file:///media/a.mp4")
	c := request(input)
	c.DryRun = aws.Bool(true)
	if _, err := g.CreateChannel(c); err != nil {
		t.Fatal(err)
	}
	in, _ := g.Input(input)
	if list, _ := g.ListChannels(Page{}); len(list.Items) != 0 || in.State != types.InputStateDetached {
		t.Error("a trial left something behind")
	}
}

func TestAnUpdateReplacesWhatItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		a, b := g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4")
		id := g.channel(t, request(a))
		doc, err := g.UpdateChannel(&sdk.UpdateChannelInput{ChannelId: &id, Name: aws.String("other"), InputAttachments: request(b).InputAttachments})
		if err != nil || doc.State != types.ChannelStateUpdating || *doc.Name != "other" || *doc.Id != id {
			t.Fatalf("updated to %v, %v", doc, err)
		}
		doc = g.await(t, id, types.ChannelStateIdle)
		if doc.EncoderSettings == nil || *doc.InputAttachments[0].InputId != b {
			t.Errorf("it is %+v now", doc)
		}
		one, _ := g.Input(a)
		two, _ := g.Input(b)
		if one.State != types.InputStateDetached || two.State != types.InputStateAttached {
			t.Errorf("its inputs are %s and %s", one.State, two.State)
		}
	})
}

func TestTheClassChangesWithTheDestinations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.channel(t, request(g.input(t, "file:///media/a.mp4", "file:///media/a.mp4")))
		doc, err := g.UpdateChannelClass(&sdk.UpdateChannelClassInput{ChannelId: &id, ChannelClass: types.ChannelClassStandard, Destinations: standard(request()).Destinations})
		if err != nil || doc.State != types.ChannelStateUpdating {
			t.Fatal(doc, err)
		}
		g.await(t, id, types.ChannelStateIdle)
		if _, err := g.StartChannel(id); err != nil {
			t.Fatal(err)
		}
		if doc := g.await(t, id, types.ChannelStateRunning); *doc.PipelinesRunningCount != 2 {
			t.Errorf("%d pipelines run", *doc.PipelinesRunningCount)
		}
	})
}

func TestSourcesThatAreAllowed(t *testing.T) {
	media := t.TempDir()
	elsewhere := t.TempDir()
	if err := os.WriteFile(filepath.Join(elsewhere, "secret.mp4"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(media, "out")); err != nil {
		t.Fatal(err)
	}
	g := open(t, t.TempDir(), func(o *Options) {
		o.AllowFiles, o.AllowHosts = []string{media}, []string{"example.com", "bucket", "*.example.org"}
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
			_, err := g.CreateInput(&sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{{Url: &url}}})
			if want && err != nil {
				t.Fatal(err)
			}
			if !want {
				if r := refusalOf(t, err, Unprocessable, ""); *r.Elements[0].ElementPath != "/sources/0/url" {
					t.Errorf("it names %s", *r.Elements[0].ElementPath)
				}
			}
		})
	}
}

func TestInputsThatAreRefusedNameTheMember(t *testing.T) {
	g := open(t, t.TempDir())
	source := []types.InputSourceRequest{{Url: aws.String("https://example.com/a.mp4")}}
	cases := map[string]*sdk.CreateInputInput{
		"/name":                    {Type: types.InputTypeMp4File, Sources: source},
		"/type":                    {Name: aws.String("x"), Type: types.InputTypeUdpPush, Sources: source},
		"/sources":                 {Name: aws.String("x"), Type: types.InputTypeMp4File},
		"/sources/0/passwordParam": {Name: aws.String("x"), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{{Url: source[0].Url, PasswordParam: aws.String("p")}}},
		"/inputSecurityGroups/0":   {Name: aws.String("x"), Type: types.InputTypeMp4File, Sources: source, InputSecurityGroups: []string{"0.0.0.0/0"}},
		"/vpc":                     {Name: aws.String("x"), Type: types.InputTypeMp4File, Sources: source, Vpc: &types.InputVpcRequest{}},
	}
	for path, in := range cases {
		t.Run(path, func(t *testing.T) {
			_, err := g.CreateInput(in)
			if r := refusalOf(t, err, Unprocessable, ""); *r.Elements[0].ElementPath != path {
				t.Errorf("it names %s", *r.Elements[0].ElementPath)
			}
		})
	}
}

func TestAnInputChangesOnlyWhileItsChannelRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		input := g.input(t, "file:///media/a.mp4")
		id := g.started(t, request(input))
		update := &sdk.UpdateInputInput{InputId: &input, Sources: []types.InputSourceRequest{{Url: aws.String("file:///media/b.mp4")}}}
		_, err := g.UpdateInput(update)
		refused(t, err, Conflict, "")
		if _, err := g.StopChannel(id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateIdle)
		if doc, err := g.UpdateInput(update); err != nil || *doc.Sources[0].Url != "file:///media/b.mp4" || doc.State != types.InputStateAttached {
			t.Fatal(doc, err)
		}
		if _, err := g.StartChannel(id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateRunning)
		if got := g.air.last().Spec.Source; got != "/media/b.mp4" {
			t.Errorf("it plays %s", got)
		}
		_, err = g.UpdateInput(&sdk.UpdateInputInput{InputId: &input, Sources: []types.InputSourceRequest{{Url: aws.String("file:///etc/passwd")}}})
		refused(t, err, Unprocessable, "")
	})
}

func TestASettingThatIsNotHonouredIsAlertedOfOrRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		in := request(g.input(t, "file:///media/a.mp4"))
		in.EncoderSettings.AvailBlanking = &types.AvailBlanking{State: types.AvailBlankingStateEnabled}
		id := g.channel(t, in)
		synctest.Wait()
		set, err := g.Alerts(id, "SET")
		if err != nil || len(set) == 0 || *set[0].AlertType != alertSetting || !strings.Contains(*set[0].Message, "/encoderSettings/availBlanking") {
			t.Fatalf("alerts are %+v, %v", set, err)
		}
		if len(g.ears.alerts(alertSetting)) != len(set) {
			t.Error("not each was told of once")
		}
		plain := request().EncoderSettings
		if _, err := g.UpdateChannel(&sdk.UpdateChannelInput{ChannelId: &id, EncoderSettings: plain}); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateIdle)
		synctest.Wait()
		if set, _ = g.Alerts(id, "SET"); len(set) != 0 {
			t.Errorf("alerts are still %v", *set[0].Message)
		}
		strict := open(t, t.TempDir(), func(o *Options) { o.Strict = true })
		in.InputAttachments[0].InputId = aws.String(strict.input(t, "file:///media/a.mp4"))
		_, err = strict.CreateChannel(in)
		if r := refusalOf(t, err, Unprocessable, ""); !strings.HasPrefix(*r.Elements[0].ElementPath, "/encoderSettings/availBlanking") {
			t.Errorf("it names %s", *r.Elements[0].ElementPath)
		}
	})
}

func TestSchedules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		a, b := g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4")
		id := g.channel(t, request(a, b))
		at := func(d time.Duration) string { return time.Now().UTC().Add(d).Format(wireTime) }
		path := "/creates/scheduleActions/0"
		for name, c := range map[string]struct {
			action types.ScheduleAction
			names  string
		}{
			"no name":         {switchTo("", "in1", at(time.Hour)), path + "/actionName"},
			"no such input":   {switchTo("s", "nowhere", at(time.Hour)), "/creates/scheduleActions"},
			"no time":         {switchTo("s", "in1", "tomorrow"), path + "/scheduleActionStartSettings/fixedModeScheduleActionStartSettings/time"},
			"the past":        {switchTo("s", "in1", at(-time.Hour)), path + "/scheduleActionStartSettings/fixedModeScheduleActionStartSettings/time"},
			"now, off air":    {switchTo("s", "in1", ""), path + "/scheduleActionStartSettings"},
			"nothing to do":   {types.ScheduleAction{ActionName: aws.String("s")}, path + "/scheduleActionSettings"},
			"no start":        {types.ScheduleAction{ActionName: aws.String("s"), ScheduleActionSettings: &types.ScheduleActionSettings{}}, path + "/scheduleActionStartSettings"},
			"no way to start": {types.ScheduleAction{ActionName: aws.String("s"), ScheduleActionSettings: &types.ScheduleActionSettings{}, ScheduleActionStartSettings: &types.ScheduleActionStartSettings{}}, path + "/scheduleActionStartSettings"},
		} {
			_, _, err := g.UpdateSchedule(id, nil, []types.ScheduleAction{c.action})
			if r := refusalOf(t, err, Unprocessable, ""); *r.Elements[0].ElementPath != c.names {
				t.Errorf("%s: it names %s", name, *r.Elements[0].ElementPath)
			}
		}
		_, _, err := g.UpdateSchedule(id, []string{"nothing"}, nil)
		refused(t, err, Unprocessable, "")

		if _, err := g.StartChannel(id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateRunning)
		_, created, err := g.UpdateSchedule(id, nil, []types.ScheduleAction{switchTo("now", "in1", ""), switchTo("back", "in0", at(time.Minute)), switchTo("later", "in1", at(time.Hour))})
		if err != nil || len(created) != 3 || created[0].ScheduleActionStartSettings.FixedModeScheduleActionStartSettings == nil {
			t.Fatalf("created %+v, %v", created, err)
		}
		_, _, err = g.UpdateSchedule(id, nil, []types.ScheduleAction{switchTo("now", "in1", "")})
		refused(t, err, Unprocessable, "")
		synctest.Wait()
		show := g.air.show(id + "-0")
		if s := show.schedules(); len(s) != 1 || len(s[0].Entries) != 3 || s[0].Entries[0].Source != "/media/b.mp4" {
			t.Fatalf("on air is %+v", s)
		}
		time.Sleep(10 * time.Second)
		doc, _ := g.Channel(id)
		if p := doc.PipelineDetails[0]; *p.ActiveInputAttachmentName != "in1" || *p.ActiveInputSwitchActionName != "now" {
			t.Errorf("active is %s by %s", *p.ActiveInputAttachmentName, *p.ActiveInputSwitchActionName)
		}
		// What was played stays as it was, whatever is taken out.
		deleted, _, err := g.UpdateSchedule(id, []string{"now", "later"}, nil)
		if err != nil || len(deleted) != 2 {
			t.Fatal(deleted, err)
		}
		synctest.Wait()
		if s := show.schedules(); len(s) != 2 || len(s[1].Entries) != 2 || s[1].Entries[0] != s[0].Entries[0] {
			t.Errorf("on air is %+v", s[len(s)-1])
		}
		if doc, _ := g.Channel(id); *doc.PipelineDetails[0].ActiveInputAttachmentName != "in1" {
			t.Error("an action that was played and taken out is undone")
		}
		if list, _ := g.Schedule(id, Page{}); len(list.Items) != 1 || *list.Items[0].ActionName != "back" {
			t.Errorf("the schedule is %+v", list.Items)
		}
		if err := g.ClearSchedule(id); err != nil {
			t.Fatal(err)
		}
		if list, _ := g.Schedule(id, Page{}); len(list.Items) != 0 {
			t.Error("the schedule is not empty")
		}
	})
}

func TestAScheduleIsSplicedWhereItChanged(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	never := time.Time{}
	pause := func(from, to time.Time) channel.Pause { return channel.Pause{From: from, To: to} }
	cases := map[string]struct{ before, after, want []channel.Pause }{
		"over before":             {[]channel.Pause{pause(at(1), at(2))}, nil, []channel.Pause{pause(at(1), at(2))}},
		"taken out while paused":  {[]channel.Pause{pause(at(1), never)}, nil, []channel.Pause{pause(at(1), at(10))}},
		"still to come":           {[]channel.Pause{pause(at(20), at(30))}, nil, nil},
		"ended by an action":      {[]channel.Pause{pause(at(1), never)}, []channel.Pause{pause(at(1), at(20))}, []channel.Pause{pause(at(1), at(20))}},
		"a new one":               {nil, []channel.Pause{pause(at(20), at(30))}, []channel.Pause{pause(at(20), at(30))}},
		"one that should be past": {nil, []channel.Pause{pause(at(1), at(30))}, []channel.Pause{pause(at(10), at(30))}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := splice(channel.Schedule{Pauses: c.before}, channel.Schedule{Pauses: c.after}, at(10))
			if !reflect.DeepEqual(got.Pauses, c.want) {
				t.Errorf("spliced to %v, not %v", got.Pauses, c.want)
			}
		})
	}
}

func TestListsArePaged(t *testing.T) {
	g := open(t, t.TempDir())
	for i := range 7 {
		in := &sdk.CreateInputInput{Name: aws.String(strconv.Itoa(i)), Type: types.InputTypeMp4File, Sources: []types.InputSourceRequest{{Url: aws.String("https://example.com/a.mp4")}}}
		if _, err := g.CreateInput(in); err != nil {
			t.Fatal(err)
		}
	}
	var names string
	for p := (Page{MaxResults: 3}); ; {
		list, err := g.ListInputs(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range list.Items {
			names += *one.Name
		}
		if list.NextToken == nil {
			break
		}
		names += ","
		p.NextToken = *list.NextToken
	}
	if names != "012,345,6" {
		t.Errorf("the pages are %s", names)
	}
	for _, p := range []Page{{MaxResults: -1}, {MaxResults: 1001}, {NextToken: "x"}, {NextToken: "bGlsbzpmb28"}, {NextToken: "bGlsbzotMQ"}} {
		_, err := g.ListInputs(p)
		refused(t, err, BadRequest, "")
	}
}

func TestTags(t *testing.T) {
	g := open(t, t.TempDir())
	input := g.input(t, "https://example.com/a.mp4")
	group, err := g.CreateGroup([]types.InputWhitelistRuleCidr{{Cidr: aws.String("10.0.0.0/8")}}, map[string]string{"a": "1"})
	if err != nil {
		t.Fatal(err)
	}
	channel := g.channel(t, request(input))
	for _, arn := range []string{g.arn("input", input), *group.Arn, g.arn("channel", channel)} {
		if err := g.Tag(arn, map[string]string{"a": "2", "b": ""}); err != nil {
			t.Fatal(err)
		}
		if err := g.Untag(arn, []string{"b", "c"}); err != nil {
			t.Fatal(err)
		}
		if tags, err := g.Tags(arn); err != nil || !reflect.DeepEqual(tags, map[string]string{"a": "2"}) {
			t.Errorf("%s has the tags %v, %v", arn, tags, err)
		}
	}
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	for _, tags := range []map[string]string{many, {"": ""}, {"AWS:x": ""}, {strings.Repeat("k", 129): ""}, {"k": strings.Repeat("v", 257)}} {
		refused(t, g.Tag(*group.Arn, tags), BadRequest, "")
	}
}

func TestSecurityGroups(t *testing.T) {
	g := open(t, t.TempDir())
	_, err := g.CreateGroup([]types.InputWhitelistRuleCidr{{Cidr: aws.String("anywhere")}}, nil)
	refused(t, err, Unprocessable, "")
	doc, err := g.CreateGroup([]types.InputWhitelistRuleCidr{{Cidr: aws.String("0.0.0.0/0")}}, nil)
	if err != nil || doc.State != types.InputSecurityGroupStateIdle {
		t.Fatal(doc, err)
	}
	in, err := g.CreateInput(&sdk.CreateInputInput{
		Name: aws.String("in"), Type: types.InputTypeMp4File, InputSecurityGroups: []string{*doc.Id},
		Sources: []types.InputSourceRequest{{Url: aws.String("https://example.com/a.mp4")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if doc, _ = g.Group(*doc.Id); doc.State != types.InputSecurityGroupStateInUse || doc.Inputs[0] != *in.Id {
		t.Errorf("it is %s, used by %v", doc.State, doc.Inputs)
	}
	refused(t, g.DeleteGroup(*doc.Id), Conflict, "")
	if err := g.DeleteInput(*in.Id); err != nil {
		t.Fatal(err)
	}
	if doc, err = g.UpdateGroup(*doc.Id, []types.InputWhitelistRuleCidr{{Cidr: aws.String("10.0.0.0/8")}}, nil); err != nil || *doc.WhitelistRules[0].Cidr != "10.0.0.0/8" {
		t.Fatal(doc, err)
	}
	if err := g.DeleteGroup(*doc.Id); err != nil {
		t.Fatal(err)
	}
	if doc, err = g.Group(*doc.Id); err != nil || doc.State != types.InputSecurityGroupStateDeleted {
		t.Error(doc, err)
	}
	if list, _ := g.ListGroups(Page{}); len(list.Items) != 0 {
		t.Error("a deleted group is listed")
	}
}

func TestTheAccountKeepsItsKey(t *testing.T) {
	g := open(t, t.TempDir())
	if err := g.SetAccount(&types.AccountConfiguration{KmsKeyId: aws.String("key")}); err != nil {
		t.Fatal(err)
	}
	again := open(t, killed(t, g))
	if got := again.Account(); *got.KmsKeyId != "key" {
		t.Errorf("it is %v", got)
	}
}
