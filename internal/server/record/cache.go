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
	onChange func(channel string)

	writing  sync.Mutex   // one change at a time; guards revision
	mu       sync.RWMutex // guards the tables
	revision store.Revision
}

// table is a Table of any type.
type table interface {
	set(id string, value []byte) error
	clear()
}

// Open loads the records of a store. Errors are of kind Usage.
func Open(ctx context.Context, s store.Store, o Options) (*Cache, error) {
	c := &Cache{store: s, log: cmp.Or(o.Log, slog.Default()), now: o.Now, onChange: func(string) {}}
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

// OnChange has do called with the id of each channel whose record is changed from
// now on. It is called before Run and Update, once; do must not call the cache.
func (c *Cache) OnChange(do func(channel string)) { c.onChange = do }

// load replaces all records by those of the store. Its caller holds writing, or is alone.
func (c *Cache) load(ctx context.Context) error {
	records, revision, err := c.store.Load(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.tables {
		t.clear()
	}
	if err := c.set(records); err != nil {
		return err
	}
	c.revision = revision
	return nil
}

// set decodes what was written to the store. Kinds of other versions are left
// alone. Its caller holds mu.
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

// Run follows the changes that others make, and removes the records of what was
// deleted long ago, until ctx is done.
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
			c.log.Error("the changes of other servers cannot be followed, it is tried again", "error", err)
			sleep(ctx, time.Second)
		}
	}
	return nil
}

// follow applies what a Watch returned. If own is not nil, it is the transaction
// of which the last revision is. Its caller holds writing.
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

func (c *Cache) apply(one store.Change, own *Tx) error {
	if err := c.replace(one, own); err != nil {
		return err
	}
	c.revision = one.Revision
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
		return c.set(one.Writes)
	}
	own.apply()
	return nil
}

// Tx is a transaction while it is put together.
type Tx struct {
	// Now is its time, in UTC.
	Now      time.Time
	Channels Edits[Channel, *Channel]
	Inputs   Edits[Input, *Input]
	Groups   Edits[Group, *Group]
	accounts Edits[Account, *Account]
	sequence int64
	revision store.Revision
}

// NewOrigin returns the origin of a new record.
func (t *Tx) NewOrigin(request, digest string) Origin {
	t.sequence++
	return Origin{Sequence: t.sequence, Since: t.Now, Request: request, Digest: digest}
}

// PutAccount replaces the settings of the account.
func (t *Tx) PutAccount(a *Account) { t.accounts.Put(accountKind, a) }

func (t *Tx) apply() {
	t.Channels.apply()
	t.Inputs.apply()
	t.Groups.apply()
	t.accounts.apply()
}

func (c *Cache) begin() *Tx {
	return &Tx{
		Now: c.now().UTC(), sequence: max(c.Channels.highest, c.Inputs.highest, c.Groups.highest),
		Channels: c.Channels.edit(), Inputs: c.Inputs.edit(), Groups: c.Groups.edit(), accounts: c.accounts.edit(),
	}
}

// Update does one transaction: do's changes as a whole, or nothing if do returns
// an error. When it returns, the change is durable and seen by readers of the
// cache. If another process changed what do has read, do is called again.
func (c *Cache) Update(ctx context.Context, do func(*Tx) error) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	for {
		t := c.begin()
		if err := do(t); err != nil {
			return err
		}
		var x store.Txn
		err := errors.Join(t.Channels.addTo(&x, c.revision), t.Inputs.addTo(&x, c.revision), t.Groups.addTo(&x, c.revision), t.accounts.addTo(&x, c.revision))
		if err == nil && len(x.Writes) == 0 {
			return nil
		}
		if err == nil {
			err = c.commit(ctx, t, x)
		}
		if err == nil {
			return nil
		}
		if !errors.Is(err, store.ErrConflict) {
			c.log.Error("a change failed", "error", err)
			return err
		}
	}
}

// commit commits a transaction, and follows the changes up to its own. After a
// conflict it follows those that came between.
func (c *Cache) commit(ctx context.Context, t *Tx, x store.Txn) (conflict error) {
	r, err := c.store.Commit(ctx, x)
	if err != nil && !errors.Is(err, store.ErrConflict) {
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

// purge removes the records of what was deleted long ago, at once and every hour.
func (c *Cache) purge(ctx context.Context) {
	for {
		err := c.Update(ctx, func(t *Tx) error {
			t.Channels.purge()
			t.Inputs.purge()
			t.Groups.purge()
			return nil
		})
		if err != nil {
			c.log.Warn("the records of deleted resources are kept for longer", "error", err)
		}
		if !sleep(ctx, time.Hour) {
			return
		}
	}
}

// sleep waits, or returns false when ctx is done first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
