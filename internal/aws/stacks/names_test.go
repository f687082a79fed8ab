package stacks

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

func TestNames(t *testing.T) {
	long := func(letter string, end string) string {
		return strings.Repeat(letter, channel.MaxNamePart-len(end)) + end
	}
	seen := map[string]channel.AWS{}
	for _, a := range []channel.AWS{
		{},
		{Stack: "Test"},
		{Customer: "Other"},
		{Project: "Film"},
		{Region: "eu-central-1"},
		{Customer: "a-b", Stack: "c"},
		{Customer: "a", Stack: "b-c"},
		{Project: long("p", ""), Customer: long("c", ""), Stack: long("s", "1"), Region: "ap-southeast-4"},
		{Project: long("p", ""), Customer: long("c", ""), Stack: long("s", "2"), Region: "ap-southeast-4"},
	} {
		name := namesOf(a).of("active-alerts-0")
		if other, taken := seen[name]; taken {
			t.Errorf("%+v and %+v are both named %s", a, other, name)
		}
		seen[name] = a
		if len(name) > 64 || strings.Contains(name, "--") {
			t.Errorf("%+v is named %s, which is longer than 64 bytes or has --", a, name)
		}
		if path := namesOf(a).path("channel"); len(path) > 512 || !strings.HasPrefix(path, "/lilo/") {
			t.Errorf("%+v has the parameter %s", a, path)
		}
	}
}

// TestSettingsDigest checks that the gate and on-air are called when the channel
// changes, and only then.
func TestSettingsDigest(t *testing.T) {
	settings := func(change func(*channel.Spec)) string {
		t.Helper()
		s := channel.Default()
		for key, value := range map[string]string{"source": "s3://media/a.mp4", "to": "rtp://198.51.100.10:5000"} {
			if err := s.Set(key, value); err != nil {
				t.Fatal(err)
			}
		}
		change(&s)
		d, err := documentsOf(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		return d.settings
	}
	was := settings(func(*channel.Spec) {})
	if settings(func(s *channel.Spec) { s.AWS.TTL, s.AWS.AutoStart = 1<<40, false }) != was {
		t.Error("settings that are not the channel's change the digest: the channel would be stopped for them")
	}
	for name, change := range map[string]func(*channel.Spec){
		"port":   func(s *channel.Spec) { s.To[0].Port = 5002 },
		"source": func(s *channel.Spec) { s.Source = "s3://media/b.mp4" },
		"log":    func(s *channel.Spec) { s.AWS.LogLevel = "DEBUG" },
		"fec": func(s *channel.Spec) {
			s.FEC = &channel.FEC{IncludeFec: channel.FECColumn, ColumnDepth: 4, RowLength: 4}
		},
		"name": func(s *channel.Spec) { s.AWS.Customer = "Other" },
	} {
		if settings(change) == was {
			t.Errorf("a changed %s does not change the digest", name)
		}
	}
}
