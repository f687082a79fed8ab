package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/lilo-live/lilo/deploy/aws/internal/asset"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// Options are what a deployment knows besides the channel.
type Options struct {
	// Account is the id of the AWS account; empty leaves it to whoever deploys.
	Account string
	// AlarmTopic is the ARN of an SNS topic that alarms are sent to; empty sends none.
	AlarmTopic string
	// SourceKey is the ARN of the KMS key that the source's object is encrypted with; empty when none is.
	SourceKey string
	// Retain has the bucket and the file in it stay when the deployment is deleted.
	Retain bool
	// Functions is the zip of the functions' program.
	Functions asset.File
	// File is the source when it is a file of this machine; nil for a URL.
	File *asset.File
}

// deployment is what the four stacks are made of.
type deployment struct {
	maker
	spec    channel.Spec
	options Options
	names   names
	// name is the core stack's.
	name      string
	core      awscdk.Stack
	documents documents
	// file is the source that is uploaded, nil when it is elsewhere already.
	file *asset.File
	// code and uploaded are where the CDK puts the functions and the source.
	code, uploaded s3Object
	bucket         awscdk.CfnResource
	// logs are the log groups of the functions.
	logs map[string]awscdk.CfnResource
}

// serviceTimeout is how many seconds CloudFormation waits for a custom resource:
// a little longer than the functions take before they give up.
const serviceTimeout = 1800

// New adds the stacks of a channel to an app. The spec is complete. Faults are
// of kind Usage.
func New(app awscdk.App, spec channel.Spec, options Options) error {
	spec.AWS = spec.AWS.Filled()
	if options.SourceKey != "" && options.File != nil {
		return fault.New(fault.Usage, "sourceKey: the source is uploaded to a bucket of its own, which needs no key")
	}
	docs, err := documentsOf(spec, options.File)
	if err != nil {
		return err
	}
	d := &deployment{
		maker: maker{tags: docs.tags}, spec: spec, options: options, names: namesOf(spec.AWS), name: spec.AWS.Prefix(),
		documents: docs, file: options.File, logs: make(map[string]awscdk.CfnResource),
	}
	d.core = awscdk.NewStack(app, &d.name, &awscdk.StackProps{
		StackName: &d.name, Description: jsii.String("LILO: the live channel " + spec.Name), Tags: d.stackTags(),
		Env: &awscdk.Environment{Region: &spec.AWS.Region, Account: optional(options.Account)},
	})
	return d.build()
}

func (d *deployment) stackTags() *map[string]*string {
	all := make(map[string]*string, len(d.tags))
	for key, value := range d.tags {
		all[key] = &value
	}
	return &all
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// nested adds one of the nested stacks.
func (d *deployment) nested(id, text string) awscdk.NestedStack {
	return awscdk.NewNestedStack(d.core, &id, &awscdk.NestedStackProps{Description: jsii.String("LILO: " + text + " of " + d.name)})
}

// asset is where something is that the CDK uploads.
type s3Object struct{ bucket, key string }

func (o s3Object) arn() props { return join("arn:", partition(), ":s3:::", o.bucket, "/", o.key) }

// upload has the CDK upload a file before it deploys.
func (d *deployment) upload(f asset.File, name string) s3Object {
	at := d.core.Synthesizer().AddFileAsset(&awscdk.FileAssetSource{
		SourceHash: &f.Hash, FileName: &f.Path, Packaging: awscdk.FileAssetPackaging_FILE, DisplayName: &name,
	})
	return s3Object{*at.BucketName, *at.ObjectKey}
}

// What is called by a name that is known beforehand, so that a policy can name it
// before it is there.

func (d *deployment) functionARN(what string) props {
	return arnOf("lambda", "function:"+d.names.of(what))
}

func (d *deployment) machineARN() props {
	return arnOf("states", "stateMachine:"+d.names.of("lifecycle"))
}

func (d *deployment) queueARN() props { return arnOf("sqs", d.names.of("dead-letters")) }

func (d *deployment) ruleARN(what string) props { return arnOf("events", "rule/"+d.names.of(what)) }

func (d *deployment) parameterARN(p string) props { return arnOf("ssm", "parameter"+d.names.path(p)) }
