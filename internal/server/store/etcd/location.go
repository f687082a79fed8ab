package etcd

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// Location says where etcd is, and which of its keys are meant.
type Location struct {
	// Members are the addresses of the members, host:port.
	Members []string
	// Prefix is what all keys begin with. It ends with a slash.
	Prefix string
	// User and Password are those of etcd's authentication; none if User is empty.
	User, Password string
	// TLS is nil where the members speak HTTP.
	TLS *tls.Config
}

// Files are those that a location needs beside its URL. All may be empty.
type Files struct {
	// CA has the certificates that sign those of the members, Cert and Key are shown to them. All
	// are in PEM. Password has the password of the user.
	CA, Cert, Key, Password string
}

// defaultPrefix is the prefix of a URL without a path, defaultPort the port of a member without one.
const (
	defaultPrefix = "lilo"
	defaultPort   = "2379"
)

// schemes are those of the URLs; the value says whether it is TLS.
func schemes() map[string]bool { return map[string]bool{"etcd": false, "etcds": true} }

// IsURL reports whether a text is meant to be the URL of an etcd.
func IsURL(text string) bool {
	scheme, _, ok := strings.Cut(text, "://")
	_, known := schemes()[scheme]
	return ok && known
}

// CheckURL reports what is wrong with a URL. Faults are of kind Usage. They do not repeat it,
// since it may hold a password.
func CheckURL(text string) error {
	_, err := parseURL(text)
	return err
}

// Parse reads etcd://host:port,host:port/prefix, or etcds:// for TLS, and the files. Faults
// are of kind Usage.
func Parse(text string, f Files) (*Location, error) {
	l, err := parseURL(text)
	if err != nil {
		return nil, err
	}
	if f.Password != "" {
		data, err := os.ReadFile(f.Password)
		if err != nil {
			return nil, fault.New(fault.Usage, "the password of etcd cannot be read from %s: %w", f.Password, fault.Reason(err))
		}
		if l.User == "" {
			return nil, fault.New(fault.Usage, "there is a file with a password, but no user: write etcd://USER@host:port")
		}
		l.Password = strings.TrimSpace(string(data))
	}
	if l.TLS == nil {
		if f.CA != "" || f.Cert != "" || f.Key != "" {
			return nil, fault.New(fault.Usage, "certificates go with TLS: write etcds:// instead of etcd://")
		}
		return l, nil
	}
	return l, f.readTLS(l.TLS)
}

func parseURL(text string) (*Location, error) {
	scheme, rest, _ := strings.Cut(text, "://")
	secure, known := schemes()[scheme]
	if !known {
		return nil, fault.New(fault.Usage, "that is not the URL of an etcd: write etcd://host:2379,host2:2379/prefix, or etcds:// for TLS")
	}
	l := &Location{}
	if secure {
		l.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	rest, l.Prefix, _ = strings.Cut(rest, "/")
	if strings.ContainsAny(l.Prefix, "?#") || strings.ContainsAny(rest, "?# ") {
		return nil, fault.New(fault.Usage, "the URL of an etcd has members and a prefix, and nothing behind them: write etcd://host:2379,host2:2379/prefix")
	}
	if l.Prefix = strings.Trim(l.Prefix, "/"); l.Prefix == "" {
		l.Prefix = defaultPrefix
	}
	l.Prefix += "/"
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		u, err := url.Parse("//" + rest[:i+1])
		if err != nil || u.User.Username() == "" {
			return nil, fault.New(fault.Usage, "the user in the URL of the etcd cannot be read: write etcd://USER:PASSWORD@host:2379, with %% and two digits for special characters")
		}
		l.User = u.User.Username()
		l.Password, _ = u.User.Password()
		rest = rest[i+1:]
	}
	for member := range strings.SplitSeq(rest, ",") {
		host, port, err := net.SplitHostPort(member)
		if err != nil {
			host, port, err = net.SplitHostPort(member + ":" + defaultPort)
		}
		if err != nil || host == "" || port == "" {
			return nil, fault.New(fault.Usage, "%q is not a member of an etcd: write host:port", member)
		}
		l.Members = append(l.Members, net.JoinHostPort(host, port))
	}
	return l, nil
}

func (f Files) readTLS(c *tls.Config) error {
	if f.CA != "" {
		data, err := os.ReadFile(f.CA)
		if err != nil {
			return fault.New(fault.Usage, "the certificates of etcd cannot be read from %s: %w", f.CA, fault.Reason(err))
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(data) {
			return fault.New(fault.Usage, "%s has no certificate in PEM", f.CA)
		}
	}
	if (f.Cert == "") != (f.Key == "") {
		return fault.New(fault.Usage, "a certificate for etcd and its key go together")
	}
	if f.Cert != "" {
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return fault.New(fault.Usage, "the certificate for etcd, %s, and its key, %s, cannot be used: %w", f.Cert, f.Key, fault.Reason(err))
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return nil
}

// String returns the members, for messages.
func (l *Location) String() string { return strings.Join(l.Members, ", ") }
