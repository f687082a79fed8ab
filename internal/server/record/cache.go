package record

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/sleep"
	"github.com/lilo-live/lilo/internal/server/store"
)

// The kinds of record in the store. accountKind is also the id of its only record.
const (
	channelKind = "channels"
	inputKind   = "inputs"
	groupKind   = "inputSecurityGroups"
	accountKind = "account"
)

// Options configures a Cache.
type Options struct {
	Log *slog.Logger
	// Now is the wall clock; nil is the system's.
	Now func() time.Time
}

// Cache holds the records of a store in memory. Any goroutine may call its methods.
type Cache struct {
	Channels *Table[Channel, *Channel]
	Inputs   *Table[Input, *Input]
	Groups   *Table[Group, *Group]

	store    store.Store
	log      *slog.Logger
	now      func() time.Time
	accounts *Table[Account, *Account]
	tables   map[string]table
	onChange func(channel string) // is called with the id of each channel whose record changes

	writing  sync.Mutex   // one change at a time; guards the writing of revision
	mu       sync.RWMutex // guards the tables and moved
	revision store.Revision
	moved    chan struct{} // closed when revision changes
}

// table is a Table of any type.
type table interface {
	set(id string, value []byte) error
	clear()
}

// Open loads the records of a store. Errors about a record are of kind State, others
// of kind Usage.
func Open(ctx context.Context, s store.Store, o Options) (*Cache, error) {
	c := &Cache{store: s, log: cmp.Or(o.Log, slog.Default()), now: o.Now, onChange: func(string) {}, moved: make(chan struct{})}
	if c.now == nil {
		c.now = time.Now
	}
	c.Channels, c.Inputs = newTable[Channel](c, channelKind), newTable[Input](c, inputKind)
	c.Groups, c.accounts = newTable[Group](c, groupKind), newTable[Account](c, accountKind)
	c.tables = map[string]table{channelKind: c.Channels, inputKind: c.Inputs, groupKind: c.Groups, accountKind: c.accounts}
	if err := c.load(ctx); err != nil {
		return nil, fault.Of(fault.Usage, err)
	}
	return c, nil
}

func newTable[T any, P kept[T]](c *Cache, kind string) *Table[T, P] {
	return &Table[T, P]{kind: kind, now: c.now, mu: &c.mu, records: map[string]P{}}
}

// Now returns the time of the wall clock.
func (c *Cache) Now() time.Time { return c.now() }

// Account returns the settings of the account, nil if there are none.
func (c *Cache) Account() *Account { return c.accounts.Get(accountKind) }

// OnChange calls do with the id of each channel whose record changes from now on.
// Call it once, before Run and Update; do must not call Update.
func (c *Cache) OnChange(do func(channel string)) { c.onChange = do }

// load replaces all records by those of the store. The caller holds writing.
func (c *Cache) load(ctx context.Context) error {
	records, revision, err := c.store.Load(ctx)
	if err != nil {
		return err
	}
	if store.Unfinished(records) {
		return fault.New(fault.State, "the state is half a copy: make it again (lilo serve store copy, with the same FROM and TO)")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.tables {
		t.clear()
	}
	if err := c.set(records); err != nil {
		return err
	}
	c.reach(revision)
	return nil
}

// reach notes that the tables are those of a revision. The caller holds writing and mu.
func (c *Cache) reach(r store.Revision) {
	c.revision = r
	close(c.moved)
	c.moved = make(chan struct{})
}

// Sync waits until readers see every change that was answered before the call, whichever
// server made it.
func (c *Cache) Sync(ctx context.Context) error {
	latest, err := c.store.Latest(ctx)
	if err != nil {
		return fmt.Errorf("the state cannot be read: %w", err)
	}
	late := time.After(syncTime)
	for {
		c.mu.RLock()
		reached, moved := c.revision >= latest, c.moved
		c.mu.RUnlock()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-late:
			return errors.New("the changes of other servers arrive late: try again")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// syncTime is how long changes of other servers may take to arrive.
const syncTime = 5 * time.Second

// set decodes what was written to the store. It ignores kinds that only other
// versions know. The caller holds mu.
func (c *Cache) set(all []store.Write) error {
	for _, w := range all {
		if t := c.tables[w.Kind]; t != nil {
			if err := t.set(w.ID, w.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// Run follows the changes that other processes make, and removes expired records,
// until ctx is done.
func (c *Cache) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { c.purge(ctx) })
	for ctx.Err() == nil {
		c.writing.Lock()
		after := c.revision
		c.writing.Unlock()
		changes, err := c.store.Watch(ctx, after)
		if ctx.Err() != nil {
			break
		}
		c.writing.Lock()
		err = c.follow(ctx, changes, err, nil)
		c.writing.Unlock()
		if err != nil {
			c.log.Error("the changes of other servers cannot be followed; trying again", "error", err)
			sleep.For(ctx, time.Second)
		}
	}
	return nil
}

// follow applies what Watch returned. own, if not nil, is a transaction of this
// cache that may be among the changes. The caller holds writing.
func (c *Cache) follow(ctx context.Context, changes []store.Change, err error, own *Tx) error {
	if errors.Is(err, store.ErrCompacted) {
		if err = c.load(ctx); err == nil {
			for _, r := range c.Channels.List() {
				c.onChange(*r.Doc.Id)
			}
		}
	}
	if err != nil {
		return err
	}
	for _, one := range changes {
		if one.Revision <= c.revision {
			continue
		}
		if err := c.apply(one, own); err != nil {
			return err
		}
	}
	return nil
}

// apply makes a change in the tables and calls onChange without holding mu.
func (c *Cache) apply(one store.Change, own *Tx) error {
	if err := c.replace(one, own); err != nil {
		return err
	}
	for _, w := range one.Writes {
		if w.Kind == channelKind {
			c.onChange(w.ID)
		}
	}
	return nil
}

func (c *Cache) replace(one store.Change, own *Tx) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if own == nil || own.revision != one.Revision {
		if err := c.set(one.Writes); err != nil {
			return err
		}
	} else {
		for _, e := range own.all {
			e.apply()
		}
	}
	c.reach(one.Revision)
	return nil
}

// Tx is a transaction that has not been committed.
type Tx struct {
	// Now is its time, in UTC.
	Now      time.Time
	Channels *Edits[Channel, *Channel]
	Inputs   *Edits[Input, *Input]
	Groups   *Edits[Group, *Group]
	accounts *Edits[Account, *Account]
	all      []edits
	sequence int64
	revision store.Revision // once it is committed
}

// edits is an Edits of any type.
type edits interface {
	purge(most int) int
	addTo(x *store.Txn, at store.Revision) error
	apply()
}

// NewOrigin returns the origin of a new record.
func (t *Tx) NewOrigin(request, digest string) Origin {
	t.sequence++
	return Origin{Sequence: t.sequence, Since: t.Now, Request: request, Digest: digest}
}

// PutAccount replaces the settings of the account.
func (t *Tx) PutAccount(a *Account) { t.accounts.Put(accountKind, a) }

func (c *Cache) begin() *Tx {
	t := &Tx{
		Now: c.now().UTC(), sequence: max(c.Channels.highest, c.Inputs.highest, c.Groups.highest),
		Channels: c.Channels.edit(), Inputs: c.Inputs.edit(), Groups: c.Groups.edit(), accounts: c.accounts.edit(),
	}
	t.all = []edits{t.Channels, t.Inputs, t.Groups, t.accounts}
	return t
}

// Update makes all changes of do in one transaction, or none if do returns an
// error. When it returns, they are durable and readers of the cache see them. If
// another process has changed what do read, Update calls do again.
func (c *Cache) Update(ctx context.Context, do func(*Tx) error) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	for {
		t := c.begin()
		if err := do(t); err != nil {
			return err
		}
		err := c.commit(ctx, t)
		if errors.Is(err, store.ErrConflict) {
			continue
		}
		if err != nil {
			c.log.Error("a change failed", "error", err)
		}
		return err
	}
}

// commit commits a transaction and follows the changes up to its own; after a
// conflict, those that caused it.
func (c *Cache) commit(ctx context.Context, t *Tx) (conflict error) {
	var x store.Txn
	for _, e := range t.all {
		if err := e.addTo(&x, c.revision); err != nil {
			return err
		}
	}
	if len(x.Writes) == 0 {
		return nil
	}
	r, err := c.store.Commit(ctx, x)
	switch {
	case errors.Is(err, store.ErrUnknown):
		return fmt.Errorf("the state could not be written: %w", err)
	case err != nil && !errors.Is(err, store.ErrConflict):
		return fmt.Errorf("the state could not be written, and nothing has changed: %w", err)
	}
	conflict = err
	t.revision = r
	for first := true; first || c.revision < r; first = false {
		changes, err := c.store.Watch(ctx, c.revision)
		if err := c.follow(ctx, changes, err, t); err != nil {
			return fmt.Errorf("the changes of the state cannot be read: %w", err)
		}
	}
	return conflict
}

// purge removes expired records, at once and every hour.
func (c *Cache) purge(ctx context.Context) {
	for {
		left := 0
		err := c.Update(ctx, func(t *Tx) error {
			left = store.MaxWrites
			for _, e := range t.all {
				left -= e.purge(left)
			}
			return nil
		})
		if err != nil {
			c.log.Warn("expired records were not removed", "error", err)
		}
		if (err != nil || left > 0) && !sleep.For(ctx, time.Hour) {
			return
		}
	}
}
