package service

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// Options configures a Service.
type Options struct {
	// Account and Region stand in ARNs; they default to 000000000000 and us-east-1.
	Account, Region string
	// Sources says which sources inputs may have.
	Sources SourcePolicy
	// EgressIP is the address that channels send from; it defaults to 127.0.0.1.
	EgressIP string
	// Strict refuses documents with settings that cannot be honoured.
	Strict bool
	// MaxChannels limits the number of channels; 0 sets no limit.
	MaxChannels int
	// NewID makes ids; nil makes random ones of seven digits.
	NewID func() string
	// Length returns how long what a spec plays lasts if it plays once; nil knows no lengths.
	Length func(ctx context.Context, s channel.Spec) (time.Duration, error)
	// Emit, if not nil, receives events about channels. It must not block.
	Emit func(kind string, d event.Detail)
}

// Service has the operations. Any goroutine may call their methods.
type Service struct {
	Channels  *Channels
	Inputs    *Inputs
	Groups    *Groups
	Schedules *Schedules
	Tags      *Tags
	Account   *Account
	Batch     *Batch
}

// New returns the operations on records whose channels s runs.
func New(records *record.Cache, s *supervisor.Supervisor, o Options) *Service {
	o.Account, o.Region = cmp.Or(o.Account, "000000000000"), cmp.Or(o.Region, "us-east-1")
	o.EgressIP = cmp.Or(o.EgressIP, "127.0.0.1")
	if o.NewID == nil {
		o.NewID = func() string { return strconv.Itoa(1000000 + rand.IntN(9000000)) }
	}
	if o.Length == nil {
		o.Length = func(context.Context, channel.Spec) (time.Duration, error) {
			return 0, fault.New(fault.Usage, "its length is not known")
		}
	}
	if o.Emit == nil {
		o.Emit = func(string, event.Detail) {}
	}
	c := core{o, records, s}
	v := &Service{Channels: &Channels{c}, Inputs: &Inputs{c}, Groups: &Groups{c}, Schedules: &Schedules{c}, Tags: &Tags{c}, Account: &Account{c}}
	v.Batch = &Batch{v}
	return v
}

// Sync makes calls that follow see every change that was answered before, whichever server
// made it.
func (s *Service) Sync(ctx context.Context) error { return s.Channels.records.Sync(ctx) }

// core is what all operations share.
type core struct {
	o          Options
	records    *record.Cache
	supervisor *supervisor.Supervisor
}

// The kinds of resource in ARNs.
const (
	channelKind = "channel"
	inputKind   = "input"
	groupKind   = "inputSecurityGroup"
)

func (c *core) arn(kind, id string) string {
	return "arn:aws:medialive:" + c.o.Region + ":" + c.o.Account + ":" + kind + ":" + id
}

// parseARN returns the kind and id in the ARN of a resource here, "" for any other.
func (c *core) parseARN(arn string) (kind, id string) {
	if rest, ok := strings.CutPrefix(arn, strings.TrimSuffix(c.arn("", ""), ":")); ok {
		kind, id, _ = strings.Cut(rest, ":")
	}
	return kind, id
}

// newName returns an unused id and its ARN.
func (c *core) newName(tx *record.Tx, kind string) (id, arn *string, err error) {
	for range 1000 {
		id := c.o.NewID()
		if tx.Channels.Get(id) == nil && tx.Inputs.Get(id) == nil && tx.Groups.Get(id) == nil {
			arn := c.arn(kind, id)
			return &id, &arn, nil
		}
	}
	return nil, nil, Errorf(TooMany, "no free id was found: delete resources")
}

// playable returns an error for a channel that cannot be played or, with Strict, has
// settings that cannot be honoured.
func (c *core) playable(tx *record.Tx, r *record.Channel) error {
	t, err := c.supervisor.Target(r, tx.Inputs.Find)
	if err != nil && fault.KindOf(err) == fault.Internal {
		return err
	}
	if err != nil {
		path, text, ok := strings.Cut(err.Error(), ": ")
		if !ok || !strings.HasPrefix(path, "/") {
			path, text = "/", err.Error()
		}
		return invalidMember(path, "%s", text)
	}
	if !c.o.Strict || len(t.Unsupported) == 0 {
		return nil
	}
	var faults []types.ValidationError
	for _, u := range t.Unsupported {
		faults = append(faults, element(u.Path, "%s", u.Text))
	}
	return invalid(faults...)
}

// attachments returns the id of the channel that each input is attached to.
func attachments[K any](channels iter.Seq2[K, *record.Channel]) map[string]string {
	all := map[string]string{}
	for _, r := range channels {
		if r.Deleted() {
			continue
		}
		for _, a := range r.Doc.InputAttachments {
			all[deref(a.InputId)] = *r.Doc.Id
		}
	}
	return all
}

// repeated returns the id of the resource that the same request created before, ""
// for none. It reports a conflict if the token belongs to another request.
func repeated(id string, o record.Origin, request any) (string, error) {
	if id != "" && o.Digest != medialive.Digest(request) && o.Digest != jsonDigest(request) {
		return "", Errorf(Conflict, "The requestId %s was used for another request already", o.Request)
	}
	return id, nil
}

// jsonDigest returns the digest that older versions stored.
func jsonDigest(request any) string {
	data, err := medialive.Marshal(request)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// deref returns what p points to, or the zero value.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
