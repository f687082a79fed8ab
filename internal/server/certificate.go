package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	// ownLife is how long a certificate of our own is valid: the longest that browsers accept.
	ownLife = 397 * 24 * time.Hour
	// ownRenewal is how long before it expires a new one is made.
	ownRenewal = 30 * 24 * time.Hour
)

// certificate returns the server's certificate, nil without TLS. Faults are of kind Usage.
func (o *Options) certificate(now time.Time) (*tls.Certificate, error) {
	switch {
	case o.TLSCert != "":
		return loadCertificate(o.TLSCert, o.TLSKey)
	case o.TLSSelf:
		return o.ownCertificate(now)
	}
	return nil, nil
}

func loadCertificate(cert, key string) (*tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			return nil, fault.New(fault.Usage, "%s: %w", p.Path, p.Err)
		}
		return nil, fault.New(fault.Usage, "--tls-cert %s, --tls-key %s: %w", cert, key, err)
	}
	return &c, nil
}

// ownCertificate returns the self-signed certificate in the state directory. It makes
// one if there is none, or it expires soon or lacks a name of the server.
func (o *Options) ownCertificate(now time.Time) (*tls.Certificate, error) {
	cert, key := o.ownCertificateFiles()
	names, addresses := o.hosts()
	if c, err := tls.LoadX509KeyPair(cert, key); err == nil && valid(c.Leaf, names, addresses, now) {
		return &c, nil
	}
	public, private, err := makeCertificate(names, addresses, now)
	if err == nil {
		err = errors.Join(replaceFile(key, private, 0o600), replaceFile(cert, public, 0o644))
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "the certificate cannot be made: %w", err)
	}
	return loadCertificate(cert, key)
}

// renewEvery is how often the server asks whether its own certificate must be renewed.
const renewEvery = time.Hour

// keepCertificate renews the certificate that the server made itself before it expires.
func (s *Server) keepCertificate(ctx context.Context) error {
	for {
		s.renewCertificate(s.env.Machine.Now())
		select {
		case <-time.After(renewEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

// renewCertificate replaces the certificate if it expires soon.
func (s *Server) renewCertificate(now time.Time) {
	if !s.opts.TLSSelf {
		return
	}
	before := s.cert.Load()
	c, err := s.opts.ownCertificate(now)
	if err != nil {
		s.env.Log.Warn("the certificate expires soon and was not renewed; trying again in an hour", "error", err)
		return
	}
	if fingerprint(c) != fingerprint(before) {
		s.cert.Store(c)
		s.print("the certificate was renewed: SHA-256 " + fingerprint(c))
	}
}

// ownCertificateFiles returns the files of our own certificate and of its key.
// Clients may get a copy of the first.
func (o *Options) ownCertificateFiles() (cert, key string) {
	return filepath.Join(o.State, "tls-cert.pem"), filepath.Join(o.State, "tls-key.pem")
}

func valid(c *x509.Certificate, names []string, addresses []net.IP, now time.Time) bool {
	if now.Before(c.NotBefore) || now.After(c.NotAfter.Add(-ownRenewal)) {
		return false
	}
	for _, a := range addresses {
		if c.VerifyHostname(a.String()) != nil {
			return false
		}
	}
	return !slices.ContainsFunc(names, func(n string) bool { return c.VerifyHostname(n) != nil })
}

// hosts returns the names and addresses by which clients may reach the server.
func (o *Options) hosts() (names []string, addresses []net.IP) {
	names = []string{"localhost"}
	addresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	host, _, _ := net.SplitHostPort(o.Listen)
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && !addr.IsUnspecified():
		addresses = append(addresses, addr.WithZone("").AsSlice())
	case !o.loopback():
		addresses = append(addresses, machineAddresses()...)
	}
	if name, err := os.Hostname(); err == nil && !o.loopback() && hostName(name) {
		names = append(names, name)
	}
	for _, n := range o.Names {
		if a, err := netip.ParseAddr(n); err == nil {
			addresses = append(addresses, a.AsSlice())
		} else {
			names = append(names, n)
		}
	}
	return names, addresses
}

func hostName(name string) bool { return name != "" && !strings.ContainsAny(name, " _*") }

// machineAddresses returns the addresses of this machine that other machines can use.
func machineAddresses() []net.IP {
	all, _ := net.InterfaceAddrs() // The names are useful without them.
	var ips []net.IP
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() && !n.IP.IsLoopback() {
			ips = append(ips, n.IP)
		}
	}
	return ips
}

// makeCertificate returns a self-signed certificate and its key, both in PEM.
func makeCertificate(names []string, addresses []net.IP, now time.Time) (public, private []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "lilo " + names[len(names)-1]},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(ownLife), DNSNames: names, IPAddresses: addresses,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		// It can sign no other certificate: a client that trusts it trusts this server only.
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	public = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	private = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	return public, private, nil
}

// replaceFile writes a file atomically, even where several servers write it at once.
func replaceFile(path string, text []byte, mode fs.FileMode) error {
	dir, name := filepath.Split(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, name+".*.partial")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// fingerprint returns the SHA-256 of a certificate as browsers show it.
func fingerprint(c *tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}
