// Package channel is the channel spec: the one vocabulary that flags, YAML,
// the API and AWS share, with its defaults and its validation.
//
// A [Spec] starts as [Default], takes what a YAML file ([Spec.Read]), for a
// deployment the environment ([Spec.ReadEnv]), and flags ([Spec.Set]) say, in
// this order, and ends with [Spec.Complete].
package channel

import "time"

// Spec defines one channel.
type Spec struct {
	// Source is a path or a URL; empty means the bundled clip.
	Source string
	// Name is the service name in the SDT and the label of metrics and logs.
	Name string
	// To lists the destinations.
	To []Destination
	// MuxRate is the constant rate of the transport stream in bit/s, 0 for the smallest possible.
	MuxRate int64
	// Epoch is the instant at which lap 0 begins; the zero Time means now.
	Epoch time.Time
	// Pacing is how much of the stream may leave at once, 1 ms or more.
	Pacing time.Duration
	// For is how long to play; 0 means for ever.
	For time.Duration
	// Encode says how the source is encoded first; nil plays it as it is.
	Encode *Encode
	// M2TS is how the transport stream is laid out.
	M2TS M2TS
	// AWS is what a deployment needs besides.
	AWS AWS
}

// DefaultPacing is the longest train of a channel that does not say.
const DefaultPacing = 8 * time.Millisecond

// BundledName is the name of a channel that plays the bundled clip.
const BundledName = "LILO"

// Default returns the spec of a channel of which nothing was said yet.
func Default() Spec { return Spec{Pacing: DefaultPacing, AWS: DefaultAWS()} }

// Complete returns the spec with everything filled in that was left out, once
// it is valid: the name from the source, one destination on this machine.
func (s Spec) Complete() (Spec, error) {
	if s.Name == "" {
		s.Name = nameOf(s.Source)
	}
	if len(s.To) == 0 {
		s.To = []Destination{{Scheme: "rtp", Host: "127.0.0.1", Port: 5000, Packets: MaxPackets}}
	}
	return s, s.Validate()
}
