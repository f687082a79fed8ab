package simulation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/lilo-live/lilo/internal/server"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

// disk holds the state of the server. It outlives processes.
type disk struct {
	world *world
	full  atomic.Int64 // until then, in nanoseconds since 1970

	mu      sync.Mutex
	kill    *rand.Rand           // kills the process in its next commit, and decides what of it is on the disk
	image   []byte               // that a kill in a commit has left; nil for none
	durable map[store.Key][]byte // the records that commits were acknowledged for
	changes atomic.Int64         // counts those of durable
	at      store.Revision       // of durable
}

var errDead = errors.New("the process is dead")

// state is the disk as a process sees it.
type state struct {
	*bolt.Store
	disk    *disk
	process *process
}

// open opens the state for a process. What it holds is the truth from now on.
func (d *disk) open(p *process, dir string) (server.State, error) {
	s, err := bolt.Open(dir)
	if err != nil {
		return nil, err
	}
	all, r, err := s.Load(context.Background())
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.durable, d.at = map[store.Key][]byte{}, r
	for _, w := range all {
		d.durable[w.Key] = w.Value
	}
	d.changes.Add(1)
	return &state{s, d, p}, nil
}

// Commit implements store.Store.
func (s *state) Commit(ctx context.Context, t store.Txn) (store.Revision, error) {
	d := s.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case s.process.dead.Load():
		return 0, errDead
	case d.kill != nil:
		return 0, d.die(ctx, s, t)
	case until(&d.full) > 0:
		return 0, fmt.Errorf("write %s: %w", bolt.FileName, syscall.ENOSPC)
	}
	r, err := s.Store.Commit(ctx, t)
	if err == nil {
		d.at = r
		d.changes.Add(1)
		for _, w := range t.Writes {
			if d.durable[w.Key] = w.Value; w.Value == nil {
				delete(d.durable, w.Key)
			}
		}
	}
	return r, err
}

// Copy implements server.State.
func (s *state) Copy() error {
	if s.process.dead.Load() {
		return errDead
	}
	if until(&s.disk.full) > 0 {
		return syscall.ENOSPC
	}
	return s.Store.Copy()
}

// die kills the process within a commit. The caller holds mu.
func (d *disk) die(ctx context.Context, s *state, t store.Txn) error {
	before := d.read()
	if _, err := s.Store.Commit(ctx, t); err != nil {
		return err // It is killed in another commit.
	}
	d.image = torn(d.kill, before, d.read())
	d.kill = nil
	s.process.kill()
	return errDead
}

func (d *disk) path() string { return filepath.Join(d.world.dir, "state", bolt.FileName) }

func (d *disk) read() []byte {
	data, err := os.ReadFile(d.path())
	if err != nil {
		d.world.fail("the state cannot be read: %v", err)
	}
	return data
}

// restart puts onto the disk what the last process has left there.
func (d *disk) restart() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.image != nil {
		if err := os.WriteFile(d.path(), d.image, 0o600); err != nil {
			d.world.fail("the state cannot be written: %v", err)
		}
	}
	d.image, d.kill = nil, nil
}

// arm makes the process die in its next commit.
func (d *disk) arm(r *rand.Rand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kill = r
}

// records returns a store of what is durable: all inputs, and the channels that have a
// destination. The text differs where these channels do.
func (d *disk) records(url string) (s *loaded, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s = &loaded{at: d.at}
	for key, value := range d.durable {
		here := bytes.Contains(value, []byte(`"`+url+`"`))
		if here {
			text += string(value)
		}
		if here || key.Kind != "channels" {
			s.all = append(s.all, store.Write{Key: key, Value: value})
		}
	}
	return s, text
}

// loaded is a store that can only be loaded.
type loaded struct {
	store.Store
	all []store.Write
	at  store.Revision
}

// Load implements store.Store.
func (l *loaded) Load(context.Context) ([]store.Write, store.Revision, error) {
	return l.all, l.at, nil
}

const (
	pageSize = 4096 // of bbolt on the machines that tests run on: that of the system
	sector   = 512
)

// torn returns what a commit of bbolt leaves when it is interrupted. bbolt writes its pages
// in any order, syncs, then writes one of two meta pages, and syncs.
func torn(r *rand.Rand, before, after []byte) []byte {
	image := slices.Clone(before)
	for len(image) < len(after) { // What was not written is zero.
		image = append(image, 0)
	}
	metaToo := r.IntN(2) == 0
	for at := 2 * pageSize; at < len(after); at += sector {
		to := min(at+sector, len(after))
		if metaToo || r.IntN(2) == 0 {
			copy(image[at:to], after[at:to])
		}
	}
	if metaToo {
		for at := 0; at < 2*pageSize && at < len(after); at += pageSize {
			if bytes.Equal(image[at:at+pageSize], after[at:at+pageSize]) {
				continue
			}
			// The page holds 80 bytes: none, some or all of them are there.
			copy(image[at:at+min(r.IntN(160), pageSize)], after[at:])
		}
	}
	return image
}
