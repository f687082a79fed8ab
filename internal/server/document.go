package server

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/record"
)

// Tags of what the server creates itself.
const (
	// tagConfig marks what the configuration file asks for. Its value is the
	// digest of what the file said.
	tagConfig = "lilo:config"
	// tagOwn marks an input that was created with its channel, and goes with it.
	tagOwn = "lilo:own"
)

// document is what creates a channel: its input, and itself, which still has
// to be told the input's id.
type document struct {
	input   *sdk.CreateInputInput
	channel *sdk.CreateChannelInput
}

// documentOf returns what creates the channel of a spec; clip is where the
// bundled clip lies, which plays without a source. The channel is called what
// the spec is, and not after a deployment. Faults are of kind Usage.
func documentOf(s channel.Spec, clip string) (*document, error) {
	s.Source = cmp.Or(s.Source, clip)
	in, err := medialive.LocalInputRequest(s)
	if err != nil {
		return nil, err
	}
	ch, err := medialive.LocalChannelRequest(s, "")
	if err != nil {
		return nil, err
	}
	in.Name, ch.Name = &s.Name, &s.Name
	in.Tags, ch.Tags = map[string]string{tagOwn: "true"}, map[string]string{}
	if !s.Epoch.IsZero() {
		ch.Tags[record.TagEpoch] = channel.FormatEpoch(s.Epoch)
	}
	if s.Pacing != 0 && s.Pacing != channel.DefaultPacing {
		ch.Tags[record.TagPacing] = s.Pacing.String()
	}
	return &document{in, ch}, nil
}

// mark tags the document as what the configuration file asks for.
func (d *document) mark() error {
	digest, err := d.digest()
	if err != nil {
		return err
	}
	d.input.Tags[tagConfig], d.channel.Tags[tagConfig] = digest, digest
	return nil
}

// digest tells documents apart that ask for different things.
func (d *document) digest() (string, error) {
	sum := sha256.New()
	for _, part := range []any{d.input, d.channel} {
		text, err := medialive.Marshal(part)
		if err != nil {
			return "", err
		}
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// named gives the document the id of its input.
func (d *document) named(input string) {
	for i := range d.channel.InputAttachments {
		d.channel.InputAttachments[i].InputId = &input
	}
}
