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

	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/medialive"
)

// documents are the MediaLive documents of a spec.
type documents struct {
	create *sdk.CreateInputInput
	spec   channel.Spec
	key    string
	tags   map[string]string
	// settings is a digest of the input and the channel.
	settings string
	// class is the class of the channel.
	class string
}

// Placeholders for what is known only when CloudFormation deploys.
const (
	bucketPlaceholder = "lilo-bucket"
	inputPlaceholder  = "input"
	rolePlaceholder   = "role"
)

// documentsOf returns the documents of a spec. A local file is read from the
// deployment's bucket.
func documentsOf(spec channel.Spec, file *template.File) (documents, error) {
	d := documents{spec: spec}
	if file != nil {
		d.key = keyOf(*file)
		d.spec.Source = "s3ssl://" + bucketPlaceholder + "/" + d.key
	}
	var err error
	if d.create, err = medialive.InputRequest(d.spec); err != nil {
		return documents{}, err
	}
	d.tags = d.create.Tags
	c, err := medialive.ChannelRequest(d.spec, inputPlaceholder, rolePlaceholder)
	if err != nil {
		return documents{}, err
	}
	d.class = string(c.ChannelClass)
	d.settings, err = digest(d.create, c)
	return d, err
}

// keyOf returns the key of a file in the bucket, which depends on its content.
func keyOf(f template.File) string { return "source/" + f.Hash + ".mp4" }

func (d *deployment) objectKey() string { return keyOf(*d.file) }

// digest returns a short hash of documents.
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
		source["Url"] = strings.Replace(url, "//"+bucketPlaceholder+"/", "//"+of.bucket.Ref()+"/", 1)
	}
	return p, nil
}

// channel returns the properties of the channel with that input and role.
func (d documents) channel(input, role string) (props, error) {
	c, err := medialive.ChannelRequest(d.spec, input, role)
	if err != nil {
		return nil, err
	}
	return properties(c)
}

// properties returns a MediaLive document as CloudFormation properties: the same
// members with an initial capital. Tags are added to all resources alike.
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
	return capitalize(v).(props), nil
}

// capitalize gives all members an initial capital.
func capitalize(v any) any {
	switch v := v.(type) {
	case map[string]any:
		all := make(props, len(v))
		for name, member := range v {
			r, n := utf8.DecodeRuneInString(name)
			all[string(unicode.ToUpper(r))+name[n:]] = capitalize(member)
		}
		return all
	case []any:
		all := make(list, len(v))
		for i, item := range v {
			all[i] = capitalize(item)
		}
		return all
	}
	return v
}
