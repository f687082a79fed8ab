package server

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/servicetest"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds a text against a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s: %v\ngot\n%s\nwant\n%s", name, err, got, want)
	}
}

// stage is a service that runs, and the channels of a configuration in it.
type stage struct {
	*declared
	service *service.Service
	told    strings.Builder
}

func newStage(t *testing.T, dir string, folders ...string) *stage {
	t.Helper()
	s := &stage{service: servicetest.Run(t, dir, service.Options{Sources: service.SourcePolicy{Folders: folders}}, supervisor.Delays{})}
	s.declared = &declared{provisioner: provisioner{service: s.service}, print: func(line string) { s.told.WriteString(line + "\n") }}
	return s
}

// read applies a configuration, and returns what was told of it.
func (s *stage) read(t *testing.T, text string, first bool) string {
	t.Helper()
	c, err := ReadConfig(write(t, t.TempDir(), "serve.yaml", text), DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	s.told.Reset()
	s.apply(t.Context(), c.Channels, first)
	return s.told.String()
}

// states returns the channels that there are, with their states, once all is settled.
func (s *stage) states(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, one := range s.service.Channels.Statuses() {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		err := s.provisioner.await(ctx, *one.Channel.Id, types.ChannelStateRunning, types.ChannelStateIdle)
		cancel()
		if err != nil {
			t.Error(err)
		}
		ch, _ := s.service.Channels.Describe(t.Context(), *one.Channel.Id)
		all[*ch.Name] = *ch.Id + " " + string(ch.State)
	}
	return all
}

const threeChannels = `channels:
- {source: FOLDER/a.mp4, name: one, to: rtp://127.0.0.1:20000}
- {source: FOLDER/b.mp4, name: two, to: rtp://127.0.0.1:20002, epoch: unix, pacing: 20ms}
- {source: https://media.example/c.mp4, name: three, to: "udp://127.0.0.1:20004"}
`

func TestWhatTheConfigurationChanges(t *testing.T) {
	folder := t.TempDir()
	s := newStage(t, t.TempDir(), folder)
	list := strings.ReplaceAll(threeChannels, "FOLDER", folder)
	var log strings.Builder
	step := func(name, text string) map[string]string {
		log.WriteString("# " + name + "\n" + s.read(t, text, false))
		return s.states(t)
	}
	before := step("all are new", list)
	if len(before) != 3 || !strings.HasSuffix(before["one"], "RUNNING") {
		t.Fatalf("%v\n%s", before, s.told.String())
	}
	if again := step("nothing has changed", list); again["one"] != before["one"] || len(again) != 3 {
		t.Errorf("%v", again)
	}
	// Somebody else's channel has the same name as one of the file: it is left alone.
	foreign := strings.Replace(list, "https://media.example/c.mp4", "https://media.example/other.mp4", 1)
	doc, err := documentOf(channel.Spec{Source: "https://media.example/x.mp4", Name: "three", To: []channel.Destination{{Scheme: "rtp", Host: "127.0.0.1", Port: 20008, Packets: 7}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := s.provisioner.create(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	step("the source of one has changed", foreign)
	if ch, err := s.service.Channels.Describe(t.Context(), theirs); err != nil || ch.State != types.ChannelStateIdle {
		t.Errorf("%+v, %v", ch, err)
	}
	step("an epoch is taken away, another channel comes, one goes", strings.Replace(strings.Replace(list, "epoch: unix, ", "", 1),
		"name: one", "name: four", 1))
	inputs, err := s.service.Inputs.List(t.Context(), &sdk.ListInputsInput{})
	if err != nil || len(inputs.Inputs) != 4 {
		t.Errorf("%d inputs, %v: that of the channel that is gone should be gone too", len(inputs.Inputs), err)
	}
	for _, one := range s.service.Channels.Statuses() {
		if _, ok := one.Channel.Tags[record.TagEpoch]; ok {
			t.Errorf("%s still has an epoch", *one.Channel.Name)
		}
	}
	step("a source that is not allowed", "channels:\n- {source: /etc/passwd, name: bad}\n- {source: "+folder+"/a.mp4, name: good, to: rtp://127.0.0.1:20010}\n")
	if why := s.failures()["bad"]; !strings.Contains(why, "/etc/passwd") {
		t.Errorf("%v", s.failures())
	}
	last := step("none", "channels: []\n")
	if len(last) != 1 || last["three"] != theirs+" IDLE" {
		t.Errorf("%v", last)
	}
	golden(t, "reload.txt", log.String())
}

// TestChannelsAreKeptAndStarted has the server end and start again.
func TestChannelsAreKeptAndStarted(t *testing.T) {
	dir, folder := t.TempDir(), t.TempDir()
	list := strings.ReplaceAll(threeChannels, "FOLDER", folder)
	var before map[string]string
	t.Run("first", func(t *testing.T) {
		s := newStage(t, dir, folder)
		s.read(t, list, true)
		before = s.states(t)
		id, _, _ := strings.Cut(before["two"], " ")
		if err := s.provisioner.stop(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("again", func(t *testing.T) {
		s := newStage(t, dir, folder)
		if told := s.read(t, list, true); told != "" {
			t.Errorf("told %q", told)
		}
		for name, is := range s.states(t) {
			if is != before[name] {
				t.Errorf("%s: %s, was %s", name, is, before[name])
			}
		}
		for _, one := range s.service.Channels.Statuses() {
			if len(one.Pipelines) > 0 && *one.Channel.Name == "two" {
				if spec := one.Pipelines[0].Spec; spec.Epoch.Unix() != 0 || spec.Pacing != 20*time.Millisecond {
					t.Errorf("%v, %v", spec.Epoch, spec.Pacing)
				}
			}
		}
	})
}

// Two declared channels with one destination are told, with their lines; both play.
func TestDeclaredChannelsWithOneAddress(t *testing.T) {
	dir := t.TempDir()
	s := newStage(t, dir, dir)
	s.provisioner.clip = write(t, dir, "clip.mp4", "")
	told := s.read(t, "channels:\n- name: a\n  to: [rtp://127.0.0.1:5000]\n- name: b\n  to: [udp://127.0.0.1:5002, 'udp://127.0.0.1:5000?pkt=3']\n", true)
	want := `channels "a" (line 2) and "b" (line 4) both send to 127.0.0.1:5000: its receivers get a mixture of the two; give each an address of its own`
	if first, _, _ := strings.Cut(told, "\n"); first != want {
		t.Errorf("told\n%s\nwant\n%s", told, want)
	}
}
