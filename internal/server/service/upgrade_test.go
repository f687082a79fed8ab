package service

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

// oldState returns a state directory that lilo serve of commit d872415 left when it
// was killed: a channel on air whose schedule was changed twice, one that is idle,
// their inputs, an input that was deleted, a group, and the settings of the account.
func oldState(t *testing.T) string {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", "d872415.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, bolt.FileName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStateOfAnOlderVersion(t *testing.T) {
	const onAir, idle, inputA, inputB, deleted, group = "2586443", "1638419", "4662816", "4851221", "9739463", "5898258"
	instant := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	g := open(t, oldState(t), func(o *options) { o.now = func() time.Time { return instant("2026-11-26T10:00:00Z") } })
	key := onAir + "-0"
	for range 1000 {
		if g.player.playback(key) != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	p := g.player.playback(key)
	if p == nil {
		t.Fatal("the channel on air does not go on")
	}
	if want := instant("2026-11-01T00:00:00Z"); !p.config.Spec.Epoch.Equal(want) || p.config.Spec.Source != "/media/a.mp4" {
		t.Errorf("it plays %s with epoch %v, want %v", p.config.Spec.Source, p.config.Spec.Epoch, want)
	}
	if want := (channel.Schedule{
		Entries: []channel.Entry{
			{At: instant("2026-11-26T09:50:38.506Z"), Source: "/media/b.mp4"},
			{At: instant("2126-01-01T00:00:00Z"), Source: "/media/a.mp4"},
		},
		Pauses: []channel.Pause{{From: instant("2026-11-26T09:50:38.506Z")}},
	}); !reflect.DeepEqual(p.config.Schedule, want) {
		t.Errorf("its schedule is %+v, want %+v", p.config.Schedule, want)
	}
	doc, err := g.Channels.Describe(t.Context(), onAir)
	if err != nil || doc.State != types.ChannelStateRunning || doc.Tags["StackName"] != "Dev" ||
		*doc.PipelineDetails[0].ActiveInputAttachmentName != "in1" || *doc.PipelineDetails[0].ActiveInputSwitchActionName != "now" {
		t.Errorf("it is %+v, %v", doc, err)
	}
	if doc, err := g.Channels.Describe(t.Context(), idle); err != nil || doc.State != types.ChannelStateIdle {
		t.Errorf("the idle channel is %+v, %v", doc, err)
	}
	if in, err := g.Inputs.Describe(t.Context(), inputB); err != nil || in.State != types.InputStateAttached || in.AttachedChannels[0] != onAir {
		t.Errorf("input b is %+v, %v", in, err)
	}
	if in, err := g.Inputs.Describe(t.Context(), deleted); err != nil || in.State != types.InputStateDeleted {
		t.Errorf("the deleted input is %+v, %v", in, err)
	}
	if doc, err := g.Groups.Describe(t.Context(), group); err != nil || doc.State != types.InputSecurityGroupStateInUse || doc.Tags["a"] != "1" {
		t.Errorf("the group is %+v, %v", doc, err)
	}
	if account, err := g.Account.Describe(t.Context(), nil); err != nil || *account.AccountConfiguration.KmsKeyId != "key" {
		t.Errorf("the account is %+v, %v", account, err)
	}

	again := &sdk.CreateInputInput{
		RequestId: aws.String("input a"), Name: aws.String("a"), Type: types.InputTypeMp4File, InputSecurityGroups: []string{group},
		Sources: []types.InputSourceRequest{{Url: aws.String("file:///media/a.mp4")}},
	}
	if out, err := g.Inputs.Create(t.Context(), again); err != nil || *out.Input.Id != inputA {
		t.Errorf("the request that created input a created %+v, %v", out, err)
	}
	again.Name = aws.String("other")
	_, err = g.Inputs.Create(t.Context(), again)
	check(t, err, Conflict, "")

	if _, err := g.Channels.Stop(t.Context(), onAir); err != nil {
		t.Fatal(err)
	}
	g.await(t, onAir, types.ChannelStateIdle)
	list, err := g.Channels.List(t.Context(), &sdk.ListChannelsInput{})
	if err != nil || len(list.Channels) != 2 || *list.Channels[0].Id != onAir {
		t.Errorf("the channels are %+v, %v", list, err)
	}
}
