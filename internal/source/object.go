package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// object is something on a server whose bytes can be asked for.
type object interface {
	// name is what people call it, without credentials.
	name() string
	// key is what the cache knows it by, whatever its version.
	key() string
	// fetch asks for bytes. Its errors are of type *trouble. What it returns
	// ends when ctx does.
	fetch(ctx context.Context, a ask) (*answer, error)
}

// ask is which bytes of an object are wanted.
type ask struct {
	from int64
	to   int64 // exclusive
	// is is the version that the bytes must be of; the zero version takes any.
	is version
	// unless is a version that is here already; the answer is trouble of kind
	// same where it is still that one.
	unless version
}

// answer is what a server sends.
type answer struct {
	io.ReadCloser
	version version
	at      int64 // where in the object it begins
	end     int64 // exclusive, -1 where the server does not tell
	partial bool  // the server knows ranges
}

// version tells one state of an object from another.
type version struct {
	// Tag is the entity tag as the server gives it, quotes included (RFC 9110, 8.8.3).
	Tag string `json:"tag,omitempty"`
	// Modified is the Last-Modified of the server, of use where there is no tag.
	Modified string `json:"modified,omitempty"`
	// Size is in bytes, -1 where the server does not tell.
	Size int64 `json:"size"`
}

// same tells whether both are one state of the object, as far as both say.
func (v version) same(w version) bool {
	if v.Size >= 0 && w.Size >= 0 && v.Size != w.Size {
		return false
	}
	if v.Tag != "" && w.Tag != "" {
		return v.Tag == w.Tag
	}
	return v.Modified == "" || w.Modified == "" || v.Modified == w.Modified
}

// lasting tells whether the version can be known again at a later start.
func (v version) lasting() bool { return v.Tag != "" || v.Modified != "" }

// id names the version in the cache. The size is left out where there is a
// tag: a server may tell it one time and not the next.
func (v version) id() string {
	if v.Tag != "" {
		return digest(v.Tag)
	}
	return digest(fmt.Sprintf("%s %d", v.Modified, v.Size))
}

// digest returns a short name for a text, which is fit for a file name.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:10])
}
