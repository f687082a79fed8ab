package channel

import (
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// Setting is one thing that can be said of a channel: a key of its YAML and,
// but for the source, a flag of the same name.
type Setting struct {
	// Key is what the setting is called.
	Key string
	// Value names the value in a help text: "URL", "RATE".
	Value string
	// Usage says in one line what it is for.
	Usage string
	// Default says what holds when it is left out.
	Default string
	// List says that it can be given more than once.
	List bool
	// Switch says that it is true or false: its flag needs no value.
	Switch bool

	set func(*Spec, []string) error
}

// Settings returns all of them, in the order of a help text.
func Settings() []Setting {
	return []Setting{
		{
			Key: "source", Value: "SOURCE", Usage: "the MP4 to play: a path or an https://, http://, s3:// or s3ssl:// URL", Default: "the bundled clip",
			set: text(func(s *Spec) *string { return &s.Source }),
		},
		{
			Key: "to", Value: "URL", List: true, Default: "rtp://127.0.0.1:5000", set: setTo,
			Usage: "destination, repeatable: " + URLForms("ip:port") + ", with ?ttl=&iface=&pkt=",
		},
		{
			Key: "muxrate", Value: "RATE", Default: "auto",
			Usage: "constant rate of the transport stream: 6M, 6500k, 6000000, or auto for the smallest possible",
			set:   value(ParseRate, func(s *Spec) *int64 { return &s.MuxRate }),
		},
		{
			Key: "epoch", Value: "WHEN", Default: "now",
			Usage: "when lap 0 begins: now, unix (1970), or an instant of RFC 3339",
			set:   value(ParseEpoch, func(s *Spec) *time.Time { return &s.Epoch }),
		},
		{
			Key: "pacing", Value: "D", Usage: "longest train: how much of the stream may leave at once",
			Default: DefaultPacing.String(),
			set:     value(parsePacing, func(s *Spec) *time.Duration { return &s.Pacing }),
		},
		{
			Key: "for", Value: "D", Usage: "how long to play", Default: "for ever",
			set: value(parseFor, func(s *Spec) *time.Duration { return &s.For }),
		},
		{
			Key: "name", Value: "NAME", Usage: "service name in the SDT, and label of the channel",
			Default: "the file's name", set: setName,
		},
		{
			Key: "encode", Value: "HOW", Default: "play it as it is", set: setEncode,
			Usage: "encode the source once, then loop that: avc, hevc, mpeg2 or lilo, and settings: avc,bitrate=5M,audio.codec=AC3",
		},
		{
			Key: "m2ts", Value: "HOW", Default: "MediaLive's", set: setM2TS,
			Usage: "layout of the transport stream: pmtPid=480,videoPid=481,audioPids=482,490,programNum=1,pcrPeriod=35ms",
		},
	}
}

// Set gives the setting of that key, one of Settings or of DeploySettings, its
// values, of which all but a list have one. Faults are of kind Usage and do not
// name the key.
func (s *Spec) Set(key string, values ...string) error {
	all := append(Settings(), DeploySettings()...)
	i := slices.IndexFunc(all, func(each Setting) bool { return each.Key == key })
	if i < 0 {
		return fault.New(fault.Usage, "it is not known")
	}
	if len(values) != 1 && !all[i].List && key != "encode" {
		return fault.New(fault.Usage, "it takes one value, not %d", len(values))
	}
	return all[i].set(s, values)
}

// text returns what sets a field that any text fits.
func text(field func(*Spec) *string) func(*Spec, []string) error {
	return func(s *Spec, values []string) error {
		*field(s) = values[0]
		return nil
	}
}

// value returns what parses a text and sets a field to it.
func value[T any](parse func(string) (T, error), field func(*Spec) *T) func(*Spec, []string) error {
	return func(s *Spec, values []string) error {
		v, err := parse(values[0])
		if err == nil {
			*field(s) = v
		}
		return err
	}
}

func setTo(s *Spec, values []string) error {
	to := make([]Destination, 0, len(values))
	for _, v := range values {
		d, err := ParseDestination(v)
		if err != nil {
			return err
		}
		to = append(to, d)
	}
	s.To = to
	return checkTo(to)
}

func setName(s *Spec, values []string) error {
	s.Name = values[0]
	if s.Name == "" {
		return fault.New(fault.Usage, "a name is not empty")
	}
	return checkName(s.Name)
}

// setEncode takes what the flag says as one text, and a mapping of the YAML as
// one text for each key.
func setEncode(s *Spec, values []string) error {
	if len(values) == 1 {
		values = strings.Split(values[0], ",")
	}
	e, err := ParseEncode(values...)
	if err == nil {
		s.Encode = &e
	}
	return err
}

func parsePacing(text string) (time.Duration, error) {
	d, err := ParseDuration(text)
	if err != nil {
		return 0, err
	}
	return d, checkPacing(d)
}

func parseFor(text string) (time.Duration, error) {
	d, err := ParseDuration(text)
	if err == nil && d == 0 {
		err = fault.New(fault.Usage, "%q plays nothing: leave it out to play for ever", text)
	}
	return d, err
}
