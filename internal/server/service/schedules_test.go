package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

// follow switches when another action starts or ends.
func follow(name, attachment, other string, point types.FollowPoint) types.ScheduleAction {
	a := switchTo(name, attachment, "")
	a.ScheduleActionStartSettings = &types.ScheduleActionStartSettings{
		FollowModeScheduleActionStartSettings: &types.FollowModeScheduleActionStartSettings{ReferenceActionName: &other, FollowPoint: point},
	}
	return a
}

// pauseAll pauses the first pipeline, or has all go on.
func pauseAll(name, at string, paused bool) types.ScheduleAction {
	a := switchTo(name, "", at)
	s := &types.PauseStateScheduleActionSettings{}
	if paused {
		s.Pipelines = []types.PipelinePauseStateSettings{{PipelineId: types.PipelineIdPipeline0}}
	}
	a.ScheduleActionSettings = &types.ScheduleActionSettings{PauseStateSettings: s}
	return a
}

// at returns the text of an instant from now.
func at(d time.Duration) string { return time.Now().UTC().Add(d).Format(timeLayout) }

// once makes the inputs of a channel end.
func once(g *server, t *testing.T, urls ...string) string {
	var ids []string
	for _, u := range urls {
		ids = append(ids, g.input(t, u))
	}
	in := request(ids...)
	for i := range in.InputAttachments {
		in.InputAttachments[i].InputSettings.SourceEndBehavior = types.InputSourceEndBehaviorContinue
	}
	return g.channel(t, in)
}

// A schedule does not fill up: actions that are over leave it, and their names are free.
func TestOldActionsLeaveTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.started(t, request(g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4")))
		for round := range 4 {
			var all []types.ScheduleAction
			for i := range 1000 {
				all = append(all, switchTo(fmt.Sprint("s", i), fmt.Sprint("in", (i+1)%2), at(20*time.Second+time.Duration(i)*time.Second)))
			}
			if _, err := g.updateSchedule(t, id, nil, all...); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			time.Sleep(1020*time.Second + time.Hour)
			if all := g.schedule(t, id); len(all) != 0 {
				t.Fatalf("round %d: %d actions are described an hour later", round, len(all))
			}
		}
		if _, err := g.updateSchedule(t, id, nil, switchTo("s0", "in1", "")); err != nil {
			t.Fatal(err)
		}
		if n := len(g.records.Channels.Find(id).Actions); n != 1 {
			t.Errorf("%d actions are kept", n)
		}
		synctest.Wait()
		s := g.player.playback(id + "-0").schedules()
		if last := s[len(s)-1]; len(last.Entries) != 4001 || last.Entries[0].Source != "/media/b.mp4" {
			t.Errorf("the stream has %d entries", len(last.Entries))
		}
	})
}

// A pause that has left the schedule still holds, for a process that starts later too.
func TestPauseHoldsWhenItLeavesTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		g := open(t, dir)
		id := g.started(t, request(g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4")))
		if _, err := g.updateSchedule(t, id, nil, pauseAll("pause", at(time.Minute), true)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		for i, name := range []string{"pause", "other"} {
			if _, err := g.updateSchedule(t, id, nil, switchTo(name, "in1", at(time.Minute))); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			s := g.player.playback(id + "-0").schedules()
			if p := s[len(s)-1].Pauses; len(p) != 1 || !p[0].To.IsZero() {
				t.Fatalf("%d: the pauses are %+v", i, p)
			}
			time.Sleep(2 * time.Hour)
		}
		if _, err := g.updateSchedule(t, id, nil, pauseAll("on", at(time.Minute), false)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s := g.player.playback(id + "-0").schedules()
		if p := s[len(s)-1].Pauses; len(p) != 1 || p[0].To.IsZero() {
			t.Errorf("the pauses are %+v", p)
		}
	})
}

// A switch that is about to begin has been read ahead: it plays although its action is deleted,
// and it does so too in a process that starts later (I1).
func TestDeletedSwitchThatIsAboutToBegin(t *testing.T) {
	for ahead, plays := range map[time.Duration]bool{player.Notice - time.Millisecond: true, player.Notice + time.Second: false} {
		for name, remove := range map[string]func(*testing.T, *server, string) error{
			"the action": func(t *testing.T, g *server, id string) error {
				_, err := g.updateSchedule(t, id, []string{"switch"})
				return err
			},
			"all actions": func(t *testing.T, g *server, id string) error { return g.Schedules.Delete(t.Context(), id) },
		} {
			synctest.Test(t, func(t *testing.T) {
				g := open(t, t.TempDir())
				id := g.started(t, request(g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4")))
				begins := time.Now().Add(time.Minute).Truncate(time.Millisecond)
				if _, err := g.updateSchedule(t, id, nil, switchTo("switch", "in1", at(time.Until(begins)))); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Until(begins) - ahead)
				if err := remove(t, g, id); err != nil {
					t.Fatal(err)
				}
				// What follows at once leaves the history alone.
				if _, err := g.updateSchedule(t, id, nil, pauseAll("later", at(time.Hour), true)); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				all := g.player.playback(id + "-0").schedules()
				entries := all[len(all)-1].Entries
				if (len(entries) == 1) != plays || plays && !entries[0].At.Equal(begins) {
					t.Errorf("%s, deleted %v ahead: plays %+v", name, ahead, entries)
				}
				if len(g.schedule(t, id)) != 1 {
					t.Errorf("%s: the schedule has %+v", name, g.schedule(t, id))
				}
			})
		}
	}
}

// An action that waits for the end of another is how playlists of files are made.
func TestFollowTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir(), func(o *options) {
			o.Strict = true // What is not known yet is no fault.
			o.Length = func(_ context.Context, s channel.Spec) (time.Duration, error) {
				switch s.Source {
				case "/media/a.mp4":
					return 10 * time.Second, nil
				case "/media/b.mp4":
					return 20*time.Second + 500*time.Microsecond, nil
				}
				return 0, errors.New("it is gone")
			}
		})
		id := once(g, t, "file:///media/a.mp4", "file:///media/b.mp4", "file:///media/c.mp4")
		// While the channel is not on air, nothing is known yet.
		created, err := g.updateSchedule(t, id, nil, follow("3", "in0", "2", "END"), switchTo("1", "in0", ""), follow("2", "in1", "1", "END"), follow("4", "in1", "3", "START"))
		if err != nil || created.Creates.ScheduleActions[0].ScheduleActionStartSettings.FixedModeScheduleActionStartSettings != nil {
			t.Fatal(created, err)
		}
		if _, err := g.Channels.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateRunning)
		entries := g.player.last().Schedule.Entries
		epoch := g.records.Channels.Find(id).Epoch
		var got []string
		for _, e := range entries {
			got = append(got, fmt.Sprintf("%v %s %v", e.At.Sub(epoch), e.Source, e.Once))
		}
		if want := "[0s /media/a.mp4 true 10s /media/b.mp4 true 30.001s /media/b.mp4 true]"; fmt.Sprint(got) != want {
			t.Errorf("it plays %v, want %s", got, want)
		}
		time.Sleep(12 * time.Second)
		if doc, _ := g.Channels.Describe(t.Context(), id); *doc.PipelineDetails[0].ActiveInputSwitchActionName != "2" {
			t.Errorf("active is %s", *doc.PipelineDetails[0].ActiveInputSwitchActionName)
		}
		for _, a := range g.schedule(t, id) {
			if s := a.ScheduleActionStartSettings; s.FollowModeScheduleActionStartSettings != nil && s.FixedModeScheduleActionStartSettings != nil {
				t.Errorf("%s is described with two starts", *a.ActionName)
			}
		}
		// What is followed stays.
		_, err = g.updateSchedule(t, id, []string{"2"})
		check(t, err, Unprocessable, `deletes.actionNames The action "2" cannot be deleted: "3" follows it`)
		if _, err = g.updateSchedule(t, id, []string{"3", "4"}, switchTo("5", "in2", at(time.Minute))); err != nil {
			t.Fatal(err)
		}
		_, err = g.updateSchedule(t, id, nil, follow("6", "in0", "5", "END"))
		check(t, err, Unprocessable, `creates.scheduleActions The end of "5" is not known: it is gone`)
		if _, err = g.updateSchedule(t, id, nil, pauseAll("7", at(time.Minute), true)); err != nil {
			t.Fatal(err)
		}
		_, err = g.updateSchedule(t, id, nil, follow("8", "in0", "7", "END"))
		check(t, err, Unprocessable, `creates.scheduleActions The action "7" has no end: only an input switch has`)
	})
}

// A file that is gone concerns the actions that follow its end, and no others.
func TestFollowTheEndOfWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gone atomic.Bool
		g := open(t, t.TempDir(), func(o *options) {
			o.Length = func(context.Context, channel.Spec) (time.Duration, error) {
				if gone.Load() {
					return 0, errors.New("it is gone")
				}
				return time.Second, nil
			}
		})
		id := once(g, t, "file:///media/a.mp4", "file:///media/b.mp4")
		if _, err := g.updateSchedule(t, id, nil, switchTo("1", "in1", ""), follow("2", "in0", "1", "END")); err != nil {
			t.Fatal(err)
		}
		gone.Store(true)
		if _, err := g.updateSchedule(t, id, nil, switchTo("3", "in0", at(time.Minute))); err != nil {
			t.Error(err)
		}
		_, err := g.updateSchedule(t, id, nil, follow("4", "in0", "2", "START"))
		check(t, err, Unprocessable, `creates.scheduleActions The end of "1" is not known: it is gone`)
		if n := len(g.schedule(t, id)); n != 3 {
			t.Errorf("%d actions", n)
		}
	})
}

// clipped has an input switch play a part of its file.
func clipped(a types.ScheduleAction, start, stop string) types.ScheduleAction {
	a.ScheduleActionSettings.InputSwitchSettings.InputClippingSettings = &types.InputClippingSettings{
		InputTimecodeSource: types.InputTimecodeSourceZerobased,
		StartTimecode:       &types.StartTimecode{Timecode: &start}, StopTimecode: &types.StopTimecode{Timecode: &stop},
	}
	return a
}

// Several parts of one file follow one another, each for as long as it lasts.
func TestFollowTheEndOfAClip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir(), func(o *options) {
			o.Length = func(_ context.Context, s channel.Spec) (time.Duration, error) {
				if s.Clipping.Stop == "00:00:30:00" {
					return 10 * time.Second, nil
				}
				return 7 * time.Second, nil
			}
		})
		id := once(g, t, "file:///media/a.mp4")
		_, err := g.updateSchedule(t, id, nil, clipped(switchTo("1", "in0", ""), "00:00:20:00", "00:00:30:00"),
			clipped(follow("2", "in0", "1", "END"), "00:01:00:00", "00:01:07:00"), follow("3", "in0", "2", "END"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Channels.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		g.await(t, id, types.ChannelStateRunning)
		var got []string
		for _, e := range g.player.last().Schedule.Entries {
			got = append(got, fmt.Sprintf("%v %s-%s", e.At.Sub(g.records.Channels.Find(id).Epoch), e.Clipping.Start, e.Clipping.Stop))
		}
		if want := "[0s 00:00:20:00-00:00:30:00 10s 00:01:00:00-00:01:07:00 17s -]"; fmt.Sprint(got) != want {
			t.Errorf("it plays %v, want %s", got, want)
		}
		_, err = g.updateSchedule(t, id, nil, clipped(switchTo("4", "in0", ""), "1 s", ""))
		check(t, err, Unprocessable, `creates.scheduleActions[0].scheduleActionSettings.inputSwitchSettings.inputClippingSettings `+
			`"1 s" is not a timecode: write HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame counting`)
	})
}

func TestInputThatLoopsHasNoEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir())
		id := g.channel(t, request(g.input(t, "file:///media/a.mp4")))
		_, err := g.updateSchedule(t, id, nil, switchTo("1", "in0", at(time.Minute)), follow("2", "in0", "1", "END"))
		if e := errorOf(t, err, Unprocessable, ""); !strings.Contains(e.Message, "sourceEndBehavior CONTINUE") {
			t.Error(e.Message)
		}
	})
}

// Whoever sends a schedule as long and tangled as can be is answered soon.
func TestLongSchedules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, t.TempDir(), func(o *options) {
			o.Length = func(context.Context, channel.Spec) (time.Duration, error) { return time.Second, nil }
		})
		for _, point := range []types.FollowPoint{"START", "END"} {
			id := once(g, t, "file:///media/a.mp4")
			var all []types.ScheduleAction
			for i := range maxActions - 1 {
				all = append(all, follow(fmt.Sprint(i), "in0", fmt.Sprint(i+1), point))
			}
			all = append(all, switchTo(fmt.Sprint(maxActions-1), "in0", at(time.Minute)))
			if _, err := g.updateSchedule(t, id, nil, all...); err != nil {
				t.Fatal(err)
			}
			if n := len(g.schedule(t, id)); n != defaultResults {
				t.Errorf("%d are described", n)
			}
			all[len(all)-1] = follow(*all[len(all)-1].ActionName, "in0", "1500", point)
			_, err := g.updateSchedule(t, once(g, t, "file:///media/a.mp4"), nil, all...)
			check(t, err, Unprocessable, "")
			_, err = g.updateSchedule(t, id, nil, follow("one more", "in0", "1", point))
			check(t, err, TooMany, "")
		}
	})
}

// With SWITCH_AND_LOOP_INPUTS each input follows the end of the one before it, and the first
// that of the last.
func TestInputsFollowOneAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		lengths := func(o *options) {
			o.Strict = true
			o.Length = func(_ context.Context, s channel.Spec) (time.Duration, error) {
				return map[string]time.Duration{"/media/a.mp4": 10 * time.Second, "/media/b.mp4": 20 * time.Second, "/media/c.mp4": 90 * time.Second}[s.Source], nil
			}
		}
		g := open(t, dir, lengths)
		in := request(g.input(t, "file:///media/a.mp4"), g.input(t, "file:///media/b.mp4"), g.input(t, "file:///media/c.mp4"))
		in.EncoderSettings.GlobalConfiguration = &types.GlobalConfiguration{InputEndAction: types.GlobalConfigurationInputEndActionSwitchAndLoopInputs}
		for i := range in.InputAttachments {
			in.InputAttachments[i].InputSettings.SourceEndBehavior = types.InputSourceEndBehaviorContinue
		}
		id := g.started(t, in)
		epoch := g.records.Channels.Find(id).Epoch
		plays := func(g *server) string {
			var all []string
			s := g.player.last().Schedule
			if set := g.player.playback(id + "-0").schedules(); len(set) > 0 {
				s = set[len(set)-1]
			}
			for _, e := range s.Entries {
				all = append(all, fmt.Sprintf("%v %c", e.At.Sub(epoch), e.Source[7]))
			}
			return strings.Join(all, ", ")
		}
		const first = "10s b, 30s c, 2m0s a, 2m10s b"
		if got := plays(g); got != first {
			t.Errorf("it plays %s", got)
		}
		for _, c := range []struct {
			at   time.Duration
			want string
		}{{5 * time.Second, "in0"}, {11 * time.Second, "in1"}, {40 * time.Second, "in2"}, {125 * time.Second, "in0"}, {131 * time.Second, "in1"}} {
			time.Sleep(time.Until(epoch.Add(c.at)))
			synctest.Wait()
			if doc, _ := g.Channels.Describe(t.Context(), id); *doc.PipelineDetails[0].ActiveInputAttachmentName != c.want {
				t.Errorf("after %v it is %s", c.at, *doc.PipelineDetails[0].ActiveInputAttachmentName)
			}
		}
		if got, want := plays(g), first+", 2m30s c, 4m0s a, 4m10s b, 4m30s c"; got != want {
			t.Errorf("it plays %s, want %s", got, want)
		}
		// After an action, the others follow what that switched to. What was played stays.
		if _, err := g.updateSchedule(t, id, nil, switchTo("back", "in1", at(20*time.Second))); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		after := plays(g)
		if want := first + ", 2m30s c, 2m31s b, 2m51s c, 4m21s a, 4m31s b"; after != want {
			t.Errorf("it plays %s, want %s", after, want)
		}
		time.Sleep(30 * time.Second)
		g.stop()
		g = open(t, dir, lengths)
		synctest.Wait()
		if again := plays(g); !strings.HasPrefix(again, after) {
			t.Errorf("another process plays %s", again)
		}
	})
}
