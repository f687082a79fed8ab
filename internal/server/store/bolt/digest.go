package bolt

import (
	"crypto/sha256"
	"crypto/subtle"

	"github.com/lilo-live/lilo/internal/server/store"
)

// The digest of all records is kept beside them, in a bucket of its own, and written
// with every commit. It tells a file whose pages are those of different commits, as a
// disk leaves them that lies about what it has written, from one that is whole.
const (
	digestBucket = "_digest"
	digestKey    = "records"
	digestSize   = 16
)

// digest is the sum, without carry, of what each record hashes to. A record can be
// added and removed without the others.
type digest [digestSize]byte

// toggle adds a record, or removes it.
func (d *digest) toggle(kind, id string, value []byte) {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(kind), {0}, []byte(id), {0}, value} {
		h.Write(part)
	}
	subtle.XORBytes(d[:], d[:], h.Sum(nil))
}

func digestOf(all []store.Write) []byte {
	var d digest
	for _, w := range all {
		d.toggle(w.Kind, w.ID, w.Value)
	}
	return d[:]
}
