package resource

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/event"
)

// The buckets of the store.
const (
	channelBucket = "channels"
	inputBucket   = "inputs"
	groupBucket   = "inputSecurityGroups"
	accountBucket = "account"
)

// Emitter takes events, as an [event.Bus] does. It must not wait.
type Emitter interface{ Emit(event.Event) }

// Options is what there is to say about a Registry.
type Options struct {
	Log *slog.Logger
	// Air plays the channels.
	Air Player
	// Events, if not nil, takes what happens to channels.
	Events Emitter
	// Now is the wall clock; nil is that of the system.
	Now func() time.Time
	// NewID makes ids; nil makes random ones of seven digits.
	NewID func() string
	// Account and Region stand in ARNs; empty are 000000000000 and us-east-1.
	Account, Region string
	// AllowFiles are the folders whose files may be sources.
	AllowFiles []string
	// AllowHosts are the hosts and buckets that sources may lie on; none allows all.
	AllowHosts []string
	// Strict refuses documents with settings that cannot be honoured.
	Strict bool
	// MaxChannels is how many channels there may be; 0 sets no limit.
	MaxChannels int
	// Pacing is that of all channels; 0 leaves it to the documents.
	Pacing time.Duration
	// Delays have channels take their time, as MediaLive's do.
	Delays Delays
}

// Delays is how long a channel stays in a state at least, besides what the work takes.
type Delays struct {
	Creating, Starting, Stopping, Updating, Deleting time.Duration
}

// Registry keeps resources. Any goroutine may call its methods.
type Registry struct {
	o    Options
	db   *bbolt.DB
	news chan struct{} // told of when drivers are wanted

	writing sync.Mutex // one change at a time

	mu         sync.RWMutex // guards what follows; records themselves do not change
	channels   map[string]*channelRecord
	inputs     map[string]*inputRecord
	groups     map[string]*groupRecord
	account    map[string]*accountRecord
	sequence   int64
	lives      map[string]*life
	unborn     []string // channels that no driver cares for yet
	alertCount int64
}

// Open opens the registry below the state directory. It plays nothing before
// Run. Faults are of kind Usage.
func Open(dir string, o Options) (*Registry, error) {
	o.Log = cmp.Or(o.Log, slog.Default())
	o.Account, o.Region = cmp.Or(o.Account, "000000000000"), cmp.Or(o.Region, "us-east-1")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = func() string { return strconv.Itoa(1000000 + rand.IntN(9000000)) }
	}
	db, err := openStore(dir)
	if err != nil {
		return nil, err
	}
	r := &Registry{
		o: o, db: db, news: make(chan struct{}, 1),
		channels: map[string]*channelRecord{}, inputs: map[string]*inputRecord{},
		groups: map[string]*groupRecord{}, account: map[string]*accountRecord{},
		lives: map[string]*life{},
	}
	if err := r.load(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return r, nil
}

func (r *Registry) load() error {
	err := r.db.Update(func(tx *bbolt.Tx) error {
		return errors.Join(load(tx, channelBucket, r.channels), load(tx, inputBucket, r.inputs),
			load(tx, groupBucket, r.groups), load(tx, accountBucket, r.account))
	})
	if err != nil {
		return fault.Of(fault.Usage, err)
	}
	for id, c := range r.channels {
		r.sequence = max(r.sequence, c.Sequence)
		r.adopt(id, c)
	}
	for _, i := range r.inputs {
		r.sequence = max(r.sequence, i.Sequence)
	}
	for _, g := range r.groups {
		r.sequence = max(r.sequence, g.Sequence)
	}
	return nil
}

// Close closes the store. Run must have returned.
func (r *Registry) Close() error {
	r.writing.Lock()
	defer r.writing.Unlock()
	return r.db.Close()
}

// change is one transaction while it is put together.
type change struct {
	channels edits[*channelRecord]
	inputs   edits[*inputRecord]
	groups   edits[*groupRecord]
	account  edits[*accountRecord]
	now      time.Time
	sequence int64
	taken    func(id string) bool
	newID    func() string
}

// id returns an id that nothing has.
func (c *change) id() (string, error) {
	for range 1000 {
		if id := c.newID(); !c.taken(id) {
			return id, nil
		}
	}
	return "", Refuse(TooMany, "there are no ids left")
}

// origin returns what a new record knows of how it came to be.
func (c *change) origin(request, digest string) origin {
	c.sequence++
	return origin{Sequence: c.sequence, Since: c.now, Request: request, Digest: digest}
}

// change does one transaction: all that do changes, or nothing. It returns
// when the change is on the disk.
func (r *Registry) change(do func(*change) error) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	c := &change{
		channels: edit(r.channels), inputs: edit(r.inputs), groups: edit(r.groups), account: edit(r.account),
		now: r.o.Now().UTC(), sequence: r.sequence, taken: r.taken, newID: r.o.NewID,
	}
	if err := do(c); err != nil {
		return err
	}
	if err := r.commit(c); err != nil {
		r.o.Log.Error("the state was not written", "error", err)
		return Refuse(Internal, "The state could not be written, and nothing has changed: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c.channels.apply()
	c.inputs.apply()
	c.groups.apply()
	c.account.apply()
	r.sequence = c.sequence
	for id, record := range c.channels.changed {
		r.adopt(id, record)
	}
	return nil
}

func (r *Registry) commit(c *change) error {
	if len(c.channels.changed)+len(c.inputs.changed)+len(c.groups.changed)+len(c.account.changed) == 0 {
		return nil
	}
	return r.db.Update(func(tx *bbolt.Tx) error {
		return errors.Join(c.channels.write(tx, channelBucket), c.inputs.write(tx, inputBucket),
			c.groups.write(tx, groupBucket), c.account.write(tx, accountBucket))
	})
}

// taken tells whether a resource has that id. Its caller holds r.writing.
func (r *Registry) taken(id string) bool {
	return r.channels[id] != nil || r.inputs[id] != nil || r.groups[id] != nil
}

// emit tells of an event.
func (r *Registry) emit(kind string, d event.Detail) {
	if r.o.Events != nil {
		r.o.Events.Emit(event.Origin{Account: r.o.Account, Region: r.o.Region}.Event(kind, r.o.Now(), d))
	}
}

// arn returns the ARN of a resource; kind is channel, input or inputSecurityGroup.
func (r *Registry) arn(kind, id string) string {
	return "arn:aws:medialive:" + r.o.Region + ":" + r.o.Account + ":" + kind + ":" + id
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
