package stacks

import (
	"maps"
	"slices"

	"github.com/lilo-live/lilo/internal/aws/template"
)

type (
	props = template.Properties
	list  = template.List
)

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
func (d *deployment) add(scope template.Scope, id, kind string, p props) *template.Resource {
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
	return scope.Add(id, kind, p)
}

// fnSub has CloudFormation substitute what is in ${}.
func fnSub(text string) props { return props{"Fn::Sub": text} }

// arnOf returns the ARN of a resource in this account and region.
func arnOf(service, rest string) props {
	return fnSub("arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + rest)
}
