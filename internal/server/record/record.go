package record

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
)

// Origin is what every record holds beside its document.
type Origin struct {
	// Sequence numbers the records in the order of their creation, from 1.
	Sequence int64 `json:"sequence"`
	// Since is when the resource entered its state.
	Since time.Time `json:"since"`
	// Request is the idempotency token of the request that created the resource,
	// Digest the digest of that request.
	Request string `json:"request,omitempty"`
	Digest  string `json:"digest,omitempty"`
}

// Record is a document of type D with its origin.
type Record[D any] struct {
	Origin
	Doc *D
}

type (
	// Input is the record of an input.
	Input = Record[types.Input]
	// Group is the record of an input security group.
	Group = Record[types.InputSecurityGroup]
	// Account is the record of the account's settings.
	Account = Record[types.AccountConfiguration]
)

// With returns a copy with an edited document. edit must replace what pointers
// point to, not write to it.
func (r *Record[D]) With(edit func(*D)) *Record[D] {
	n, doc := *r, *r.Doc
	edit(&doc)
	n.Doc = &doc
	return &n
}

// Deleted reports whether the record is the tombstone of a resource.
func (r *Record[D]) Deleted() bool {
	switch doc := any(r.Doc).(type) {
	case *types.Channel:
		return doc.State == types.ChannelStateDeleted
	case *types.Input:
		return doc.State == types.InputStateDeleted
	case *types.InputSecurityGroup:
		return doc.State == types.InputSecurityGroupStateDeleted
	}
	return false
}

// leaving reports whether the resource is deleted, or about to be.
func (r *Record[D]) leaving() bool {
	doc, ok := any(r.Doc).(*types.Channel)
	return r.Deleted() || ok && doc.State == types.ChannelStateDeleting
}

func (r *Record[D]) origin() *Origin { return &r.Origin }

// stored is a record's encoding; D is how it holds the document.
type stored[D any] struct {
	Origin
	Document D `json:"document"`
}

func (r *Record[D]) encode() ([]byte, error) {
	return json.Marshal(stored[any]{r.Origin, medialive.Wire(r.Doc)})
}

func (r *Record[D]) decode(data []byte) error {
	var s stored[json.RawMessage]
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if s.Document == nil {
		s.Document = data // Older versions stored the account's settings so.
	}
	r.Origin, r.Doc = s.Origin, new(D)
	return medialive.Unmarshal(s.Document, r.Doc)
}

// kept is a pointer to a record of type T.
type kept[T any] interface {
	*T
	Deleted() bool
	leaving() bool
	origin() *Origin
	encode() ([]byte, error)
	decode(data []byte) error
}

// inOrder returns the records that are not deleted, in the order of their creation.
func inOrder[T any, P kept[T]](records map[string]P) []P {
	all := make([]P, 0, len(records))
	for _, r := range records {
		if !r.Deleted() {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b P) int { return cmp.Compare(a.origin().Sequence, b.origin().Sequence) })
	return all
}
