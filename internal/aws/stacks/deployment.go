package stacks

import (
	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// Files are what is uploaded with a deployment.
type Files struct {
	Functions template.File  // the zip of the functions
	Source    *template.File // the source if it is a local file, nil for a URL
}

// deployment builds the four stacks.
type deployment struct {
	spec  channel.Spec
	files Files
	names names
	// name is that of the core stack.
	name      string
	core      *template.Stack
	documents documents
	// file is the source that is uploaded, nil for a URL.
	file *template.File
	// code and uploaded are the functions and the source, which are uploaded first.
	code, uploaded *template.File
	bucket         *template.Resource
	// logs are the log groups of the functions.
	logs map[string]*template.Resource
}

// serviceTimeout is how many seconds CloudFormation waits for a custom resource: a
// little longer than the Timeout of package lifecycle.
const serviceTimeout = 1800

// New returns the core stack of a channel, in which the others are nested. The spec
// must be complete. Faults are of kind Usage.
func New(spec channel.Spec, files Files) (*template.Stack, error) {
	spec.AWS = spec.AWS.Filled()
	if spec.AWS.SourceKey != "" && files.Source != nil {
		return nil, fault.New(fault.Usage, "sourceKey: the source is uploaded to the deployment's own bucket, which needs no key: leave it out")
	}
	docs, err := documentsOf(spec, files.Source)
	if err != nil {
		return nil, err
	}
	d := &deployment{
		spec: spec, files: files, names: namesOf(spec.AWS), name: spec.AWS.Prefix(),
		documents: docs, file: files.Source, logs: make(map[string]*template.Resource),
	}
	d.core = template.New(d.name, "LILO: the live channel "+spec.Name, spec.AWS.Region, docs.tags)
	return d.core, d.build()
}

// watchStarts reports whether the watch function starts the channel when it was created.
// With a schedule only on-air does, which knows whether it is time.
func (d *deployment) watchStarts() bool { return d.spec.AWS.AutoStart && d.spec.AWS.Schedule == "" }

// nested adds a nested stack.
func (d *deployment) nested(id, text string) *template.Stack {
	return d.core.Nest(id, "LILO: "+text+" of "+d.name)
}

// arnOfObject returns the ARN of an uploaded file.
func arnOfObject(f *template.File) props {
	return fnJoin("arn:", partition(), ":s3:::", f.Bucket(), "/", f.Key())
}

// upload makes a file be uploaded before the stack is deployed.
func (d *deployment) upload(f template.File, name string) *template.File {
	f.Name = name
	return d.core.Upload(f)
}
