package server

import (
	"cmp"
	"context"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
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
		Client: e.Client(), Lease: o.Lease, Now: s.player.Now, Wall: s.env.Machine.Now, Log: s.env.Log,
		Certificate: func() string { return s.Info().Fingerprint }, ClockTolerance: o.ClockTolerance,
		Node: fleet.Node{
			Node: placement.Node{
				ID: cmp.Or(o.ID, name), Capacity: media.BitRate(o.Capacity) * 1_000_000, Folders: folders, Labels: labels, Interfaces: interfaces(),
			},
			Address: address, Version: s.env.Version,
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

// nodeHeader is the header of requests that one node passes on to another. It has the secret
// of the fleet.
const nodeHeader = "X-Lilo-Node"

// fromNode reports whether another node passes on a request, whose client it has let in.
func (s *Server) fromNode(r *http.Request) bool {
	shown := r.Header.Get(nodeHeader)
	if s.fleet == nil || shown == "" {
		return false
	}
	secret := s.fleet.Secret()
	return secret != "" && subtle.ConstantTimeCompare([]byte(shown), []byte(secret)) == 1
}

// hls returns a handler of the HLS of a channel, nil if it is off air: that of this node, or
// one that asks the node which plays the channel.
func (s *Server) hls(id string) http.Handler {
	if h := s.service.Channels.HLS(id); h != nil || s.fleet == nil {
		return h
	}
	n, ok := s.fleet.Holder(placement.Key{Channel: id})
	to, err := url.Parse(n.Address)
	if !ok || err != nil || n.ID == s.fleet.Self() {
		return nil
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to.JoinPath("hls", id))
			r.Out.Header.Del("Cookie")
			r.Out.Header.Del("Authorization")
			r.Out.Header.Set(nodeHeader, s.fleet.Secret())
		},
		Transport: s.nodeTransport(n.Certificate),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, fmt.Sprintf("node %s, which plays the channel, does not answer at %s: %v", n.ID, n.Address, fault.Reason(err)), http.StatusBadGateway)
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.fromNode(r) { // The channel moves: the client asks again.
			http.Error(w, "the channel moves to node "+n.ID, http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	})
}

// nodeTransport returns what calls a node, which must have the certificate of that SHA-256.
func (s *Server) nodeTransport(certificate string) http.RoundTripper {
	if t, ok := s.transports.Load(certificate); ok {
		return t.(http.RoundTripper)
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	t.TLSClientConfig = &tls.Config{
		MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, // VerifyConnection does it: the node has told its certificate through etcd.
		VerifyConnection: func(c tls.ConnectionState) error {
			if got := fingerprint(&tls.Certificate{Certificate: [][]byte{c.PeerCertificates[0].Raw}}); got != certificate {
				return fmt.Errorf("its certificate is %s, not %s", got, certificate)
			}
			return nil
		},
	}
	s.transports.Store(certificate, t)
	return t
}
