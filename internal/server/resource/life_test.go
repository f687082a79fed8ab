package resource

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
)

func TestALifeFromCreationToTheTombstone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir(), func(o *Options) {
			o.Delays = Delays{time.Second, time.Minute, time.Second, time.Second, time.Second}
		})
		input := g.input(t, "file:///media/a.mp4", "file:///media/a.mp4")
		doc, err := g.CreateChannel(standard(request(input)))
		if err != nil || doc.State != types.ChannelStateCreating {
			t.Fatalf("created as %v, %v", doc, err)
		}
		id := *doc.Id
		if *doc.Arn != "arn:aws:medialive:eu-west-1:123456789012:channel:"+id {
			t.Errorf("its ARN is %s", *doc.Arn)
		}
		if in, _ := g.Input(input); in.State != types.InputStateAttached || !reflect.DeepEqual(in.AttachedChannels, []string{id}) {
			t.Errorf("its input is %s, attached to %v", in.State, in.AttachedChannels)
		}
		g.await(t, id, types.ChannelStateIdle)

		before := time.Now()
		if doc, err = g.StartChannel(id); err != nil || doc.State != types.ChannelStateStarting || len(doc.PipelineDetails) != 0 {
			t.Fatalf("started as %v, %v", doc, err)
		}
		doc = g.await(t, id, types.ChannelStateRunning)
		if time.Since(before) < time.Minute {
			t.Error("it ran before its delay")
		}
		if *doc.PipelinesRunningCount != 2 || len(doc.PipelineDetails) != 2 || *doc.PipelineDetails[1].ActiveInputAttachmentName != "in0" {
			t.Errorf("%d pipelines run, %+v", *doc.PipelinesRunningCount, doc.PipelineDetails)
		}
		one, two := g.air.show(id+"-0").channel, g.air.show(id+"-1").channel
		if one.Spec.To[0].Port != 5000 || two.Spec.To[0].Port != 5002 || !one.Spec.Epoch.Equal(two.Spec.Epoch) || one.Spec.Source != "/media/a.mp4" {
			t.Errorf("on air are %+v and %+v", one.Spec, two.Spec)
		}
		if lead := one.Spec.Epoch.Sub(before); lead <= 0 || lead > time.Second || one.Spec.Epoch.Nanosecond()%1e6 != 0 {
			t.Errorf("its epoch is %v after the call", lead)
		}

		if doc, err = g.StopChannel(id); err != nil || doc.State != types.ChannelStateStopping {
			t.Fatalf("stopped as %v, %v", doc, err)
		}
		doc = g.await(t, id, types.ChannelStateIdle)
		if len(g.air.playing()) != 0 || *doc.PipelinesRunningCount != 0 {
			t.Errorf("%v still plays", g.air.playing())
		}

		if doc, err = g.DeleteChannel(id); err != nil || doc.State != types.ChannelStateDeleting {
			t.Fatalf("deleted as %v, %v", doc, err)
		}
		g.await(t, id, types.ChannelStateDeleted)
		if in, _ := g.Input(input); in.State != types.InputStateDetached || len(in.AttachedChannels) != 0 {
			t.Errorf("its input is %s", in.State)
		}
		if err := g.DeleteInput(input); err != nil {
			t.Fatal(err)
		}
		if in, err := g.Input(input); err != nil || in.State != types.InputStateDeleted {
			t.Errorf("its input is %v, %v", in, err)
		}
		if list, _ := g.ListChannels(Page{}); len(list.Items) != 0 {
			t.Error("a deleted channel is listed")
		}
		want := []string{"CREATED", "RUNNING0", "RUNNING1", "STOPPING", "STOPPED0", "STOPPED1", "DELETED"}
		if got := g.ears.states(); !reflect.DeepEqual(got, want) {
			t.Errorf("told of %v, not %v", got, want)
		}
		time.Sleep(26 * time.Hour)
		_, err = g.Channel(id)
		refused(t, err, NotFound, "")
		_, err = g.Input(input)
		refused(t, err, NotFound, "")
		if g.channels[id] != nil || g.inputs[input] != nil {
			t.Error("the tombstones are kept for ever")
		}
	})
}

// killed returns a directory with what a process that is killed now leaves.
func killed(t *testing.T, g *rig) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(g.dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAProcessThatIsKilledGoesOnInEveryState(t *testing.T) {
	slow := func(o *Options) { o.Delays = Delays{time.Hour, time.Hour, time.Hour, time.Hour, time.Hour} }
	cases := []struct {
		state, then types.ChannelState
		do          func(*rig, string) error
	}{
		{types.ChannelStateStarting, types.ChannelStateRunning, func(g *rig, id string) error { _, err := g.StartChannel(id); return err }},
		{types.ChannelStateDeleting, types.ChannelStateDeleted, func(g *rig, id string) error { _, err := g.DeleteChannel(id); return err }},
	}
	for _, c := range cases {
		t.Run(string(c.state), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := open(t, t.TempDir(), slow)
				doc, err := g.CreateChannel(request(g.input(t, "file:///media/a.mp4")))
				if err != nil {
					t.Fatal(err)
				}
				again := open(t, killed(t, g))
				again.await(t, *doc.Id, types.ChannelStateIdle) // CREATING is finished.
				again.o.Delays = Delays{time.Hour, time.Hour, time.Hour, time.Hour, time.Hour}
				if err := c.do(again, *doc.Id); err != nil {
					t.Fatal(err)
				}
				again.await(t, *doc.Id, c.state)
				third := open(t, killed(t, again))
				third.await(t, *doc.Id, c.then)
			})
		})
	}
}

func TestWhatWasOnAirGoesOnInTheSameStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		a, b := g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4")
		id := g.started(t, request(a, b))
		time.Sleep(time.Minute)
		_, _, err := g.UpdateSchedule(id, nil, []types.ScheduleAction{switchTo("s", "in1", "")})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		before := g.air.show(id + "-0")
		want := before.channel
		want.Schedule = before.schedules()[0]

		again := open(t, killed(t, g))
		synctest.Wait()
		got := again.air.show(id + "-0")
		if got == nil {
			t.Fatal("it is not on air at once")
		}
		if !got.channel.Spec.Epoch.Equal(want.Spec.Epoch) {
			t.Errorf("its epoch moved from %v to %v", want.Spec.Epoch, got.channel.Spec.Epoch)
		}
		if !reflect.DeepEqual(normal(got.channel), normal(want)) {
			t.Errorf("it goes on as %+v, not as %+v", got.channel, want)
		}
		doc, _ := again.Channel(id)
		if doc.State != types.ChannelStateRunning || *doc.PipelineDetails[0].ActiveInputAttachmentName != "in1" || *doc.PipelineDetails[0].ActiveInputSwitchActionName != "s" {
			t.Errorf("it is %s with %+v", doc.State, doc.PipelineDetails[0])
		}
		if _, err := again.StopChannel(id); err != nil {
			t.Fatal(err)
		}
		again.await(t, id, types.ChannelStateIdle)
		if _, err := again.StartChannel(id); err != nil {
			t.Fatal(err)
		}
		again.await(t, id, types.ChannelStateRunning)
		if e := again.air.last().Spec.Epoch; !e.After(want.Spec.Epoch.Add(time.Minute)) {
			t.Error("a channel that is started anew does not begin anew")
		}
		if n := len(again.air.last().Schedule.Entries); n != 0 {
			t.Errorf("%d switches from before it was started are in its schedule", n)
		}
	})
}

// normal makes instants comparable.
func normal(c player.Config) player.Config {
	c.Spec.Epoch = c.Spec.Epoch.UTC().Round(0)
	for i := range c.Schedule.Entries {
		c.Schedule.Entries[i].At = c.Schedule.Entries[i].At.UTC().Round(0)
	}
	if len(c.Schedule.Pauses) == 0 {
		c.Schedule.Pauses = nil
	}
	return c
}

func TestAnInputThatIsNotThereIsAlertedOfAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.channel(t, request(g.input(t, "file:///media/a.mp4")))
		g.air.fail(fault.New(fault.Source, "no such file"))
		if _, err := g.StartChannel(id); err != nil {
			t.Fatal(err)
		}
		doc := g.await(t, id, types.ChannelStateRunning)
		if *doc.PipelinesRunningCount != 0 {
			t.Error("a pipeline runs without its input")
		}
		set, err := g.Alerts(id, "SET")
		if err != nil || len(set) != 1 || *set[0].AlertType != alertInput || !IsInputLoss(set[0]) {
			t.Fatalf("alerts are %v, %v", set, err)
		}
		time.Sleep(time.Hour)
		g.air.fail(nil)
		time.Sleep(2 * longest)
		doc, _ = g.Channel(id)
		if *doc.PipelinesRunningCount != 1 {
			t.Error("it is not on air though its input is there")
		}
		if got := g.ears.alerts(alertInput); !reflect.DeepEqual(got, []string{"SET", "CLEARED"}) {
			t.Errorf("alerted %v", got)
		}
		// What ends by itself is put on air again, in the same stream.
		epoch := g.air.last().Spec.Epoch
		g.air.show(id + "-0").end(errors.New("the file changed"))
		time.Sleep(2 * longest)
		if again := g.air.show(id + "-0"); again == nil || !again.channel.Spec.Epoch.Equal(epoch) {
			t.Error("it did not go on in the same stream")
		}
	})
}

func TestWhatAilsOnAirIsAlertedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.started(t, request(g.input(t, "https://example.com/a.mp4")))
		s := g.air.show(id + "-0")
		s.mu.Lock()
		s.snapshot.Remote, s.snapshot.Fetched.Stalled = true, true
		s.mu.Unlock()
		time.Sleep(2 * watchEvery)
		s.mu.Lock()
		s.snapshot.Fetched.Stalled = false
		s.mu.Unlock()
		time.Sleep(2 * watchEvery)
		if got := g.ears.alerts(alertLoss); !reflect.DeepEqual(got, []string{"SET", "CLEARED"}) {
			t.Errorf("alerted %v", got)
		}
	})
}

func TestARestartedPipelineGoesOnInTheSameStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.started(t, standard(request(g.input(t, "file:///media/a.mp4", "file:///media/a.mp4"))))
		zero, one := g.air.show(id+"-0"), g.air.show(id+"-1")
		if _, err := g.RestartPipelines(id, []types.ChannelPipelineIdToRestart{"PIPELINE_2"}); CodeOf(err) != BadRequest {
			t.Errorf("a third pipeline is restarted: %v", err)
		}
		doc, err := g.RestartPipelines(id, []types.ChannelPipelineIdToRestart{types.ChannelPipelineIdToRestartPipeline1})
		if err != nil || doc.State != types.ChannelStateRunning {
			t.Fatal(doc, err)
		}
		synctest.Wait()
		if g.air.show(id+"-0") != zero || g.air.show(id+"-1") == one || g.air.show(id+"-1") == nil {
			t.Error("not pipeline 1 alone was restarted")
		}
		if !g.air.show(id + "-1").channel.Spec.Epoch.Equal(one.channel.Spec.Epoch) {
			t.Error("the stream began anew")
		}
	})
}

func TestACallThatCannotBeWrittenChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.started(t, request(g.input(t, "file:///media/a.mp4")))
		idle := g.channel(t, request(g.input(t, "file:///media/a.mp4")))
		if err := g.db.Close(); err != nil { // As a disk that takes no writes.
			t.Fatal(err)
		}
		for name, call := range map[string]func() error{
			"stop":   func() error { _, err := g.StopChannel(id); return err },
			"start":  func() error { _, err := g.StartChannel(idle); return err },
			"delete": func() error { _, err := g.DeleteChannel(idle); return err },
			"tag":    func() error { return g.Tag(g.arn("channel", idle), map[string]string{"a": "b"}) },
			"create": func() error { _, err := g.CreateGroup(nil, nil); return err },
		} {
			if err := call(); CodeOf(err) != Internal || !strings.Contains(err.Error(), "nothing has changed") {
				t.Errorf("%s answered %v", name, err)
			}
		}
		time.Sleep(time.Minute)
		one, _ := g.Channel(id)
		two, _ := g.Channel(idle)
		if one.State != types.ChannelStateRunning || two.State != types.ChannelStateIdle || len(two.Tags) != 0 {
			t.Errorf("the channels are %s and %s", one.State, two.State)
		}
		if got := g.air.playing(); len(got) != 1 {
			t.Errorf("on air is %v", got)
		}
	})
}

func TestAClockThatStepsChangesNoState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var off atomic.Int64
		g := open(t, t.TempDir(), func(o *Options) {
			o.Now = func() time.Time { return time.Now().Add(time.Duration(off.Load())).Round(0) }
		})
		id := g.started(t, request(g.input(t, "file:///media/a.mp4")))
		show := g.air.show(id + "-0")
		for _, step := range []time.Duration{-48 * time.Hour, 48 * time.Hour, -time.Hour} {
			off.Store(int64(step))
			time.Sleep(time.Minute)
			if doc, err := g.Channel(id); err != nil || doc.State != types.ChannelStateRunning || g.air.show(id+"-0") != show {
				t.Fatalf("after a step of %v it is %v, %v", step, doc, err)
			}
		}
		if _, err := g.StopChannel(id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateIdle)
		if _, err := g.DeleteChannel(id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateDeleted)
	})
}

func TestTheStoreIsForOneProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r, err := Open(dir, Options{Air: &air{}})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := Open(dir, Options{Air: &air{}}); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "in use") {
			t.Errorf("a second process got %v", err)
		}
	})
}

func TestAStoreThatIsDamagedIsToldOf(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), []byte(strings.Repeat("no store ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{Air: &air{}}); fault.KindOf(err) != fault.Usage {
		t.Errorf("it answers %v", err)
	}
}

func TestAChannelWithoutUDPOutputsIsSentNowhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		in := request(g.input(t, "https://example.com/a.mp4"))
		group := &in.EncoderSettings.OutputGroups[0]
		group.OutputGroupSettings = &types.OutputGroupSettings{RtmpGroupSettings: &types.RtmpGroupSettings{}}
		for i := range group.Outputs {
			id := group.Outputs[i].OutputSettings.UdpOutputSettings.Destination.DestinationRefId
			group.Outputs[i].OutputSettings = &types.OutputSettings{RtmpOutputSettings: &types.RtmpOutputSettings{
				Destination: &types.OutputLocationRef{DestinationRefId: id},
			}}
		}
		g.started(t, in)
		if to := g.air.last().Spec.To; len(to) != 0 {
			t.Errorf("it is sent to %v", to)
		}
	})
}
