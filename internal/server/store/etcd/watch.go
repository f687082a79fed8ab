package etcd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
)

// Event is a change of a key.
type Event struct {
	// Type is DELETE, or empty for a key that was set.
	Type string
	Key  KeyValue `json:"kv"`
}

// Deleted reports whether the key was deleted.
func (e Event) Deleted() bool { return e.Type == "DELETE" }

// Watch calls do with the changes of the keys of a span after a revision, in order: all that
// one transaction made in one call of do. It returns when ctx is done, when the member ends
// the stream or does not answer another call, or with ErrCompacted. The caller cancels ctx where it learns that changes are
// missing, and then [Client.Avoid] chooses another member.
func (c *Client) Watch(ctx context.Context, s Span, after Revision, do func([]Event)) error {
	type create struct {
		Span
		Start Revision `json:"start_revision,string"`
	}
	body, err := json.Marshal(map[string]create{"create_request": {s, after + 1}})
	if err != nil {
		return err
	}
	n := c.member.Load()
	ctx, end := context.WithCancel(ctx)
	defer c.stream(n, &end)()
	r, err := c.authorized(ctx, n, "watch", body)
	if err != nil {
		c.avoid(n)
		return err
	}
	defer r.Body.Close()
	for d := json.NewDecoder(r.Body); ; {
		var one struct {
			Result struct {
				Canceled  bool
				Reason    string   `json:"cancel_reason"`
				Compacted Revision `json:"compact_revision,string"`
				Events    []Event
			}
			Error *Error
		}
		err := d.Decode(&one)
		switch {
		case errors.Is(err, io.EOF):
			return io.ErrUnexpectedEOF
		case err != nil:
			c.avoid(n)
			return err
		case one.Error != nil:
			c.avoid(n)
			return one.Error
		case one.Result.Compacted > 0:
			return ErrCompacted
		case one.Result.Canceled:
			return errors.New(one.Result.Reason)
		case len(one.Result.Events) > 0:
			do(one.Result.Events)
		}
	}
}

// stream notes what ends a stream from a member. The caller calls done at its end.
func (c *Client) stream(member int64, end *context.CancelFunc) (done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams[end] = member
	return func() {
		(*end)()
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.streams, end)
	}
}

// Avoid makes another member the first choice.
func (c *Client) Avoid() { c.avoid(c.member.Load()) }
