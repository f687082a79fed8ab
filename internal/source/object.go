package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// object is something on a server that answers requests for ranges of bytes.
type object interface {
	// name returns the name for people, without credentials.
	name() string
	// key identifies the object in the cache, whatever its version.
	key() string
	// fetch requests bytes. Its errors are of type *fetchError. The response
	// ends when ctx is done.
	fetch(ctx context.Context, r request) (*response, error)
}

// request is a range of bytes of an object, and a condition.
type request struct {
	from int64
	to   int64 // exclusive
	// match is the version that the bytes must be of, zero for any.
	match version
	// noneMatch is the cached version. If it is current, fetch returns an error
	// of kind notModified.
	noneMatch version
}

// response is what a server sends.
type response struct {
	io.ReadCloser
	version version
	start   int64 // offset of the first byte in the object
	end     int64 // exclusive, -1 if the server does not tell it
	partial bool  // the server supports ranges
}

// version identifies the state of an object.
type version struct {
	// Tag is the entity tag, including quotes (RFC 9110, 8.8.3).
	Tag string `json:"tag,omitempty"`
	// Modified is the Last-Modified header, for servers without tags.
	Modified string `json:"modified,omitempty"`
	// Size is in bytes, -1 if the server does not tell it.
	Size int64 `json:"size"`
}

// same reports whether both are one state of the object, as far as both know.
func (v version) same(w version) bool {
	if v.Size >= 0 && w.Size >= 0 && v.Size != w.Size {
		return false
	}
	if v.Tag != "" && w.Tag != "" {
		return v.Tag == w.Tag
	}
	return v.Modified == "" || w.Modified == "" || v.Modified == w.Modified
}

// recognizable reports whether a later start can tell that it is this version.
func (v version) recognizable() bool { return v.Tag != "" || v.Modified != "" }

// id returns a name for the version in the cache. It omits the size if there is
// a tag, because a server may not always tell the size.
func (v version) id() string {
	if v.Tag != "" {
		return digest(v.Tag)
	}
	return digest(fmt.Sprintf("%s %d", v.Modified, v.Size))
}

// digest returns a short hash of a text that suits a file name.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:10])
}
