package server

import (
	"cmp"
	"context"
	"net"
	"os"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/server/fleet"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
)

// openFleet makes this server a node of those that share the etcd.
func (s *Server) openFleet(ctx context.Context, e *etcd.Store, folders []string) (*fleet.Fleet, error) {
	o := s.opts.Node
	name, err := os.Hostname()
	if id := cmp.Or(o.ID, name); err != nil && id == "" {
		return nil, fault.New(fault.Usage, "this machine has no name: give the server one with --node")
	}
	labels := map[string]string{}
	for _, one := range o.Labels {
		name, value, _ := strings.Cut(one, "=")
		labels[name] = value
	}
	address := o.Address
	if address == "" {
		address = s.reachedAt(egressIP(ctx))
	}
	return fleet.New(fleet.Options{
		Client: e.Client(), Lease: o.Lease, Now: s.player.Now, Log: s.env.Log,
		Node: fleet.Node{
			Node: placement.Node{
				ID: cmp.Or(o.ID, name), Capacity: media.BitRate(o.Capacity) * 1_000_000, Folders: folders, Labels: labels, Interfaces: interfaces(),
			},
			Address: address, Certificate: s.Info().Fingerprint, Version: s.env.Version,
		},
	}), nil
}

// reachedAt returns the URL of the listener for other machines. ip is this machine's.
func (s *Server) reachedAt(ip string) string {
	scheme, _, _ := strings.Cut(s.Info().URL, "://")
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	if a := net.ParseIP(host); a == nil || a.IsUnspecified() {
		host = cmp.Or(ip, "127.0.0.1")
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// interfaces returns the names and the addresses of this machine's interfaces, by which
// destinations may leave.
func interfaces() (all []string) {
	list, _ := net.Interfaces() // None if the system does not tell.
	for _, i := range list {
		all = append(all, i.Name)
		addresses, _ := i.Addrs()
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok {
				all = append(all, n.IP.String())
			}
		}
	}
	return all
}
