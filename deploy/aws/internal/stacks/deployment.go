package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/lilo-live/lilo/deploy/aws/internal/asset"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// Options are the settings of a deployment besides the channel.
type Options struct {
	Account    string      // the id of the AWS account, empty for that of the deploying identity
	AlarmTopic string      // the ARN of an SNS topic for alarms, empty for none
	SourceKey  string      // the ARN of the KMS key that encrypts the source's object, empty for none
	Retain     bool        // keep the bucket and the file in it when the deployment is deleted
	Functions  asset.File  // the zip of the functions
	File       *asset.File // the source if it is a local file, nil for a URL
}

// deployment builds the four stacks.
type deployment struct {
	spec    channel.Spec
	options Options
	names   names
	// name is that of the core stack.
	name      string
	core      awscdk.Stack
	documents documents
	// file is the source that is uploaded, nil for a URL.
	file *asset.File
	// code and uploaded are where the CDK uploads the functions and the source to.
	code, uploaded s3Object
	bucket         awscdk.CfnResource
	// logs are the log groups of the functions.
	logs map[string]awscdk.CfnResource
}

// serviceTimeout is how many seconds CloudFormation waits for a custom resource: a
// little longer than lifecycle.Timeout.
const serviceTimeout = 1800

// New adds the stacks of a channel to an app. The spec must be complete. Faults
// are of kind Usage.
func New(app awscdk.App, spec channel.Spec, options Options) error {
	spec.AWS = spec.AWS.Filled()
	if options.SourceKey != "" && options.File != nil {
		return fault.New(fault.Usage, "sourceKey: the source is uploaded to the deployment's own bucket, which needs no key: leave it out")
	}
	docs, err := documentsOf(spec, options.File)
	if err != nil {
		return err
	}
	d := &deployment{
		spec: spec, options: options, names: namesOf(spec.AWS), name: spec.AWS.Prefix(),
		documents: docs, file: options.File, logs: make(map[string]awscdk.CfnResource),
	}
	env := &awscdk.Environment{Region: &spec.AWS.Region}
	if options.Account != "" {
		env.Account = &options.Account
	}
	d.core = awscdk.NewStack(app, &d.name, &awscdk.StackProps{
		StackName: &d.name, Description: jsii.String("LILO: the live channel " + spec.Name), Tags: d.stackTags(),
		Env: env,
	})
	return d.build()
}

func (d *deployment) stackTags() *map[string]*string {
	all := make(map[string]*string, len(d.documents.tags))
	for key, value := range d.documents.tags {
		all[key] = &value
	}
	return &all
}

// nested adds a nested stack.
func (d *deployment) nested(id, text string) awscdk.NestedStack {
	return awscdk.NewNestedStack(d.core, &id, &awscdk.NestedStackProps{Description: jsii.String("LILO: " + text + " of " + d.name)})
}

// s3Object is where the CDK uploads a file to.
type s3Object struct{ bucket, key string }

func (o s3Object) arn() props { return fnJoin("arn:", partition(), ":s3:::", o.bucket, "/", o.key) }

// upload makes the CDK upload a file before it deploys.
func (d *deployment) upload(f asset.File, name string) s3Object {
	at := d.core.Synthesizer().AddFileAsset(&awscdk.FileAssetSource{
		SourceHash: &f.Hash, FileName: &f.Path, Packaging: awscdk.FileAssetPackaging_FILE, DisplayName: &name,
	})
	return s3Object{*at.BucketName, *at.ObjectKey}
}
