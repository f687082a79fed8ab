package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// props are the properties of a resource, in CloudFormation's words.
type props = map[string]any

// list is a list in them.
type list = []any

// tagStyle is how a type of resource takes its tags.
type tagStyle int

const (
	untagged tagStyle = iota
	tagList           // [{Key, Value}]
	tagMap            // {key: value}
)

// styleOf returns how a type takes tags; nested stacks get theirs from the CDK.
func styleOf(kind string) tagStyle {
	switch kind {
	case "AWS::MediaLive::Channel", "AWS::MediaLive::Input", "AWS::SSM::Parameter":
		return tagMap
	case "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue",
		"AWS::StepFunctions::StateMachine", "AWS::Events::Rule", "AWS::CloudWatch::Alarm":
		return tagList
	}
	return untagged
}

// maker adds resources to the stacks of one deployment.
type maker struct {
	tags map[string]string
}

// add adds a resource of that type, with the deployment's tags where it takes any.
func (m maker) add(scope constructs.Construct, id, kind string, p props) awscdk.CfnResource {
	p = maps.Clone(p)
	switch styleOf(kind) {
	case tagMap:
		p["Tags"] = m.tags
	case tagList:
		all := list{}
		for _, key := range slices.Sorted(maps.Keys(m.tags)) {
			all = append(all, props{"Key": key, "Value": m.tags[key]})
		}
		p["Tags"] = all
	default: // It has none.
	}
	return awscdk.NewCfnResource(scope, &id, &awscdk.CfnResourceProps{Type: &kind, Properties: &p})
}

// att returns an attribute of a resource, to be used in any of the stacks.
func att(r awscdk.CfnResource, name string) string {
	return *awscdk.Token_AsString(r.GetAtt(&name, awscdk.ResolutionTypeHint_STRING), nil)
}

// arn returns what Ref returns, mostly an id.
func ref(r awscdk.CfnResource) string { return *r.Ref() }

// sub has CloudFormation fill in what stands in ${}.
func sub(text string) props { return props{"Fn::Sub": text} }

// arnOf returns the ARN of something in this account and region.
func arnOf(service, rest string) props {
	return sub("arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + rest)
}

// after has a resource wait for others.
func after(r awscdk.CfnResource, others ...awscdk.CfnResource) {
	for _, other := range others {
		r.AddResourceDependency(other, nil)
	}
}

// keep says what becomes of a resource when it is deleted: it stays, or it goes.
func keep(r awscdk.CfnResource, stays bool) {
	policy := awscdk.RemovalPolicy_DESTROY
	if stays {
		policy = awscdk.RemovalPolicy_RETAIN
	}
	r.ApplyRemovalPolicy(policy, &awscdk.RemovalPolicyOptions{ApplyToUpdateReplacePolicy: jsii.Bool(true)})
}
