package etcd

import (
	"context"
	"errors"
	"slices"
)

// Revision numbers the states of all keys of an etcd.
type Revision int64

// KeyValue is a key with its value.
type KeyValue struct {
	Key, Value []byte
	// Created and Changed are when the key was created and set last.
	Created Revision `json:"create_revision,string"`
	Changed Revision `json:"mod_revision,string"`
	Lease   LeaseID  `json:"lease,string"`
}

type header struct {
	Revision Revision `json:"revision,string"`
}

// Span is a key, or all keys from it on, before End.
type Span struct {
	Key []byte `json:"key"`
	End []byte `json:"range_end,omitempty"`
}

// One returns the span of a key.
func One(key string) Span { return Span{Key: []byte(key)} }

// Below returns the span of all keys that begin with a prefix, which must not end with 0xff.
func Below(prefix string) Span {
	end := []byte(prefix)
	end[len(end)-1]++
	return Span{[]byte(prefix), end}
}

// rangeRequest is an etcdserverpb.RangeRequest.
type rangeRequest struct {
	Span
	Limit    int64    `json:"limit,omitempty,string"`
	Revision Revision `json:"revision,omitempty,string"`
}

type rangeResponse struct {
	Header header
	KVs    []KeyValue
	More   bool
}

// page is how many keys are read in a call.
const page = 500

// ErrCompacted reports that a revision is no longer kept.
var ErrCompacted = errors.New("the revision is no longer kept")

// Range returns all keys of a span as they are at one revision, which includes every change
// that was answered before the call.
func (c *Client) Range(ctx context.Context, s Span) (all []KeyValue, at Revision, err error) {
	for more := true; more; {
		var r rangeResponse
		if err := c.call(ctx, "kv/range", rangeRequest{s, page, at}, &r); err != nil {
			return nil, 0, err
		}
		if at == 0 {
			at = r.Header.Revision
		}
		all, more = append(all, r.KVs...), r.More
		if more {
			s.Key = slices.Concat(r.KVs[len(r.KVs)-1].Key, []byte{0})
		}
	}
	return all, at, nil
}

// Condition is a condition of a transaction on the keys of a span. A key that does not exist
// has the revision 0.
type Condition struct {
	Span
	Result  string   `json:"result"`
	Target  string   `json:"target"`
	Changed Revision `json:"mod_revision,omitempty,string"`
}

// UnchangedSince holds if no key of a span that exists was set after a revision.
func UnchangedSince(s Span, r Revision) Condition {
	return Condition{Span: s, Target: "MOD", Result: "LESS", Changed: r + 1}
}

// ChangedAt holds if a key was set last at a revision; 0 means that it does not exist.
func ChangedAt(key string, r Revision) Condition {
	return Condition{Span: One(key), Target: "MOD", Result: "EQUAL", Changed: r}
}

// Exists holds if a key exists.
func Exists(key string) Condition {
	return Condition{Span: One(key), Target: "CREATE", Result: "GREATER"}
}

// Put is a key to set.
type Put struct {
	Key   []byte  `json:"key"`
	Value []byte  `json:"value"`
	Lease LeaseID `json:"lease,omitempty,string"`
}

// operation is an etcdserverpb.RequestOp.
type operation struct {
	Put    *Put          `json:"request_put,omitempty"`
	Delete *Span         `json:"request_delete_range,omitempty"`
	Range  *rangeRequest `json:"request_range,omitempty"`
}

// Txn is a transaction. All its changes are made if every condition holds, otherwise none.
// It changes a key at most once, and has at most [MaxOperations] changes and conditions each.
type Txn struct {
	If     []Condition
	Put    []Put
	Delete []Span
	// Else is a key whose state is returned if a condition does not hold.
	Else string
}

// MaxOperations is the default of etcd's --max-txn-ops.
const MaxOperations = 128

// Outcome is what became of a transaction.
type Outcome struct {
	// Done says that all conditions held, and the changes were made at Revision.
	Done     bool
	Revision Revision
	// Else is the key of Else, if Done is false and it exists.
	Else *KeyValue
}

// Commit commits a transaction. After an error, it may or may not have been made.
func (c *Client) Commit(ctx context.Context, t Txn) (Outcome, error) {
	request := struct {
		Compare []Condition `json:"compare"`
		Success []operation `json:"success"`
		Failure []operation `json:"failure,omitempty"`
	}{Compare: t.If}
	for i := range t.Put {
		request.Success = append(request.Success, operation{Put: &t.Put[i]})
	}
	for i := range t.Delete {
		request.Success = append(request.Success, operation{Delete: &t.Delete[i]})
	}
	if t.Else != "" {
		request.Failure = []operation{{Range: &rangeRequest{Span: One(t.Else)}}}
	}
	var answer struct {
		Header    header
		Succeeded bool
		Responses []struct {
			Range rangeResponse `json:"response_range"`
		}
	}
	if err := c.call(ctx, "kv/txn", request, &answer); err != nil {
		return Outcome{}, err
	}
	out := Outcome{Done: answer.Succeeded, Revision: answer.Header.Revision}
	if !out.Done && len(answer.Responses) > 0 && len(answer.Responses[0].Range.KVs) > 0 {
		out.Else = &answer.Responses[0].Range.KVs[0]
	}
	return out, nil
}
