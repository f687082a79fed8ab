//go:build e2e

package store_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
	"github.com/lilo-live/lilo/test/tools"
)

// TestEtcdContract tests the store in a real etcd as TestContract does others.
func TestEtcdContract(t *testing.T) {
	members := tools.StartEtcd(t, 1)
	open := func(dir string) (store.Store, error) {
		return openEtcd(t, members, strings.Trim(filepath.ToSlash(dir), "/"))
	}
	testContract(t, open)
	t.Run("a copy is whole", func(t *testing.T) { testCopy(t, open) })
}

func openEtcd(t *testing.T, members []*tools.Etcd, prefix string) (store.Store, error) {
	at, err := etcd.Parse(tools.EtcdURL(members, prefix), etcd.Files{})
	if err != nil {
		return nil, err
	}
	s, err := etcd.Open(t.Context(), at, slog.Default())
	if err != nil {
		return nil, err
	}
	return s, nil
}

// TestEtcdMembersFail increments a record from several servers while one member of three after
// the other is killed, or stops to answer: no increment that was acknowledged is lost, and
// none is made twice.
func TestEtcdMembersFail(t *testing.T) {
	if testing.Short() {
		t.Skip("make e2e runs it")
	}
	members := tools.StartEtcd(t, 3)
	servers := make([]store.Store, 4)
	for i := range servers {
		s, err := openEtcd(t, members, "faults")
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, s)
		servers[i] = s
	}
	commit(t, servers[0], put("n", "0"))
	var all sync.WaitGroup
	var done, unknown atomic.Int64
	end := make(chan struct{})
	for _, s := range servers {
		all.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
				}
				switch err := increment(t.Context(), s); {
				case err == nil:
					done.Add(1)
				case errors.Is(err, store.ErrUnknown):
					unknown.Add(1)
				}
			}
		})
	}
	for i := range 6 {
		m := members[i%3]
		if i < 3 {
			m.Kill(t)
			time.Sleep(time.Second)
			m.Start(t)
		} else {
			m.Signal(t, syscall.SIGSTOP)
			time.Sleep(3 * time.Second)
			m.Signal(t, syscall.SIGCONT)
		}
		time.Sleep(time.Second)
	}
	close(end)
	all.Wait()
	records, r, err := servers[0].Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(string(records[0].Value), 10, 64)
	if err != nil || n < done.Load() || n > done.Load()+unknown.Load() {
		t.Errorf("the record says %d (%v), after %d increments and %d of which nobody knows", n, err, done.Load(), unknown.Load())
	}
	if done.Load() < 100 {
		t.Errorf("only %d increments were made", done.Load())
	}
	t.Logf("%d increments, %d unknown", done.Load(), unknown.Load())
	for i, s := range servers {
		if c := gather(t, s, r-1, 1); c[0].Revision != r {
			t.Errorf("server %d has seen %+v, want revision %d", i, c, r)
		}
	}
}

// TestEtcdIsAway opens, reads and writes without an etcd, and goes on once it is there.
func TestEtcdIsAway(t *testing.T) {
	if testing.Short() {
		t.Skip("make e2e runs it")
	}
	members := tools.StartEtcd(t, 1)
	s, err := openEtcd(t, members, "away")
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, s)
	r := commit(t, s, put("a", "1"))
	members[0].Kill(t)
	_, err = s.Commit(t.Context(), store.Txn{Writes: []store.Write{put("a", "2")}})
	if err == nil || errors.Is(err, store.ErrUnknown) || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("Commit returned %v", err)
	}
	began := time.Now()
	if _, err := s.Latest(t.Context()); err == nil || time.Since(began) > time.Second {
		t.Errorf("Latest returned %v after %v", err, time.Since(began))
	}
	if _, err := openEtcd(t, members, "away"); err == nil {
		t.Error("a store without an etcd opens")
	}
	members[0].Start(t)
	for i := 0; err != nil && i < 100; i++ {
		time.Sleep(100 * time.Millisecond)
		_, err = s.Latest(t.Context())
	}
	second := commit(t, s, put("a", "3"))
	if c := gather(t, s, r, 1); c[0].Revision != second {
		t.Errorf("Watch returned %+v", c)
	}
}
