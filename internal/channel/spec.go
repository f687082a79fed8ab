package channel

import (
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/setting"
)

// Spec defines one channel.
type Spec struct {
	Source   string        // a path or a URL; empty means the bundled clip
	Clipping Clipping      // the part of the source that is played; only schedules set it
	Login    Login         // who reads the source; only inputs of MediaLive's API set it
	Name     string        // the service name in the SDT, and the label of metrics and logs
	To       []Destination // where the stream is sent
	MuxRate  int64         // the constant rate of the transport stream in bit/s, 0 for the smallest possible
	Epoch    time.Time     // the instant at which lap 0 begins; the zero Time means now
	Pacing   time.Duration // how much of the stream may leave at once, MinPacing to MaxPacing
	// Tolerance is how late a datagram may leave; later ones are skipped. 0 means DefaultTolerance.
	Tolerance time.Duration
	For       time.Duration // how long to play; 0 means for ever
	FEC       *FEC          // protects what is sent over RTP; nil sends none
	KeepES    bool          // send the elementary streams of the source as they are
	Encode    *Encode       // how the source is encoded first; nil plays it as it is
	M2TS      m2ts.Layout   // the layout of the transport stream
	AWS       AWS           // the settings of a deployment
}

// DefaultPacing is the longest train of a channel that does not say.
const DefaultPacing = 8 * time.Millisecond

// DefaultTolerance is how late a datagram of a channel that does not say may leave: what the buffers
// of receivers hold. That of GStreamer (rtpjitterbuffer) is as long, that of VLC a second.
const DefaultTolerance = 200 * time.Millisecond

// MaxTolerance bounds the tolerance. What leaves at once after a stall must fit in buffers on the way.
const MaxTolerance = 5 * time.Second

// Bounds of the pacing. Below the first a train is less than a datagram at
// most rates; above the second a receiver's buffer has little hope.
const (
	MinPacing = time.Millisecond
	MaxPacing = time.Second
)

// BundledName is the name of a channel that plays the bundled clip.
const BundledName = "LILO"

// Default returns the spec that flags, YAML and environment change.
func Default() Spec {
	return Spec{Pacing: DefaultPacing, Tolerance: DefaultTolerance, AWS: DefaultAWS()}
}

// Settings returns the settings of a channel wherever it plays, in the order
// of a help text: keys of its YAML and, but for the source, flags of the same name.
func Settings() []setting.Field[Spec] {
	type row = setting.Row
	return []setting.Field[Spec]{
		setting.Of(row{Key: "source", Usage: "the MP4 to play: a path or an https://, http://, s3:// or s3ssl:// URL", Default: "the bundled clip", Example: "movie.mp4"},
			sourceName(), func(s *Spec) *string { return &s.Source }),
		setting.ListOf(row{Key: "to", Usage: "destination, repeatable, or several with commas between: " + destination().Values, Default: "rtp://127.0.0.1:5000", OnAWS: "none: it is needed"},
			destination(), checkTo, func(s *Spec) *[]Destination { return &s.To }),
		setting.Of(row{Key: "muxrate", Usage: "constant rate of the transport stream: 6M, 6500k, 6000000, or auto for the smallest possible", Default: "auto"},
			muxRate(), func(s *Spec) *int64 { return &s.MuxRate }),
		setting.Of(row{Key: "epoch", Usage: "when lap 0 begins: now, unix (1970), or an instant of RFC 3339", Default: "now", Local: true},
			epoch(), func(s *Spec) *time.Time { return &s.Epoch }),
		setting.Of(row{Key: "pacing", Usage: "longest train: how much of the stream may leave at once", Default: DefaultPacing.String(), Local: true},
			Pacing(), func(s *Spec) *time.Duration { return &s.Pacing }),
		setting.Of(row{Key: "tolerance", Usage: "how late a datagram may leave, when the machine is busy; later ones are skipped", Default: DefaultTolerance.String(), Local: true},
			setting.Duration(0, MaxTolerance), func(s *Spec) *time.Duration { return &s.Tolerance }),
		setting.Of(row{Key: "for", Usage: "how long to play", Default: "for ever", Example: "1h30m", Local: true},
			playingTime(), func(s *Spec) *time.Duration { return &s.For }),
		setting.Of(row{Key: "name", Usage: "service name in the SDT, and label of the channel", Default: "the file's name", Example: "News"},
			setting.Name(MaxName), func(s *Spec) *string { return &s.Name }),
		setting.InOptional(row{Key: "fec", Default: "none", Example: "includeFec=COLUMN_AND_ROW,columnDepth=10,rowLength=10", Usage: "" +
			"forward error correction of RTP (SMPTE 2022-1): includeFec=COLUMN_AND_ROW,columnDepth=10,rowLength=10, or none"},
			fecGroup(), func(s *Spec) **FEC { return &s.FEC }),
		setting.Of(row{Key: "keep-es", Usage: "send the source's elementary streams as they are: their time codes and the encoder's messages repeat with every lap", Default: "false", Local: true},
			setting.Bool(), func(s *Spec) *bool { return &s.KeepES }),
		setting.InOptional(row{Key: "encode", Default: "play it as it is", OnAWS: "lilo: MediaLive always encodes", Example: "avc", Usage: "" +
			"encode the source once, then loop that: avc, hevc, mpeg2 or lilo, and settings: avc,bitrate=5M,audio.codec=AC3"},
			encodeGroup(), func(s *Spec) **Encode { return &s.Encode }),
		setting.InGroup(row{Key: "m2ts", Default: "MediaLive's", Example: "programNum=1,videoPid=481", Usage: "" +
			"layout of the transport stream: pmtPid=480,videoPid=481,audioPids=482,490,programNum=1,pcrPeriod=35ms"},
			setting.Group[m2ts.Layout]{Fields: m2ts.Fields(), Check: m2ts.Layout.Check}, func(s *Spec) *m2ts.Layout { return &s.M2TS }),
	}
}

// DeploySettings returns the settings of a deployment on AWS: keys of the aws
// block of the YAML, and flags.
func DeploySettings() []setting.Field[Spec] {
	return setting.Prefixed("", func(s *Spec) *AWS { return &s.AWS }, awsFields())
}

// AllSettings returns those of Settings and of DeploySettings.
func AllSettings() []setting.Field[Spec] { return slices.Concat(Settings(), DeploySettings()) }

// YAML returns the keys of a channel's YAML: Settings, and aws for DeploySettings.
func YAML() []setting.Field[Spec] {
	aws := setting.Row{Key: "aws", Usage: "settings of a deployment on AWS; lilo run ignores them"}
	return append(Settings(), setting.Section(aws, DeploySettings()))
}

// Set gives the setting of that key, one of AllSettings, its values, of which
// all but a list have one. Faults are of kind Usage and do not name the key.
func (s *Spec) Set(key string, values ...string) error {
	f, err := setting.Find(AllSettings(), key)
	if err != nil {
		return err
	}
	return f.Set(s, values...)
}

// Read gives the spec what a YAML document says. Unknown keys, keys given
// twice and a second document are refused. Faults are of kind Usage and begin
// with the line.
func (s *Spec) Read(r io.Reader) error { return setting.ReadYAML(r, YAML(), s) }

// ReadEnv gives the spec what the environment says: LILO_REGION, LILO_SOURCE,
// LILO_TO, … An empty variable is ignored; spaces separate the URLs of
// LILO_TO. Faults are of kind Usage and begin with the variable.
func (s *Spec) ReadEnv(get func(string) string) error { return setting.ReadEnv(AllSettings(), s, get) }

// Complete returns the spec with everything filled in that was left out, once
// it is valid: the name from the source, one destination on this machine.
func (s Spec) Complete() (Spec, error) {
	if s.Name == "" {
		s.Name = nameOf(s.Source)
	}
	if len(s.To) == 0 {
		s.To = []Destination{{Scheme: "rtp", Host: "127.0.0.1", Port: 5000}}
	}
	return s, s.Validate()
}

// validated is what Validate checks, built by its first call: a server validates each document
// several times.
var validated = sync.OnceValue(YAML) //nolint:gochecknoglobals // It never changes.

// Validate reports the first setting whose value is out of bounds or does not
// fit the others, by its key. Faults are of kind Usage.
func (s Spec) Validate() error {
	if err := setting.Check(validated(), &s); err != nil {
		return err
	}
	for _, d := range s.To {
		if err := d.Check(s.FEC); err != nil {
			return fault.New(fault.Usage, "to: %s: %w", d, err)
		}
	}
	if err := s.AWS.check(); err != nil {
		return err
	}
	return s.checkFEC()
}

// sourceName is a source as package source opens it: the URL of a file becomes its path.
func sourceName() setting.Kind[string] {
	k := setting.String("SOURCE", nil)
	k.Parse = func(text string) (string, error) {
		if !strings.HasPrefix(strings.ToLower(text), "file://") {
			return text, nil
		}
		return FilePath(text)
	}
	return k
}

// FilePath returns the path of a file:///path URL (RFC 8089). Faults are of kind Usage.
func FilePath(location string) (string, error) {
	u, err := url.Parse(location)
	if err != nil || u.Host != "" && u.Host != "localhost" || !strings.HasPrefix(u.Path, "/") || u.RawQuery != "" || u.Fragment != "" {
		return "", fault.New(fault.Usage, "%q names no file: write file:///absolute/path.mp4", location)
	}
	return u.Path, nil
}

// Pacing is the length of the longest train.
func Pacing() setting.Kind[time.Duration] {
	k := setting.Duration(MinPacing, MaxPacing)
	k.Zero = true // 0 is no train, and not left out.
	return k
}

// playingTime is how long to play: 0 would play nothing.
func playingTime() setting.Kind[time.Duration] {
	k := setting.Duration(0, 1<<63-1)
	k.Values, k.Check = "a length of time", func(d time.Duration) error {
		switch {
		case d < 0:
			return fault.New(fault.Usage, "%s is negative", d)
		case d == 0:
			return fault.New(fault.Usage, "%q plays nothing: leave it out to play for ever", "0s")
		}
		return nil
	}
	return k
}

func destination() setting.Kind[Destination] {
	schemes := SchemeNames()
	either := func(words []string) string { return "(" + strings.Join(words, "|") + ")" }
	options := setting.Keys(DestinationOptions())
	return setting.Kind[Destination]{
		Value: "URL", Values: DestinationSyntax("ip:port") + ", with ?" + strings.Join(options, "=&") + "=",
		Schema: setting.Schema{
			"type":    "string",
			"pattern": "^(" + either(schemes) + `://[^@/#?\s]+:[0-9]{1,5}/?(\?(` + either(slices.Sorted(slices.Values(options))) + `=[^&,]+(&|,|$))+)?,?)+$`,
		},
		Separator: ",", Parse: ParseDestination, Format: Destination.String,
	}
}

// checkTo reports the same target given twice: its receiver would see every packet
// twice, which is an error of the stream. A group on two interfaces is two targets.
func checkTo(to []Destination) error {
	seen := make(map[string]bool, len(to))
	for _, d := range to {
		if d.Packets < 0 || d.Packets > MaxPackets || d.Port < 1 || d.Host == "" {
			return fault.New(fault.Usage, "%q is incomplete", d)
		}
		target := d.TargetAddress()
		if seen[target] {
			return fault.New(fault.Usage, "%s is given twice", target)
		}
		seen[target] = true
	}
	return nil
}
