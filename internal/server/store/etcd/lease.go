package etcd

import (
	"context"
	"time"
)

// LeaseID names a lease.
type LeaseID int64

// lease is an etcdserverpb.LeaseGrantResponse or LeaseKeepAliveResponse.
type lease struct {
	ID  LeaseID `json:"ID,string"`
	TTL int64   `json:"TTL,string"`
}

type leaseName struct {
	ID LeaseID `json:"ID,string"`
}

// ErrNoLease reports that a lease has ended.
var ErrNoLease = &Error{Message: "the lease has ended"}

// Grant returns a new lease and how long it lasts: as long as was asked for, or the least
// that etcd gives.
func (c *Client) Grant(ctx context.Context, d time.Duration) (LeaseID, time.Duration, error) {
	var answer lease
	err := c.call(ctx, "lease/grant", map[string]int64{"TTL": int64((d + time.Second - 1) / time.Second)}, &answer)
	return answer.ID, time.Duration(answer.TTL) * time.Second, err
}

// KeepAlive makes a lease last its whole time again. The error is ErrNoLease if it has ended.
func (c *Client) KeepAlive(ctx context.Context, id LeaseID) error {
	var answer struct{ Result lease }
	if err := c.call(ctx, "lease/keepalive", leaseName{id}, &answer); err != nil {
		return err
	}
	if answer.Result.TTL <= 0 {
		return ErrNoLease
	}
	return nil
}

// Revoke ends a lease, and deletes its keys.
func (c *Client) Revoke(ctx context.Context, id LeaseID) error {
	return c.call(ctx, "lease/revoke", leaseName{id}, &struct{}{})
}
