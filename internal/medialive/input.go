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

// InputRequest returns the request that creates the MP4_FILE input of a spec on
// AWS, with the same file as the source of each pipeline. Faults are of kind Usage.
func InputRequest(s channel.Spec) (*sdk.CreateInputInput, error) {
	location, err := sourceOnAWS(s.Source)
	if err != nil {
		return nil, fault.New(fault.Usage, "source: %w", err)
	}
	return inputAt(s, location), nil
}

// LocalInputRequest returns the request that creates the input of a spec at lilo
// serve, which takes a file of this machine as file:///path too.
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

// inputAt returns the input of a spec whose file is at the URL.
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

// Name returns the name of a spec's input and channel: the deployment's prefix
// and the channel's own name.
func Name(s channel.Spec) string {
	if s.Name == "" {
		return s.AWS.Prefix()
	}
	return s.AWS.Prefix() + "-" + s.Name
}

// Keys of the tags that name the deployment of a resource.
const (
	TagStack    = "StackName"
	TagCustomer = "CustomerName"
	TagProject  = "ProjectName"
)

func tags(s channel.Spec) map[string]string {
	a := s.AWS.Filled()
	return map[string]string{TagStack: a.Stack, TagCustomer: a.Customer, TagProject: a.Project}
}

// sourceOnAWS returns the URL at which MediaLive reads a source.
func sourceOnAWS(source string) (string, error) {
	scheme, rest, isURL := strings.Cut(source, "://")
	switch {
	case source == "":
		return "", fault.New(fault.Usage, "it is missing: MediaLive has no bundled clip; give s3://bucket/key.mp4 or an https:// URL")
	case !isURL || scheme == "file":
		return "", fault.New(fault.Usage, "%q is on this machine, where MediaLive cannot read it: upload it and give s3://bucket/key.mp4", source)
	case scheme == "http":
		return "", fault.New(fault.Usage, "%q is not encrypted: write https://%s", source, rest)
	case scheme == "https":
		return source, nil
	case scheme != "s3" && scheme != "s3ssl":
		return "", fault.New(fault.Usage, "MediaLive cannot read %q: give s3://bucket/key.mp4 or an https:// URL", source)
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

// secured returns s3:// URLs as MediaLive writes them, s3ssl://.
func secured(source string) string {
	if rest, ok := strings.CutPrefix(source, "s3://"); ok {
		return "s3ssl://" + rest
	}
	return source
}
