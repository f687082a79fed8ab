package resource

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"go.etcd.io/bbolt"

	"github.com/lilo-live/lilo/internal/channel"
)

// Status is a channel and how it fares.
type Status struct {
	// Channel is as it is described.
	Channel *types.Channel
	// Since is when it took its state.
	Since time.Time
	// Pipelines are one or two; none of a channel that cannot be played.
	Pipelines []PipelineStatus
	// Alerts are those that are set.
	Alerts []types.ChannelAlert
}

// PipelineStatus is a pipeline and how it fares.
type PipelineStatus struct {
	// Spec is what it plays; its epoch is zero before it was ever started.
	Spec channel.Spec
	// Broadcast is nil while it is off air.
	Broadcast Broadcast
}

// Statuses returns all channels that were not deleted, in the order of their creation.
func (r *Registry) Statuses() []Status {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var all []Status
	for _, record := range r.inOrder() {
		all = append(all, r.status(record))
	}
	return all
}

// Status returns a channel that was not deleted.
func (r *Registry) Status(id string) (Status, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	record := r.channels[id]
	if record == nil || record.state() == types.ChannelStateDeleted {
		return Status{}, noChannel(id)
	}
	return r.status(record), nil
}

// status puts together how a channel fares. Its caller holds r.mu.
func (r *Registry) status(record *channelRecord) Status {
	l := r.lives[*record.doc.Id]
	s := Status{Channel: r.describe(record), Since: record.Since, Alerts: l.alertsOf(string(types.ChannelAlertStateSet))}
	if l == nil || l.cast == nil {
		return s
	}
	for i, c := range l.cast.channels {
		p := PipelineStatus{Spec: c.Spec}
		if i < len(l.pipelines) {
			p.Broadcast = l.pipelines[i].broadcast
		}
		s.Pipelines = append(s.Pipelines, p)
	}
	return s
}

// Broadcast returns what is on air in a pipeline, nil for nothing.
func (r *Registry) Broadcast(id string, index int) Broadcast {
	r.mu.RLock()
	defer r.mu.RUnlock()
	l := r.lives[id]
	if l == nil || index >= len(l.pipelines) {
		return nil
	}
	return l.pipelines[index].broadcast
}

// HLS serves a channel's first pipeline as HLS; it is nil while that is off air.
func (r *Registry) HLS(id string) http.Handler {
	if b := r.Broadcast(id, 0); b != nil {
		return b.HLS(r.o.Now)
	}
	return nil
}

// Running returns the ids of the channels that are to be on air.
func (r *Registry) Running() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var ids []string
	for _, record := range r.inOrder() {
		if record.onAir() {
			ids = append(ids, *record.doc.Id)
		}
	}
	return ids
}

// Account returns the settings of the account.
func (r *Registry) Account() *types.AccountConfiguration {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if record := r.account[accountBucket]; record != nil {
		return record.doc
	}
	return &types.AccountConfiguration{}
}

// SetAccount replaces the settings of the account.
func (r *Registry) SetAccount(doc *types.AccountConfiguration) error {
	if doc == nil {
		doc = &types.AccountConfiguration{}
	}
	return r.change(func(c *change) error {
		c.account.set(accountBucket, &accountRecord{doc})
		return nil
	})
}

// purge forgets what was deleted long ago.
func (r *Registry) purge() {
	r.writing.Lock()
	defer r.writing.Unlock()
	gone := map[string][]string{}
	for id, one := range r.channels {
		if r.forgotten(one.state() == types.ChannelStateDeleted, one.origin) {
			gone[channelBucket] = append(gone[channelBucket], id)
		}
	}
	for id, one := range r.inputs {
		if r.forgotten(one.doc.State == types.InputStateDeleted, one.origin) {
			gone[inputBucket] = append(gone[inputBucket], id)
		}
	}
	for id, one := range r.groups {
		if r.forgotten(one.doc.State == types.InputSecurityGroupStateDeleted, one.origin) {
			gone[groupBucket] = append(gone[groupBucket], id)
		}
	}
	if len(gone) == 0 {
		return
	}
	if err := r.db.Update(func(tx *bbolt.Tx) error { return erase(tx, gone) }); err != nil {
		r.o.Log.Warn("what was deleted long ago is kept a while longer", "error", err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range gone[channelBucket] {
		delete(r.channels, id)
	}
	for _, id := range gone[inputBucket] {
		delete(r.inputs, id)
	}
	for _, id := range gone[groupBucket] {
		delete(r.groups, id)
	}
}

func erase(tx *bbolt.Tx, gone map[string][]string) error {
	for bucket, ids := range gone {
		slices.SortFunc(ids, cmp.Compare[string])
		for _, id := range ids {
			if err := tx.Bucket([]byte(bucket)).Delete([]byte(id)); err != nil {
				return err
			}
		}
	}
	return nil
}
