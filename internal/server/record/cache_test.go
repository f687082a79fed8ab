package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

func openStore(t *testing.T) store.Store {
	t.Helper()
	s, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openCache(t *testing.T, s store.Store) *Cache {
	t.Helper()
	c, err := Open(t.Context(), s, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// put creates or replaces a group.
func put(t *testing.T, c *Cache, id string) {
	t.Helper()
	err := c.Update(t.Context(), func(tx *Tx) error {
		tx.Groups.Put(id, &Group{Origin: tx.NewOrigin("", ""), Doc: &types.InputSecurityGroup{Id: &id}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Two caches on one store are as two servers that share it.
func TestCachesOfOneStoreAgree(t *testing.T) {
	s := openStore(t)
	one, two := openCache(t, s), openCache(t, s)
	const each = 20
	var all sync.WaitGroup
	for i, c := range []*Cache{one, two} {
		all.Go(func() {
			for n := range each {
				put(t, c, fmt.Sprintf("%d-%d", i, n))
			}
		})
	}
	all.Wait()
	put(t, one, "last")
	put(t, two, "last") // Both have seen everything now.
	put(t, one, "last")
	if a, b := one.Groups.List(), two.Groups.List(); len(a) != 2*each+1 || len(b) != 2*each+1 {
		t.Fatalf("the caches hold %d and %d groups, want %d", len(a), len(b), 2*each+1)
	}
	seen := map[int64]bool{}
	for _, r := range openCache(t, s).Groups.List() {
		if seen[r.Sequence] {
			t.Errorf("two groups have the sequence number %d", r.Sequence)
		}
		seen[r.Sequence] = true
	}
}

func TestRunFollowsOthers(t *testing.T) {
	s := openStore(t)
	one, two := openCache(t, s), openCache(t, s)
	changed := make(chan string, 10)
	two.OnChange(func(id string) { changed <- id })
	for i := range 300 { // More changes than the store keeps one by one.
		put(t, one, fmt.Sprint(i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- two.Run(ctx) }()
	err := one.Update(t.Context(), func(tx *Tx) error {
		tx.Channels.Put("7", NewChannel(tx.NewOrigin("", ""), &types.Channel{Id: aws.String("7"), Name: aws.String("news")}))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case id := <-changed:
		if r := two.Channels.Find(id); r == nil || *r.Doc.Name != "news" {
			t.Errorf("channel %s is %+v", id, r)
		}
	case <-time.After(10 * time.Second):
		t.Error("the change of the other was not seen")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := len(two.Groups.List()); n != 300 {
		t.Errorf("it holds %d groups, want 300", n)
	}
}

func TestUpdateIsWholeOrNothing(t *testing.T) {
	c := openCache(t, openStore(t))
	put(t, c, "a")
	refused := errors.New("refused")
	err := c.Update(t.Context(), func(tx *Tx) error {
		tx.Groups.Put("a", nil)
		tx.Groups.Put("b", &Group{Doc: &types.InputSecurityGroup{}})
		if tx.Groups.Get("a") != nil || tx.Groups.Get("b") == nil {
			t.Error("a transaction does not see its own changes")
		}
		return refused
	})
	if !errors.Is(err, refused) || c.Groups.Get("a") == nil || c.Groups.Get("b") != nil {
		t.Errorf("Update returned %v; the groups are %v", err, c.Groups.List())
	}
}

func TestChannelIsReadBackAsItWasWritten(t *testing.T) {
	at := time.Date(2026, 11, 26, 12, 0, 0, 123456789, time.UTC)
	c := NewChannel(Origin{Sequence: 7, Since: at, Request: "token", Digest: "digest"}, &types.Channel{Id: aws.String("7"), Tags: map[string]string{"a": "<&>"}})
	c.Epoch = at.Add(time.Second)
	c.Actions, c.Held = []types.ScheduleAction{{ActionName: aws.String("a")}}, []types.ScheduleAction{{ActionName: aws.String("b")}}
	c.History = History{End: at, Attachment: "in0", Action: "a", Schedules: []Schedule{{
		Entries: []channel.Entry{{At: at, Source: "/a.mp4", Once: true}}, Pauses: []channel.Pause{{From: at, To: at.Add(time.Hour)}},
	}}}
	data, err := c.encode()
	if err != nil {
		t.Fatal(err)
	}
	got := new(Channel)
	if err := got.decode(data); err != nil {
		t.Fatal(err)
	}
	got.reading = c.reading
	if !reflect.DeepEqual(got, c) {
		t.Errorf("read back as %+v, want %+v", got, c)
	}
}
