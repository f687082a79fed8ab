package server

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
	"github.com/lilo-live/lilo/internal/setting"
)

// Options configures a server. The zero value with an address and a state
// directory serves this machine alone.
type Options struct {
	Listen          string        // address and port of the one listener
	State           string        // directory of the server's state
	Store           string        // URL of the etcd that has the records; none keeps them in State
	StoreFiles      etcd.Files    // that the etcd wants
	Node            NodeOptions   // of this server among those that share the etcd
	AllowFiles      []string      // folders in or below which sources on this machine may lie; none allows no file
	AllowHosts      []string      // hosts and buckets on which other sources may lie; none allows all
	AllowPrivate    bool          // allows sources at addresses of this machine and of private networks
	Names           []string      // host names that clients know the server by
	Keys, Logins    string        // files of key pairs and of logins
	Parameters      string        // file of the passwords that passwordParam of sources names
	TLSCert, TLSKey string        // files
	TLSSelf         bool          // makes a certificate
	PublicHLS       bool          // lets everybody play the channels' HLS
	Strict          bool          // refuses channels with settings that cannot be honoured
	MaxChannels     int           // the most channels that there may be
	Realtime        bool          // send with real-time priority
	Pacing          time.Duration // that of every channel; 0 leaves it to the channel
	Webhook         string        // URL that events are posted to
	EventBridge     string        // endpoint of an event bus
	EventsLog       bool          // writes events to the log
	Logging         Logging
	Account, Region string // those of ARNs
}

// NodeOptions are those of a server among others.
type NodeOptions struct {
	ID, Address string
	Capacity    int // in Mb/s
	Labels      []string
	Lease       time.Duration
	// ClockTolerance is by how much the clock may be wrong.
	ClockTolerance time.Duration
}

// DefaultMaxChannels is the default of Options.MaxChannels.
const DefaultMaxChannels = 1000

// DefaultOptions returns the defaults; the state directory stays empty.
func DefaultOptions() Options {
	return Options{Listen: "127.0.0.1:8080", MaxChannels: DefaultMaxChannels, Account: "000000000000", Region: "us-east-1", Node: NodeOptions{Capacity: 1000, Lease: 2 * time.Second, ClockTolerance: 500 * time.Millisecond}}
}

// Settings returns the settings of a server, in the order of a help text:
// flags, and keys of the same name in its configuration.
func Settings() []setting.Field[Options] {
	defaults := DefaultOptions()
	type row = setting.Row
	return append([]setting.Field[Options]{
		setting.Of(row{Key: "listen", Usage: "where to listen: ip:port, or :port for all addresses; any but a loopback address needs --keys or --logins", Default: defaults.Listen},
			listen(), func(o *Options) *string { return &o.Listen }),
		setting.Of(row{Key: "state", Usage: "where channels, inputs and the certificate are kept", Default: "lilo in the user's state directory", Example: "/var/lib/lilo"},
			given("DIR"), func(o *Options) *string { return &o.State }),
		setting.Of(row{Key: "store", Usage: "keep channels and inputs in etcd, which several servers share: etcd://[user@]host:2379,host2:2379/prefix, or etcds:// for TLS", Default: "a file in the state directory", Example: "etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/lilo"},
			etcdURL(), func(o *Options) *string { return &o.Store }),
		setting.Of(row{Key: "store-ca", Usage: "certificates that sign those of etcd's members, PEM", Default: "those of the system", Example: "etcd-ca.pem"},
			given("FILE"), func(o *Options) *string { return &o.StoreFiles.CA }),
		setting.Of(row{Key: "store-cert", Usage: "certificate to show to etcd, PEM", Default: "none", Example: "etcd-cert.pem"},
			given("FILE"), func(o *Options) *string { return &o.StoreFiles.Cert }),
		setting.Of(row{Key: "store-key", Usage: "its private key, PEM", Default: "none", Example: "etcd-key.pem"},
			given("FILE"), func(o *Options) *string { return &o.StoreFiles.Key }),
		setting.Of(row{Key: "store-password", Usage: "file with the password of etcd's user", Default: "none", Example: "etcd-password"},
			given("FILE"), func(o *Options) *string { return &o.StoreFiles.Password }),
		setting.Of(row{Key: "node", Usage: "name of this server among those that share the etcd", Default: "the machine's name", Example: "lilo-1"},
			setting.Name(64), func(o *Options) *string { return &o.Node.ID }),
		setting.Of(row{Key: "node-address", Usage: "URL at which the others reach this server", Default: "the address that it listens at", Example: "https://10.0.0.1:8443"},
			webURL(), func(o *Options) *string { return &o.Node.Address }),
		setting.Of(row{Key: "node-capacity", Usage: "sum of the rates that this server sends at most, in Mb/s", Default: strconv.Itoa(defaults.Node.Capacity)},
			setting.Number(1, 1_000_000), func(o *Options) *int { return &o.Node.Capacity }),
		setting.ListOf(row{Key: "node-label", Usage: "label of this server, name=value, repeatable: the tag lilo:node of a channel asks for some; servers with one rack fail together", Default: "none", Example: "rack=a"},
			label(), nil, func(o *Options) *[]string { return &o.Node.Labels }),
		setting.Of(row{Key: "lease", Usage: "how long this server may be silent before others play its channels, in whole seconds", Default: defaults.Node.Lease.String()},
			setting.Duration(time.Second, time.Minute), func(o *Options) *time.Duration { return &o.Node.Lease }),
		setting.Of(row{Key: "clock-tolerance", Usage: "by how much this server's clock may be wrong when it takes over channels: what receivers' buffers take", Default: defaults.Node.ClockTolerance.String()},
			setting.Duration(10*time.Millisecond, time.Minute), func(o *Options) *time.Duration { return &o.Node.ClockTolerance }),
		setting.Of(row{Key: "max-channels", Usage: "most channels that may exist", Default: strconv.Itoa(defaults.MaxChannels)},
			setting.Number(1, 100_000), func(o *Options) *int { return &o.MaxChannels }),
		setting.Of(row{Key: "pacing", Usage: "longest train of every channel: how much of a stream may leave at once", Default: channel.DefaultPacing.String()},
			setting.Duration(channel.MinPacing, channel.MaxPacing), func(o *Options) *time.Duration { return &o.Pacing }),
		setting.Of(row{Key: "realtime", Usage: "send with real-time priority (SCHED_FIFO), which the system must permit, so that a busy machine delays nothing", Default: "false", Example: "true"},
			setting.Bool(), func(o *Options) *bool { return &o.Realtime }),
		setting.Of(row{Key: "strict", Usage: "refuse channels with settings that cannot be honoured", Default: "they raise an alert", Example: "true"},
			setting.Bool(), func(o *Options) *bool { return &o.Strict }),
		setting.Of(row{Key: "account", Usage: "account in ARNs", Default: defaults.Account},
			account(), func(o *Options) *string { return &o.Account }),
		setting.Of(row{Key: "region", Usage: "region in ARNs", Default: defaults.Region},
			given("NAME"), func(o *Options) *string { return &o.Region }),
		setting.ListOf(row{Key: "allow-files", Usage: "folder whose files may be sources, repeatable", Default: "none", Example: "/media"},
			folder(), nil, func(o *Options) *[]string { return &o.AllowFiles }),
		setting.ListOf(row{Key: "allow-host", Usage: "host (*.example.com for all below) or S3 bucket from which sources may come, repeatable", Default: "all", Example: "media.example.com"},
			host(), nil, func(o *Options) *[]string { return &o.AllowHosts }),
		setting.Of(row{Key: "allow-private", Usage: "allow sources at addresses of this machine and of private networks", Default: "yes if the server is reachable from this machine only, without credentials", Example: "true"},
			setting.Bool(), func(o *Options) *bool { return &o.AllowPrivate }),
		setting.Of(row{Key: "keys", Usage: "file of the key pairs of the API's callers, in the form of AWS's credentials file: lilo serve add-key", Default: "none", Example: "keys"},
			given("FILE"), func(o *Options) *string { return &o.Keys }),
		setting.Of(row{Key: "logins", Usage: "file of the people who may use the console: lilo serve add-login", Default: "none", Example: "logins"},
			given("FILE"), func(o *Options) *string { return &o.Logins }),
		setting.Of(row{Key: "parameters", Usage: "file of the passwords that passwordParam of inputs names, a line NAME=PASSWORD each, instead of the Parameter Store", Default: "none", Example: "parameters"},
			given("FILE"), func(o *Options) *string { return &o.Parameters }),
		setting.Of(row{Key: "tls-cert", Usage: "certificate of the server with its chain, PEM", Default: "no TLS", Example: "cert.pem"},
			given("FILE"), func(o *Options) *string { return &o.TLSCert }),
		setting.Of(row{Key: "tls-key", Usage: "its private key, PEM", Default: "none", Example: "key.pem"},
			given("FILE"), func(o *Options) *string { return &o.TLSKey }),
		setting.Of(row{Key: "tls-self", Usage: "make a self-signed certificate and keep it in the state directory", Default: "no"},
			setting.Bool(), func(o *Options) *bool { return &o.TLSSelf }),
		setting.ListOf(row{Key: "server-name", Usage: "name that clients know this server by, repeatable", Default: "localhost and the address", Example: "lilo.example.com"},
			host(), nil, func(o *Options) *[]string { return &o.Names }),
		setting.Of(row{Key: "public-hls", Usage: "let anyone, including pages of other servers, play the channels under /hls/", Default: "no"},
			setting.Bool(), func(o *Options) *bool { return &o.PublicHLS }),
		setting.Of(row{Key: "webhook", Usage: "URL to which state changes and alerts are posted, in the form of EventBridge", Default: "none", Example: "https://hooks.example.com/lilo"},
			webURL(), func(o *Options) *string { return &o.Webhook }),
		setting.Of(row{Key: "eventbridge-endpoint", Usage: "endpoint of EventBridge, or of an emulator, to which they are sent", Default: "none", Example: "https://events.us-east-1.amazonaws.com"},
			webURL(), func(o *Options) *string { return &o.EventBridge }),
		setting.Of(row{Key: "events-log", Usage: "write them to the log", Default: "no"},
			setting.Bool(), func(o *Options) *bool { return &o.EventsLog }),
	}, setting.Prefixed("", func(o *Options) *Logging { return &o.Logging }, LogSettings())...)
}

// given is a text that is not empty.
func given(value string) setting.Kind[string] {
	return setting.String(value, func(text string) error {
		if text == "" {
			return fault.New(fault.Usage, "the value is missing")
		}
		return nil
	})
}

func host() setting.Kind[string] {
	return setting.String("HOST", func(text string) error {
		if text == "" || strings.ContainsAny(text, "/: \t") {
			return fault.New(fault.Usage, "%q is not a host: write a name or an address alone", text)
		}
		return nil
	})
}

func listen() setting.Kind[string] {
	return setting.String("ADDRESS", func(text string) error {
		host, port, err := net.SplitHostPort(text)
		if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
			return fault.New(fault.Usage, "%q is not an address to listen on: write 127.0.0.1:8080, [::1]:8080 or :8080", text)
		}
		if _, err := netip.ParseAddr(host); err != nil && host != "" && host != "localhost" {
			return fault.New(fault.Usage, "%q is not an IP address: write one of this machine's, or none for all of them", host)
		}
		return nil
	})
}

func account() setting.Kind[string] {
	k := setting.String("ID", func(text string) error {
		if len(text) != 12 || strings.Trim(text, "0123456789") != "" {
			return fault.New(fault.Usage, "%q is not an account: it has twelve digits", text)
		}
		return nil
	})
	k.Schema = setting.Schema{"type": []string{"string", "integer"}, "pattern": "^[0-9]{12}$"}
	return k
}

// folder is a folder that exists, kept as an absolute path.
func folder() setting.Kind[string] {
	k := setting.String("DIR", nil)
	k.Parse = func(text string) (string, error) {
		path, err := filepath.Abs(text)
		if err != nil {
			return "", fault.New(fault.Usage, "%s: %w", text, err)
		}
		if info, err := os.Stat(path); text == "" || err != nil || !info.IsDir() {
			return "", fault.New(fault.Usage, "%q is not a folder that exists", text)
		}
		return path, nil
	}
	return k
}

// label is a name with a value.
func label() setting.Kind[string] {
	return setting.String("NAME=VALUE", func(text string) error {
		if name, _, ok := strings.Cut(text, "="); !ok || name == "" || strings.Contains(text, ",") {
			return fault.New(fault.Usage, "%q is not a label: write name=value", text)
		}
		return nil
	})
}

// etcdURL is where an etcd is. The error does not repeat it, since it may hold a password.
func etcdURL() setting.Kind[string] {
	k := setting.String("URL", etcd.CheckURL)
	k.Schema = setting.Schema{"type": "string", "pattern": "^etcds?://"}
	return k
}

// webURL is a URL of HTTP. The error does not repeat it, since it may hold a secret.
func webURL() setting.Kind[string] {
	k := setting.String("URL", func(text string) error {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fault.New(fault.Usage, "that is not a URL: write http://host/path or https://host/path")
		}
		return nil
	})
	k.Schema = setting.Schema{"type": "string", "pattern": "^https?://"}
	return k
}

// Check reports settings that do not go together. Faults are of kind Usage.
func (o *Options) Check() error {
	switch {
	case o.State == "":
		return fault.New(fault.Usage, "there is no state directory: name one with --state")
	case o.Node.Lease%time.Second != 0:
		return fault.New(fault.Usage, "--lease %v: etcd counts leases in whole seconds", o.Node.Lease)
	case (o.TLSCert == "") != (o.TLSKey == ""):
		return fault.New(fault.Usage, "--tls-cert and --tls-key go together")
	case o.TLSCert != "" && o.TLSSelf:
		return fault.New(fault.Usage, "--tls-self makes a certificate and --tls-cert names one: give one of them")
	case !o.loopback() && o.Keys == "" && o.Logins == "":
		return fault.New(fault.Usage, "%s can be reached from other machines: give --keys (lilo serve add-key) for the API, "+
			"--logins (lilo serve add-login) for the console, or both", o.Listen)
	}
	return nil
}

// loopback reports whether only this machine can reach the listener.
func (o *Options) loopback() bool {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// open reports whether everybody who reaches the server may do everything:
// everybody on this machine, where there are no credentials.
func (o *Options) open() bool { return o.loopback() && o.Keys == "" && o.Logins == "" }
