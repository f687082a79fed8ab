package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// props are the properties of a CloudFormation resource.
type props = map[string]any

// list is a list of property values.
type list = []any

// tagStyle is the form in which a type of resource takes tags.
type tagStyle int

const (
	untagged tagStyle = iota
	tagList           // [{Key, Value}]
	tagMap            // {key: value}
)

// tagStyleOf returns the tag style of a type. Nested stacks get their tags from the CDK.
func tagStyleOf(kind string) tagStyle {
	switch kind {
	case "AWS::MediaLive::Channel", "AWS::MediaLive::Input", "AWS::SSM::Parameter":
		return tagMap
	case "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue",
		"AWS::StepFunctions::StateMachine", "AWS::Events::Rule", "AWS::CloudWatch::Alarm":
		return tagList
	}
	return untagged
}

// add adds a resource of a type, with the deployment's tags if it takes any.
func (d *deployment) add(scope constructs.Construct, id, kind string, p props) awscdk.CfnResource {
	p = maps.Clone(p)
	switch tagStyleOf(kind) {
	case tagMap:
		p["Tags"] = d.documents.tags
	case tagList:
		all := list{}
		for _, key := range slices.Sorted(maps.Keys(d.documents.tags)) {
			all = append(all, props{"Key": key, "Value": d.documents.tags[key]})
		}
		p["Tags"] = all
	default:
	}
	return awscdk.NewCfnResource(scope, &id, &awscdk.CfnResourceProps{Type: &kind, Properties: &p})
}

// getAtt returns an attribute of a resource, for use in any of the stacks.
func getAtt(r awscdk.CfnResource, name string) string {
	return *awscdk.Token_AsString(r.GetAtt(&name, awscdk.ResolutionTypeHint_STRING), nil)
}

// ref returns the Ref of a resource, usually its id.
func ref(r awscdk.CfnResource) string { return *r.Ref() }

// fnSub has CloudFormation substitute what is in ${}.
func fnSub(text string) props { return props{"Fn::Sub": text} }

// arnOf returns the ARN of a resource in this account and region.
func arnOf(service, rest string) props {
	return fnSub("arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + rest)
}

// dependOn makes a resource depend on others.
func dependOn(r awscdk.CfnResource, others ...awscdk.CfnResource) {
	for _, other := range others {
		r.AddResourceDependency(other, nil)
	}
}

// setRemoval sets whether a resource is retained or deleted with its stack.
func setRemoval(r awscdk.CfnResource, retain bool) {
	policy := awscdk.RemovalPolicy_DESTROY
	if retain {
		policy = awscdk.RemovalPolicy_RETAIN
	}
	r.ApplyRemovalPolicy(policy, &awscdk.RemovalPolicyOptions{ApplyToUpdateReplacePolicy: jsii.Bool(true)})
}
