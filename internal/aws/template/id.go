package template

import (
	"crypto/md5" //nolint:gosec // The CDK's logical ids end with it.
	"encoding/hex"
	"slices"
	"strings"
)

// maxHuman is how much of a path is legible in an id, in bytes.
const maxHuman = 240

// logicalID returns the logical id that the CDK gives a resource with a path in its stack.
func logicalID(path []string) string {
	if len(path) == 1 && len(letters(path[0])) <= 255 {
		return letters(path[0])
	}
	return uniqueID(path)
}

// uniqueID returns the CDK's id for a path: its words, and a hash of it.
func uniqueID(path []string) string {
	sum := md5.Sum([]byte(strings.Join(path, "/"))) //nolint:gosec // as above
	words := strings.Join(slices.Compact(slices.Clone(path)), "")
	words = letters(words)
	return words[:min(len(words), maxHuman)] + strings.ToUpper(hex.EncodeToString(sum[:4]))
}

// letters returns the letters and digits of a text.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// path returns the path of a resource in its stack.
func (r *Resource) path() []string { return append(slices.Clone(r.scope.path), r.ID) }

// LogicalID returns the logical id of a resource.
func (r *Resource) LogicalID() string { return logicalID(r.path()) }

// globalPath returns the path of a stack.
func (s *Stack) globalPath() []string {
	if s.root == s {
		return []string{s.ID}
	}
	return []string{s.root.ID, s.ID}
}

// uniqueID returns an id that no resource of another stack has.
func (r *Resource) uniqueID() string {
	return uniqueID(append(r.scope.stack.globalPath(), r.path()...))
}

// FileName returns the name of the file of a stack's template.
func (s *Stack) FileName() string {
	if s.root == s {
		return s.ID + ".template.json"
	}
	return uniqueID(s.globalPath()) + ".nested.template.json"
}
