package medialive

import (
	"net/url"
	"path/filepath"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// InputRequest returns what creates the MP4_FILE input of a spec on AWS: one source
// for each pipeline, both of the same file. Faults are of kind Usage.
func InputRequest(s channel.Spec) (*sdk.CreateInputInput, error) {
	location, err := sourceOnAWS(s.Source)
	if err != nil {
		return nil, fault.New(fault.Usage, "source: %w", err)
	}
	return inputAt(s, location), nil
}

// LocalInputRequest returns what creates the input of a spec at `lilo serve`, which
// takes a file of this machine as file:///path as well.
func LocalInputRequest(s channel.Spec) (*sdk.CreateInputInput, error) {
	if strings.Contains(s.Source, "://") {
		return inputAt(s, secured(s.Source)), nil
	}
	if s.Source == "" {
		return nil, fault.New(fault.Usage, "source: it is missing: give a path or an https:// or s3:// URL")
	}
	path, err := filepath.Abs(s.Source)
	if err != nil {
		return nil, fault.New(fault.Usage, "source: %w", err)
	}
	return inputAt(s, (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()), nil
}

// inputAt returns the input of a spec whose file is at that URL.
func inputAt(s channel.Spec, location string) *sdk.CreateInputInput {
	in := &sdk.CreateInputInput{
		Name:    new(Name(s)),
		Type:    types.InputTypeMp4File,
		Sources: []types.InputSourceRequest{{Url: new(location)}},
		Tags:    tags(s),
	}
	if s.AWS.Standard {
		in.Sources = append(in.Sources, types.InputSourceRequest{Url: new(location)})
	}
	return in
}

// Name returns what the input and the channel of a spec are called: the
// deployment's prefix and the channel's own name.
func Name(s channel.Spec) string {
	if s.Name == "" {
		return s.AWS.Prefix()
	}
	return s.AWS.Prefix() + "-" + s.Name
}

// Tags that say which deployment something belongs to.
const (
	TagStack    = "StackName"
	TagCustomer = "CustomerName"
	TagProject  = "ProjectName"
)

func tags(s channel.Spec) map[string]string {
	a := s.AWS.Filled()
	return map[string]string{TagStack: a.Stack, TagCustomer: a.Customer, TagProject: a.Project}
}

// sourceOnAWS returns where MediaLive reads a source.
func sourceOnAWS(source string) (string, error) {
	scheme, rest, isURL := strings.Cut(source, "://")
	switch {
	case source == "":
		return "", fault.New(fault.Usage, "it is missing: MediaLive has no bundled clip, give s3://bucket/key.mp4 or an https:// URL")
	case !isURL || scheme == "file":
		return "", fault.New(fault.Usage, "%q lies on this machine, where MediaLive cannot read it: upload it and give s3://bucket/key.mp4", source)
	case scheme == "http":
		return "", fault.New(fault.Usage, "%q is not encrypted, which MediaLive is not given: write https://%s", source, rest)
	case scheme == "https":
		return source, nil
	case scheme != "s3" && scheme != "s3ssl":
		return "", fault.New(fault.Usage, "%q is nothing MediaLive reads: give s3://bucket/key.mp4 or an https:// URL", source)
	}
	bucket, key, _ := strings.Cut(rest, "/")
	switch {
	case bucket == "" || key == "" || strings.HasSuffix(key, "/"):
		return "", fault.New(fault.Usage, "%q names no object: write s3://bucket/key.mp4", source)
	case strings.Contains(bucket, "."):
		return "", fault.New(fault.Usage,
			"the bucket %s has a dot in its name, which MediaLive does not take: copy the file into one without", bucket)
	}
	return secured(source), nil
}

// secured writes s3:// as MediaLive does.
func secured(source string) string {
	if rest, ok := strings.CutPrefix(source, "s3://"); ok {
		return "s3ssl://" + rest
	}
	return source
}
