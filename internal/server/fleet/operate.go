package fleet

import (
	"cmp"
	"context"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
)

// Status is a node as the others know it.
type Status struct {
	Node
	// Pipelines is how many it holds.
	Pipelines int
	// Asked says that somebody asks it to give them away.
	Asked bool
}

// Nodes returns the nodes of a fleet by their IDs, and those that are asked to drain and do not
// run.
func Nodes(ctx context.Context, c *etcd.Client) ([]Status, error) {
	prefix := c.Location().Prefix + "fleet/"
	keys, _, err := c.Range(ctx, etcd.Below(prefix))
	if err != nil {
		return nil, err
	}
	v := newView(prefix)
	for _, one := range keys {
		v.apply(one, false)
	}
	held := map[string]int{}
	for _, h := range v.holds {
		held[h.Node]++
	}
	var all []Status
	for id, n := range v.nodes {
		all = append(all, Status{n, held[id], v.drains[id]})
	}
	for id := range v.drains {
		if _, ok := v.nodes[id]; !ok {
			s := Status{Asked: true}
			s.ID = id
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Status) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// SetDrain asks a node to give away what it holds and to take nothing, or no longer.
func SetDrain(ctx context.Context, c *etcd.Client, node string, drain bool) error {
	all, err := Nodes(ctx, c)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(s Status) bool { return s.ID == node }) {
		return fault.New(fault.Usage, "there is no node %q: lilo serve nodes, with the same --store, lists them", node)
	}
	key := c.Location().Prefix + "fleet/drains/" + node
	t := etcd.Txn{Delete: []etcd.Span{etcd.One(key)}}
	if drain {
		t = etcd.Txn{Put: []etcd.Put{{Key: []byte(key), Value: []byte("{}")}}}
	}
	_, err = c.Commit(ctx, t)
	return err
}
