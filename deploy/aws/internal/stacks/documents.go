package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/deploy/aws/internal/asset"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/medialive"
)

// documents are MediaLive's, of a spec.
type documents struct {
	create *sdk.CreateInputInput
	spec   channel.Spec
	key    string
	tags   map[string]string
	// settings changes whenever input or channel do.
	settings string
}

// Stand-ins for what is known when CloudFormation works.
const (
	bucketStandIn = "lilo-bucket"
	inputStandIn  = "input"
	roleStandIn   = "role"
)

// documentsOf makes them. A file of this machine is read from the deployment's bucket.
func documentsOf(spec channel.Spec, file *asset.File) (documents, error) {
	d := documents{spec: spec}
	if file != nil {
		d.key = keyOf(*file)
		d.spec.Source = "s3ssl://" + bucketStandIn + "/" + d.key
	}
	var err error
	if d.create, err = medialive.InputOf(d.spec); err != nil {
		return documents{}, err
	}
	d.tags = d.create.Tags
	c, err := medialive.ChannelOf(d.spec, inputStandIn, roleStandIn)
	if err != nil {
		return documents{}, err
	}
	d.settings, err = digest(d.create, c)
	return d, err
}

// keyOf is the key of a file in the bucket: another for other content.
func keyOf(f asset.File) string { return "source/" + f.Hash + ".mp4" }

func (d *deployment) objectKey() string { return keyOf(*d.file) }

// digest is a short text that differs where the documents do.
func digest(all ...any) (string, error) {
	h := sha256.New()
	for _, each := range all {
		text, err := medialive.Marshal(each)
		if err != nil {
			return "", fault.New(fault.Internal, "the document of the channel: %w", err)
		}
		fmt.Fprintf(h, "%d\n%s\n", len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// input returns the properties of the input.
func (d documents) input(of *deployment) (props, error) {
	p, err := properties(d.create)
	if err != nil || of.file == nil {
		return p, err
	}
	for _, each := range p["Sources"].(list) {
		source := each.(props)
		url, _ := source["Url"].(string)
		source["Url"] = strings.Replace(url, "//"+bucketStandIn+"/", "//"+ref(of.bucket)+"/", 1)
	}
	return p, nil
}

// channel returns the properties of the channel with that input and role.
func (d documents) channel(input, role string) (props, error) {
	c, err := medialive.ChannelOf(d.spec, input, role)
	if err != nil {
		return nil, err
	}
	return properties(c)
}

// properties writes a document of MediaLive as CloudFormation has it: the same
// members with a capital first letter. Tags are added with those of all others.
func properties(document any) (props, error) {
	text, err := medialive.Marshal(document)
	if err != nil {
		return nil, fault.New(fault.Internal, "the document of the channel: %w", err)
	}
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, fault.New(fault.Internal, "the document of the channel: %w", err)
	}
	delete(v, "tags")
	delete(v, "requestId")
	return capital(v).(props), nil
}

// capital gives all members a capital first letter.
func capital(v any) any {
	switch v := v.(type) {
	case map[string]any:
		all := make(props, len(v))
		for name, member := range v {
			r, n := utf8.DecodeRuneInString(name)
			all[string(unicode.ToUpper(r))+name[n:]] = capital(member)
		}
		return all
	case []any:
		all := make(list, len(v))
		for i, item := range v {
			all[i] = capital(item)
		}
		return all
	}
	return v
}
