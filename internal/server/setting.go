package server

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// Options is what there is to say about a server. The zero value with an
// address and a state directory serves this machine alone.
type Options struct {
	// Listen is the address and port of the one listener.
	Listen string
	// State is the directory of the server's state.
	State string
	// AllowFiles are the folders that sources on this machine lie in or below; none allows no file.
	AllowFiles []string
	// AllowHosts are the hosts and buckets that other sources lie on; none allows all.
	AllowHosts []string
	// AllowPrivate allows sources at addresses of this machine and of private networks.
	AllowPrivate bool
	// Names are the host names that clients know the server by.
	Names []string
	// Keys and Logins are the files of key pairs and of logins.
	Keys, Logins string
	// TLSCert and TLSKey are files; TLSSelf has the server make its own certificate.
	TLSCert, TLSKey string
	TLSSelf         bool
	// PublicHLS lets everybody play the channels' HLS.
	PublicHLS bool
	// Strict refuses channels with settings that cannot be honoured.
	Strict bool
	// MaxChannels is how many channels there may be.
	MaxChannels int
	// Pacing is that of the channels, where it is set.
	Pacing time.Duration
	// Webhook is a URL that events are posted to, EventBridge the endpoint of an event bus.
	Webhook, EventBridge string
	// EventsLog writes events to the log.
	EventsLog bool
	// Account and Region stand in ARNs.
	Account, Region string
}

// DefaultMaxChannels is how many channels there may be where nothing is said.
const DefaultMaxChannels = 1000

// DefaultOptions returns what holds where nothing is said; the state directory
// stays empty.
func DefaultOptions() Options {
	return Options{Listen: "127.0.0.1:8080", MaxChannels: DefaultMaxChannels, Account: "000000000000", Region: "us-east-1"}
}

// Setting is one thing that can be said of a server: a flag, and a key of the
// same name in its configuration.
type Setting struct {
	// Key is what the setting is called.
	Key string
	// Value names the value in a help text; empty is a switch.
	Value string
	// Usage says in one line what it is for, Default what holds when it is left out.
	Usage, Default string
	// List says that it can be given more than once.
	List bool

	set func(*Options, []string) error
}

// Settings returns all of them, in the order of a help text.
func Settings() []Setting {
	return slices.Concat(placeSettings(), sourceSettings(), accessSettings(), eventSettings())
}

func placeSettings() []Setting {
	return []Setting{
		{
			Key: "listen", Value: "ADDRESS", Default: "127.0.0.1:8080", set: setListen,
			Usage: "where to listen: ip:port, or :port for all addresses; any but a loopback address wants --keys or --logins",
		},
		{
			Key: "state", Value: "DIR", Default: "lilo in the user's state directory", set: one(func(o *Options) *string { return &o.State }),
			Usage: "where channels, inputs and the certificate are kept",
		},
		{
			Key: "max-channels", Value: "N", Default: strconv.Itoa(DefaultMaxChannels), set: setMaxChannels,
			Usage: "how many channels there may be",
		},
		{
			Key: "pacing", Value: "D", Default: channel.DefaultPacing.String(), set: setPacing,
			Usage: "longest train of all channels: how much of a stream may leave at once",
		},
		{
			Key: "strict", Default: "such settings become an alert", set: toggle(func(o *Options) *bool { return &o.Strict }),
			Usage: "refuse channels with settings that cannot be honoured",
		},
		{
			Key: "account", Value: "ID", Default: "000000000000", set: setAccount, Usage: "account that stands in ARNs",
		},
		{
			Key: "region", Value: "NAME", Default: "us-east-1", set: one(func(o *Options) *string { return &o.Region }),
			Usage: "region that stands in ARNs",
		},
	}
}

func sourceSettings() []Setting {
	return []Setting{
		{
			Key: "allow-files", Value: "DIR", List: true, Default: "no file may be", set: setFolders,
			Usage: "folder whose files may be sources, repeatable",
		},
		{
			Key: "allow-host", Value: "HOST", List: true, Default: "all may be", set: many(func(o *Options) *[]string { return &o.AllowHosts }),
			Usage: "host (*.example.com for all below) or S3 bucket that sources may lie on, repeatable",
		},
		{
			Key: "allow-private", Default: "only when anybody on this machine, and nobody else, may ask", set: toggle(func(o *Options) *bool { return &o.AllowPrivate }),
			Usage: "allow sources at addresses of this machine and of private networks",
		},
	}
}

func accessSettings() []Setting {
	return []Setting{
		{
			Key: "keys", Value: "FILE", Default: "none", set: one(func(o *Options) *string { return &o.Keys }),
			Usage: "key pairs of the API's callers, in the form of AWS's credentials file: lilo serve add-key",
		},
		{
			Key: "logins", Value: "FILE", Default: "none", set: one(func(o *Options) *string { return &o.Logins }),
			Usage: "people who may use the console: lilo serve add-login",
		},
		{
			Key: "tls-cert", Value: "FILE", Default: "no TLS", set: one(func(o *Options) *string { return &o.TLSCert }),
			Usage: "certificate of the server with its chain, PEM",
		},
		{
			Key: "tls-key", Value: "FILE", Default: "none", set: one(func(o *Options) *string { return &o.TLSKey }),
			Usage: "its private key, PEM",
		},
		{
			Key: "tls-self", Default: "no", set: toggle(func(o *Options) *bool { return &o.TLSSelf }),
			Usage: "make a certificate, and keep it in the state directory",
		},
		{
			Key: "server-name", Value: "HOST", List: true, Default: "localhost and the address", set: many(func(o *Options) *[]string { return &o.Names }),
			Usage: "name that clients know this server by, repeatable",
		},
		{
			Key: "public-hls", Default: "no", set: toggle(func(o *Options) *bool { return &o.PublicHLS }),
			Usage: "let everybody, and pages of other servers, play the channels under /hls/",
		},
	}
}

func eventSettings() []Setting {
	return []Setting{
		{
			Key: "webhook", Value: "URL", Default: "none", set: setURL(func(o *Options) *string { return &o.Webhook }),
			Usage: "where state changes and alerts are posted, in the form of EventBridge",
		},
		{
			Key: "eventbridge-endpoint", Value: "URL", Default: "none", set: setURL(func(o *Options) *string { return &o.EventBridge }),
			Usage: "endpoint of EventBridge, or of an emulator, that they are put on",
		},
		{
			Key: "events-log", Default: "no", set: toggle(func(o *Options) *bool { return &o.EventsLog }),
			Usage: "write them to the log",
		},
	}
}

// Set gives the setting of that key its values, of which all but a list have
// one. Faults are of kind Usage and do not name the key.
func (o *Options) Set(key string, values ...string) error {
	all := Settings()
	i := slices.IndexFunc(all, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return fault.New(fault.Usage, "it is not known")
	}
	if len(values) != 1 && !all[i].List {
		return fault.New(fault.Usage, "it takes one value, not %d", len(values))
	}
	if slices.Contains(values, "") {
		return fault.New(fault.Usage, "the value is missing")
	}
	return all[i].set(o, values)
}

func one(field func(*Options) *string) func(*Options, []string) error {
	return func(o *Options, values []string) error {
		*field(o) = values[0]
		return nil
	}
}

func many(field func(*Options) *[]string) func(*Options, []string) error {
	return func(o *Options, values []string) error {
		for _, v := range values {
			if strings.ContainsAny(v, "/: \t") {
				return fault.New(fault.Usage, "%q is no host: write a name or an address alone", v)
			}
		}
		*field(o) = values
		return nil
	}
}

func toggle(field func(*Options) *bool) func(*Options, []string) error {
	return func(o *Options, values []string) error {
		switch values[0] {
		case "true", "yes", "on":
			*field(o) = true
		case "false", "no", "off":
			*field(o) = false
		default:
			return fault.New(fault.Usage, "%q is neither true nor false", values[0])
		}
		return nil
	}
}

func setListen(o *Options, values []string) error {
	host, port, err := net.SplitHostPort(values[0])
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		return fault.New(fault.Usage, "%q is no address to listen on: write 127.0.0.1:8080, [::1]:8080 or :8080", values[0])
	}
	if host != "" && host != "localhost" {
		if _, err := netip.ParseAddr(host); err != nil {
			return fault.New(fault.Usage, "%q is not an IP address: write one of this machine's, or none for all of them", host)
		}
	}
	o.Listen = values[0]
	return nil
}

func setMaxChannels(o *Options, values []string) error {
	n, err := strconv.Atoi(values[0])
	if err != nil || n < 1 || n > 100_000 {
		return fault.New(fault.Usage, "%q is not a number from 1 to 100000", values[0])
	}
	o.MaxChannels = n
	return nil
}

func setPacing(o *Options, values []string) error {
	var s channel.Spec
	if err := s.Set("pacing", values...); err != nil {
		return err
	}
	o.Pacing = s.Pacing
	return nil
}

func setAccount(o *Options, values []string) error {
	if len(values[0]) != 12 || strings.Trim(values[0], "0123456789") != "" {
		return fault.New(fault.Usage, "%q is no account: it has twelve digits", values[0])
	}
	o.Account = values[0]
	return nil
}

func setFolders(o *Options, values []string) error {
	folders := make([]string, len(values))
	for i, v := range values {
		path, err := filepath.Abs(v)
		if err != nil {
			return fault.New(fault.Usage, "%s: %w", v, err)
		}
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			return fault.New(fault.Usage, "%s is not a folder that is there", v)
		}
		folders[i] = path
	}
	o.AllowFiles = folders
	return nil
}

func setURL(field func(*Options) *string) func(*Options, []string) error {
	return func(o *Options, values []string) error {
		u, err := url.Parse(values[0])
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fault.New(fault.Usage, "that is not a URL: write http://host/path or https://host/path") // It may hold a secret.
		}
		*field(o) = values[0]
		return nil
	}
}

// Check refuses settings that do not go together. Faults are of kind Usage.
func (o *Options) Check() error {
	switch {
	case o.State == "":
		return fault.New(fault.Usage, "no state directory is known: name one with --state")
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

// loopback tells whether only this machine can reach the listener.
func (o *Options) loopback() bool {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// open tells whether everybody who reaches the server may do everything: all
// on this machine, where there are no credentials.
func (o *Options) open() bool { return o.loopback() && o.Keys == "" && o.Logins == "" }
