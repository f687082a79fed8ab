package placement

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// lacks returns what of a pipeline's needs the node does not have, in words that follow
// the node's ID, or "".
func (n *Node) lacks(needs *Needs) string {
	label := ""
	for key, value := range needs.Labels {
		if n.Labels[key] != value && (label == "" || key < label) {
			label = key
		}
	}
	if label != "" {
		return fmt.Sprintf("lacks label %s=%s", label, needs.Labels[label])
	}
	for _, name := range needs.Interfaces {
		if !slices.Contains(n.Interfaces, name) {
			return "has no interface " + name
		}
	}
	for _, name := range needs.Files {
		if !slices.ContainsFunc(n.Folders, func(folder string) bool { return contains(folder, name) }) {
			return "does not see " + name
		}
	}
	return ""
}

// contains reports whether a folder contains a file, by their names.
func contains(folder, name string) bool {
	folder, name = path.Clean(folder), path.Clean(name)
	return strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/")
}

// stays reports whether pipeline k is where it should not be for want of another place.
func (f *fleet) stays(k int) bool {
	n := f.at[k]
	return n == f.holder[k] && f.mustGo(n)
}

// reason says why no node takes pipeline k, the most common cause first.
func (f *fleet) reason(k int) string {
	if len(f.nodes) == 0 {
		return "no node is registered"
	}
	nodes := map[string][]string{} // by cause
	for n := range f.nodes {
		cause := f.cause(k, n)
		nodes[cause] = append(nodes[cause], f.nodes[n].ID)
	}
	causes := slices.SortedFunc(maps.Keys(nodes), func(a, b string) int {
		if more := len(nodes[b]) - len(nodes[a]); more != 0 {
			return more
		}
		return strings.Compare(nodes[a][0], nodes[b][0])
	})
	for i, cause := range causes {
		some := nodes[cause]
		names := strings.Join(some[:min(len(some), 3)], ", ")
		if len(some) > 3 {
			names = fmt.Sprintf("%s and %d more", names, len(some)-3)
		}
		causes[i] = names + ": " + cause
	}
	return strings.Join(causes[:min(len(causes), 4)], "; ")
}

// cause says why node n does not take pipeline k, in words that follow its ID.
func (f *fleet) cause(k, n int) string {
	one := &f.nodes[n]
	lacks := one.lacks(&f.pipeline(k).Needs)
	switch {
	case lacks != "":
		return lacks
	case one.Draining:
		return "drains"
	case one.Refuses != "":
		return one.Refuses
	case f.twinAt(k) == n:
		return "holds the other pipeline of the channel"
	}
	return fmt.Sprintf("has no room for %s", f.rates[k])
}
