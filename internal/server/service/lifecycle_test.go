package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

func TestChannelFromCreationToDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir(), func(o *options) {
			o.delays = supervisor.Delays{Creating: time.Second, Starting: time.Minute, Stopping: time.Second, Updating: time.Second, Deleting: time.Second}
		})
		input := g.input(t, "file:///media/a.mp4", "file:///media/a.mp4")
		out, err := g.Channels.Create(t.Context(), standard(request(input)))
		if err != nil || out.Channel.State != types.ChannelStateCreating {
			t.Fatalf("created as %v, %v", out, err)
		}
		doc := out.Channel
		id := *doc.Id
		if *doc.Arn != "arn:aws:medialive:eu-west-1:123456789012:channel:"+id {
			t.Errorf("its ARN is %s", *doc.Arn)
		}
		if in, _ := g.Inputs.Describe(t.Context(), input); in.State != types.InputStateAttached || !reflect.DeepEqual(in.AttachedChannels, []string{id}) {
			t.Errorf("its input is %s, attached to %v", in.State, in.AttachedChannels)
		}
		g.await(t, id, types.ChannelStateIdle)

		before := time.Now()
		if doc, err = g.Channels.Start(t.Context(), id); err != nil || doc.State != types.ChannelStateStarting || len(doc.PipelineDetails) != 0 {
			t.Fatalf("started as %v, %v", doc, err)
		}
		doc = g.await(t, id, types.ChannelStateRunning)
		if time.Since(before) < time.Minute {
			t.Error("it ran before its delay")
		}
		if *doc.PipelinesRunningCount != 2 || len(doc.PipelineDetails) != 2 || *doc.PipelineDetails[1].ActiveInputAttachmentName != "in0" {
			t.Errorf("%d pipelines run, %+v", *doc.PipelinesRunningCount, doc.PipelineDetails)
		}
		one, two := g.player.playback(id+"-0").config, g.player.playback(id+"-1").config
		if one.Spec.To[0].Port != 5000 || two.Spec.To[0].Port != 5002 || !one.Spec.Epoch.Equal(two.Spec.Epoch) || one.Spec.Source != "/media/a.mp4" {
			t.Errorf("on air are %+v and %+v", one.Spec, two.Spec)
		}
		if lead := one.Spec.Epoch.Sub(before); lead <= 0 || lead > time.Second || one.Spec.Epoch.Nanosecond()%1e6 != 0 {
			t.Errorf("its epoch is %v after the call", lead)
		}

		if doc, err = g.Channels.Stop(t.Context(), id); err != nil || doc.State != types.ChannelStateStopping {
			t.Fatalf("stopped as %v, %v", doc, err)
		}
		doc = g.await(t, id, types.ChannelStateIdle)
		if len(g.player.playing()) != 0 || *doc.PipelinesRunningCount != 0 {
			t.Errorf("%v still plays", g.player.playing())
		}

		if doc, err = g.Channels.Delete(t.Context(), id); err != nil || doc.State != types.ChannelStateDeleting {
			t.Fatalf("deleted as %v, %v", doc, err)
		}
		g.await(t, id, types.ChannelStateDeleted)
		if in, _ := g.Inputs.Describe(t.Context(), input); in.State != types.InputStateDetached || len(in.AttachedChannels) != 0 {
			t.Errorf("its input is %s", in.State)
		}
		if err := g.Inputs.Delete(t.Context(), input); err != nil {
			t.Fatal(err)
		}
		if in, err := g.Inputs.Describe(t.Context(), input); err != nil || in.State != types.InputStateDeleted {
			t.Errorf("its input is %v, %v", in, err)
		}
		if list, _ := g.Channels.List(t.Context(), &sdk.ListChannelsInput{}); len(list.Channels) != 0 {
			t.Error("a deleted channel is listed")
		}
		want := []string{"CREATED", "RUNNING0", "RUNNING1", "STOPPING", "STOPPED0", "STOPPED1", "DELETED"}
		if got := g.emitted.states(); !reflect.DeepEqual(got, want) {
			t.Errorf("told of %v, not %v", got, want)
		}
		time.Sleep(24*time.Hour + time.Minute) // The next purge is within an hour.
		_, err = g.Channels.Describe(t.Context(), id)
		check(t, err, NotFound, "")
		_, err = g.Inputs.Describe(t.Context(), input)
		check(t, err, NotFound, "")
		time.Sleep(time.Hour)
		all, _, err := g.store.Load(t.Context())
		if err != nil || len(all) != 0 {
			t.Errorf("the store keeps %d records of deleted resources, %v", len(all), err)
		}
	})
}

// killed returns a directory with what a process that is killed now leaves.
func killed(t *testing.T, g *server) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(g.dir, bolt.FileName))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, bolt.FileName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestKilledProcessGoesOnInEveryState(t *testing.T) {
	slow := func(o *options) {
		o.delays = supervisor.Delays{Creating: time.Hour, Starting: time.Hour, Stopping: time.Hour, Updating: time.Hour, Deleting: time.Hour}
	}
	cases := []struct {
		state, then types.ChannelState
		do          func(*Channels, context.Context, string) (*types.Channel, error)
	}{
		{types.ChannelStateStarting, types.ChannelStateRunning, (*Channels).Start},
		{types.ChannelStateDeleting, types.ChannelStateDeleted, (*Channels).Delete},
	}
	for _, c := range cases {
		t.Run(string(c.state), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := open(t, t.TempDir(), slow)
				out, err := g.Channels.Create(t.Context(), request(g.input(t, "file:///media/a.mp4")))
				if err != nil {
					t.Fatal(err)
				}
				id := *out.Channel.Id
				second := open(t, killed(t, g))
				second.await(t, id, types.ChannelStateIdle) // CREATING is finished.
				third := open(t, killed(t, second), slow)
				if _, err := c.do(third.Channels, t.Context(), id); err != nil {
					t.Fatal(err)
				}
				third.await(t, id, c.state)
				fourth := open(t, killed(t, third))
				fourth.await(t, id, c.then)
			})
		})
	}
}

func TestRestartContinuesTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		a, b := g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4")
		id := g.started(t, request(a, b))
		time.Sleep(time.Minute)
		if _, err := g.updateSchedule(t, id, nil, switchTo("s", "in1", "")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		before := g.player.playback(id + "-0")
		want := before.config
		want.Schedule = before.schedules()[0]

		again := open(t, killed(t, g))
		synctest.Wait()
		got := again.player.playback(id + "-0")
		if got == nil {
			t.Fatal("it is not on air at once")
		}
		if !got.config.Spec.Epoch.Equal(want.Spec.Epoch) {
			t.Errorf("its epoch moved from %v to %v", want.Spec.Epoch, got.config.Spec.Epoch)
		}
		if !reflect.DeepEqual(normal(got.config), normal(want)) {
			t.Errorf("it goes on as %+v, not as %+v", got.config, want)
		}
		doc, _ := again.Channels.Describe(t.Context(), id)
		if doc.State != types.ChannelStateRunning || *doc.PipelineDetails[0].ActiveInputAttachmentName != "in1" || *doc.PipelineDetails[0].ActiveInputSwitchActionName != "s" {
			t.Errorf("it is %s with %+v", doc.State, doc.PipelineDetails[0])
		}
		if _, err := again.Channels.Stop(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		again.await(t, id, types.ChannelStateIdle)
		if _, err := again.Channels.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		again.await(t, id, types.ChannelStateRunning)
		if e := again.player.last().Spec.Epoch; !e.After(want.Spec.Epoch.Add(time.Minute)) {
			t.Error("a channel that is started anew does not begin anew")
		}
		if n := len(again.player.last().Schedule.Entries); n != 0 {
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

// A pipeline that panics is alerted and retried, and another channel plays on.
func TestPanicIsAlertedAndRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		good, bad := g.channel(t, request(g.input(t, "file:///media/a.mp4"))), g.channel(t, request(g.input(t, "file:///media/b.mp4")))
		start := func(id string, panics bool) {
			g.player.mu.Lock()
			g.player.panics = panics
			g.player.mu.Unlock()
			if _, err := g.Channels.Start(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			g.await(t, id, types.ChannelStateRunning)
		}
		start(good, false)
		start(bad, true)
		set := g.alerts(t, bad)
		if len(set) != 1 || *set[0].AlertType != inputAlert || !strings.Contains(*set[0].Message, "failed through a bug in LILO (a test)") {
			t.Fatalf("alerts are %v", set)
		}
		g.player.mu.Lock()
		g.player.panics = false
		g.player.mu.Unlock()
		time.Sleep(30 * time.Second)
		for _, id := range []string{good, bad} {
			if doc, err := g.Channels.Describe(t.Context(), id); err != nil || *doc.PipelinesRunningCount != 1 {
				t.Errorf("channel %s does not play: %v", id, err)
			}
		}
	})
}

func TestMissingInputIsAlertedAndRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.channel(t, request(g.input(t, "file:///media/a.mp4")))
		g.player.fail(fault.New(fault.Source, "no such file"))
		if _, err := g.Channels.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		doc := g.await(t, id, types.ChannelStateRunning)
		if *doc.PipelinesRunningCount != 0 {
			t.Error("a pipeline runs without its input")
		}
		set := g.alerts(t, id)
		if len(set) != 1 || *set[0].AlertType != inputAlert || !supervisor.IsInputLoss(set[0]) {
			t.Fatalf("alerts are %v", set)
		}
		time.Sleep(time.Hour)
		g.player.fail(nil)
		time.Sleep(30 * time.Second)
		doc, _ = g.Channels.Describe(t.Context(), id)
		if *doc.PipelinesRunningCount != 1 {
			t.Error("it is not on air though its input is there")
		}
		if got := g.emitted.alerts(inputAlert); !reflect.DeepEqual(got, []string{"SET", "CLEARED"}) {
			t.Errorf("alerted %v", got)
		}
		// What ends by itself is put on air again, in the same stream.
		epoch := g.player.last().Spec.Epoch
		g.player.playback(id + "-0").end(errors.New("the file changed"))
		time.Sleep(30 * time.Second)
		if again := g.player.playback(id + "-0"); again == nil || !again.config.Spec.Epoch.Equal(epoch) {
			t.Error("it did not go on in the same stream")
		}
	})
}

func TestBrokenInputIsRecovering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.channel(t, request(g.input(t, "file:///media/a.mp4")))
		g.player.fail(fault.New(fault.Media, "byte 7 is damaged"))
		if _, err := g.Channels.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		doc := g.await(t, id, types.ChannelStateRecovering)
		_, err := g.Channels.Start(t.Context(), id)
		check(t, err, Conflict, "Cannot start a channel whose state is RECOVERING")
		_, err = g.restart(t, id, "PIPELINE_1")
		check(t, err, BadRequest, "Channel "+id+" has the class SINGLE_PIPELINE: it has no PIPELINE_1")
		set := g.alerts(t, id)
		if len(set) != 1 || !strings.Contains(*set[0].Message, "byte 7 is damaged (attempt 9 failed; the next is at ") {
			t.Fatalf("alerts are %v", set)
		}
		if list, err := g.Channels.List(t.Context(), &sdk.ListChannelsInput{}); err != nil || list.Channels[0].State != doc.State {
			t.Errorf("listed as %v, %v", list.Channels, err)
		}
		g.player.fail(nil)
		time.Sleep(30 * time.Second)
		g.await(t, id, types.ChannelStateRunning)
		if _, err := g.Channels.Stop(t.Context(), id); err != nil {
			t.Error(err)
		}
	})
}

func TestInputLossIsAlerted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.started(t, request(g.input(t, "https://example.com/a.mp4")))
		s := g.player.playback(id + "-0")
		s.mu.Lock()
		s.snapshot.Remote, s.snapshot.Fetched.Stalled = true, true
		s.mu.Unlock()
		time.Sleep(5 * time.Second)
		s.mu.Lock()
		s.snapshot.Fetched.Stalled = false
		s.mu.Unlock()
		time.Sleep(5 * time.Second)
		if got := g.emitted.alerts(lossAlert); !reflect.DeepEqual(got, []string{"SET", "CLEARED"}) {
			t.Errorf("alerted %v", got)
		}
	})
}

func TestRestartedPipelineContinuesTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.started(t, standard(request(g.input(t, "file:///media/a.mp4", "file:///media/a.mp4"))))
		zero, one := g.player.playback(id+"-0"), g.player.playback(id+"-1")
		if _, err := g.restart(t, id, "PIPELINE_2"); CodeOf(err) != BadRequest {
			t.Errorf("a third pipeline is restarted: %v", err)
		}
		doc, err := g.restart(t, id, types.ChannelPipelineIdToRestartPipeline1)
		if err != nil || doc.State != types.ChannelStateRunning {
			t.Fatal(doc, err)
		}
		synctest.Wait()
		if g.player.playback(id+"-0") != zero || g.player.playback(id+"-1") == one || g.player.playback(id+"-1") == nil {
			t.Error("not pipeline 1 alone was restarted")
		}
		if !g.player.playback(id + "-1").config.Spec.Epoch.Equal(one.config.Spec.Epoch) {
			t.Error("the stream began anew")
		}
	})
}

func TestFullDiskChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.started(t, request(g.input(t, "file:///media/a.mp4")))
		idle := g.channel(t, request(g.input(t, "file:///media/a.mp4")))
		g.store.full.Store(true)
		for name, call := range map[string]func() error{
			"stop":   func() error { _, err := g.Channels.Stop(t.Context(), id); return err },
			"start":  func() error { _, err := g.Channels.Start(t.Context(), idle); return err },
			"delete": func() error { _, err := g.Channels.Delete(t.Context(), idle); return err },
			"tag": func() error {
				_, err := g.Tags.Create(t.Context(), &sdk.CreateTagsInput{ResourceArn: g.arn("channel", idle), Tags: map[string]string{"a": "b"}})
				return err
			},
			"create": func() error {
				_, err := g.Groups.Create(t.Context(), &sdk.CreateInputSecurityGroupInput{})
				return err
			},
		} {
			if err := call(); CodeOf(err) != Internal || !strings.Contains(err.Error(), "nothing has changed") {
				t.Errorf("%s answered %v", name, err)
			}
		}
		time.Sleep(time.Minute)
		one, _ := g.Channels.Describe(t.Context(), id)
		two, _ := g.Channels.Describe(t.Context(), idle)
		if one.State != types.ChannelStateRunning || two.State != types.ChannelStateIdle || len(two.Tags) != 0 {
			t.Errorf("the channels are %s and %s", one.State, two.State)
		}
		if got := g.player.playing(); len(got) != 1 {
			t.Errorf("on air is %v", got)
		}
	})
}

func TestClockStepChangesNoState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var off atomic.Int64
		g := open(t, t.TempDir(), func(o *options) {
			o.now = func() time.Time { return time.Now().Add(time.Duration(off.Load())).Round(0) }
		})
		id := g.started(t, request(g.input(t, "file:///media/a.mp4")))
		show := g.player.playback(id + "-0")
		for _, step := range []time.Duration{-48 * time.Hour, 48 * time.Hour, -time.Hour} {
			off.Store(int64(step))
			time.Sleep(time.Minute)
			if doc, err := g.Channels.Describe(t.Context(), id); err != nil || doc.State != types.ChannelStateRunning || g.player.playback(id+"-0") != show {
				t.Fatalf("after a step of %v it is %v, %v", step, doc, err)
			}
		}
		if _, err := g.Channels.Stop(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateIdle)
		if _, err := g.Channels.Delete(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateDeleted)
	})
}

func TestChannelWithoutUDPOutputsSendsNothing(t *testing.T) {
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
		if to := g.player.last().Spec.To; len(to) != 0 {
			t.Errorf("it is sent to %v", to)
		}
	})
}
