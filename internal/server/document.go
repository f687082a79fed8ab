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

// Tags of the resources that the server itself creates.
const (
	// tagConfig marks channels and inputs that the configuration declares. Its
	// value is the digest of the declaration.
	tagConfig = "lilo:config"
	// tagOwn marks an input that is created and deleted with its channel.
	tagOwn = "lilo:own"
)

// document has the requests that create a channel and its input. The channel's
// lacks the id of the input until named gives it.
type document struct {
	input   *sdk.CreateInputInput
	channel *sdk.CreateChannelInput
}

// documentOf returns the document of a spec; clip is the path of the bundled
// clip, the source of a spec without one. The channel has the name of the spec,
// and not of a deployment. Faults are of kind Usage.
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
	if s.Tolerance != 0 && s.Tolerance != channel.DefaultTolerance {
		ch.Tags[record.TagTolerance] = s.Tolerance.String()
	}
	return &document{in, ch}, nil
}

// mark tags the document as declared by the configuration.
func (d *document) mark() error {
	digest, err := d.digest()
	if err != nil {
		return err
	}
	d.input.Tags[tagConfig], d.channel.Tags[tagConfig] = digest, digest
	// Servers that share a configuration create each channel once.
	token := "lilo-config-" + digest
	d.input.RequestId, d.channel.RequestId = &token, &token
	return nil
}

// digest differs where documents differ. Tags of stored channels hold it.
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

// named sets the id of the input.
func (d *document) named(input string) {
	for i := range d.channel.InputAttachments {
		d.channel.InputAttachments[i].InputId = &input
	}
}
