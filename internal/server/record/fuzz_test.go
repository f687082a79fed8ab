package record

import (
	"bytes"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

// FuzzRecord reads what is stored of a channel and of an input. What can be read is
// written and read again as it was.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"sequence":1,"channel":{"id":"1","name":"a","tags":{"lilo:epoch":"now"}},"epoch":"2026-01-01T00:00:00Z","lengths":[]}`))
	f.Add([]byte(`{"sequence":2,"document":{"id":"1","sources":[{"url":"a.mp4"}]}}`))
	f.Add([]byte(`{"channel":null,"actions":[{"actionName":"a"}],"held":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		again(t, data, new(Channel), new(Channel))
		again(t, data, new(Input), new(Input))
	})
}

// coded is a record.
type coded interface {
	encode() ([]byte, error)
	decode(data []byte) error
}

// again decodes into two records, the second one from what the first one encodes.
func again(t *testing.T, data []byte, first, second coded) {
	t.Helper()
	if first.decode(data) != nil {
		return
	}
	one, err := first.encode()
	if err != nil {
		return // Of a time that JSON does not have.
	}
	if err := second.decode(one); err != nil {
		t.Fatalf("%s cannot be read again: %v", one, err)
	}
	if two, err := second.encode(); err != nil || !bytes.Equal(one, two) {
		t.Errorf("%s became %s, %v", one, two, err)
	}
}

// FuzzTags reads the tags of a channel.
func FuzzTags(f *testing.F) {
	f.Add("2026-01-01T00:00:00Z", "8ms", "200ms", "true")
	f.Add("now+1s", "-1ms", "1h", "")
	f.Fuzz(func(t *testing.T, epoch, pacing, tolerance, keep string) {
		s := new(channel.Spec)
		err := ReadTags(map[string]string{TagEpoch: epoch, TagPacing: pacing, TagTolerance: tolerance, TagKeepES: keep}, s)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("an error of several lines: %q", err)
		}
	})
}
