package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/server/holding"
	"github.com/lilo-live/lilo/internal/server/sleep"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
)

// view is what this node knows of the fleet.
type view struct {
	nodes   map[string]Node
	drains  map[string]bool
	holds   map[placement.Key]held
	reports map[placement.Key]map[string][]byte // by node
	places  map[placement.Key]string            // that placement gave last
	at      etcd.Revision
	prefix  string // of all keys
	secret  string
}

// held is a hold as etcd has it.
type held struct {
	holding.Hold
	changed etcd.Revision // 0 if the key does not exist
	seen    etcd.Revision // at which this node knows that
	lease   etcd.LeaseID
}

func newView(prefix string) view {
	return view{
		prefix: prefix,
		nodes:  map[string]Node{}, drains: map[string]bool{}, holds: map[placement.Key]held{},
		reports: map[placement.Key]map[string][]byte{},
	}
}

// follow keeps the view up to date until ctx is done. It calls fail when another process has
// the name of this node.
func (f *Fleet) follow(ctx context.Context, fail context.CancelCauseFunc, s Supervisor) {
	all := etcd.Below(string(f.key("")))
	for load := true; ctx.Err() == nil; {
		var err error
		if load {
			err = f.load(ctx, all)
		}
		if err == nil {
			load = false
			f.mu.Lock()
			at := f.view.at
			f.mu.Unlock()
			err = f.o.Client.Watch(ctx, all, at, func(events []etcd.Event) {
				f.hear(events)
				f.asked(s, events)
				f.mu.Lock()
				for _, e := range events {
					f.view.apply(e.Key, e.Deleted())
				}
				n, ok := f.view.nodes[f.o.Node.ID]
				f.mu.Unlock()
				if ok && n.Run != f.o.Node.Run && n.Since.After(f.o.Node.Since) {
					fail(f.errReplaced())
				}
				f.Changed()
			})
		}
		load = load || errors.Is(err, etcd.ErrCompacted)
		sleep.For(ctx, gather)
	}
}

// load replaces the view by what etcd has.
func (f *Fleet) load(ctx context.Context, all etcd.Span) error {
	keys, at, err := f.o.Client.Range(ctx, all)
	if err != nil {
		return err
	}
	f.mu.Lock()
	v := newView(f.prefix)
	v.places = f.view.places
	for _, one := range keys {
		v.apply(one, false)
	}
	v.at = at
	f.view = v
	f.mu.Unlock()
	f.Changed()
	return nil
}

// apply puts a key as it is since it changed into the view.
func (v *view) apply(kv etcd.KeyValue, deleted bool) {
	v.at = max(v.at, kv.Changed)
	kind, name, _ := strings.Cut(strings.TrimPrefix(string(kv.Key), v.prefix), "/")
	switch kind {
	case "nodes":
		var n Node
		if deleted || json.Unmarshal(kv.Value, &n) != nil {
			delete(v.nodes, name)
			return
		}
		v.nodes[name] = n
	case "secret":
		v.secret = string(kv.Value)
	case "drains":
		v.drains[name] = !deleted
	case "holds":
		key, _, ok := keyOf(name)
		if !ok || kv.Changed < v.holds[key].seen {
			return // This node has changed it since.
		}
		h := held{seen: kv.Changed}
		if !deleted && json.Unmarshal(kv.Value, &h.Hold) == nil {
			h.changed, h.lease = kv.Changed, kv.Lease
		}
		v.setHold(key, h)
	case "reports":
		key, node, ok := keyOf(name)
		switch {
		case !ok:
		case deleted:
			delete(v.reports[key], node)
		default:
			if v.reports[key] == nil {
				v.reports[key] = map[string][]byte{}
			}
			v.reports[key][node] = kv.Value
		}
	}
}

// setHold sets a hold. One whose key is gone is kept until the last event about it has come.
func (v *view) setHold(key placement.Key, h held) {
	if h.changed == 0 && v.at >= h.seen {
		delete(v.holds, key)
		return
	}
	v.holds[key] = h
}

// nameOf returns the name of a pipeline in keys, and keyOf the pipeline of a name, and what
// follows it.
func nameOf(key placement.Key) string { return key.Channel + "/" + strconv.Itoa(key.Pipeline) }

func keyOf(name string) (key placement.Key, rest string, ok bool) {
	channel, name, _ := strings.Cut(name, "/")
	number, rest, _ := strings.Cut(name, "/")
	n, err := strconv.Atoi(number)
	return placement.Key{Channel: channel, Pipeline: n}, rest, err == nil
}

// placed returns the nodes for placement.
func (v *view) placed() (all []placement.Node) {
	for id, n := range v.nodes {
		n.ID = id
		n.Draining = n.Draining || v.drains[id]
		all = append(all, n.Node)
	}
	return all
}
