package stacks

import (
	"maps"
	"slices"

	"github.com/lilo-live/lilo/internal/aws/function"
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
		"AWS::StepFunctions::StateMachine", "AWS::Events::Rule", "AWS::CloudWatch::Alarm", "AWS::Scheduler::ScheduleGroup":
		return tagList
	}
	return untagged
}

// tags are the tags of a deployment.
type tags map[string]string

// add adds a resource of a type, with the tags if it takes any.
func (t tags) add(scope template.Scope, id, kind string, p props) *template.Resource {
	p = maps.Clone(p)
	switch style := tagStyleOf(kind); {
	case len(t) == 0 || style == untagged:
	case style == tagMap:
		p["Tags"] = t
	default:
		all := list{}
		for _, key := range slices.Sorted(maps.Keys(t)) {
			all = append(all, props{"Key": key, "Value": t[key]})
		}
		p["Tags"] = all
	}
	return scope.Add(id, kind, p)
}

func (d *deployment) add(scope template.Scope, id, kind string, p props) *template.Resource {
	return tags(d.documents.tags).add(scope, id, kind, p)
}

// functionProps say which function it is and what it has.
type functionProps struct {
	name, what, of string
	code           *template.File
	role, log      *template.Resource
	deadLetters    any // the ARN of a queue, nil for none
	seconds        int // until it is ended
	environment    props
}

// functionProperties returns the properties of a function. All are the same program.
func functionProperties(f functionProps) props {
	f.environment[function.Variable] = f.what
	p := props{
		"FunctionName": f.name, "Description": "LILO: " + f.what + " of " + f.of,
		"Runtime": "provided.al2023", "Architectures": list{"arm64"}, "Handler": "bootstrap", "MemorySize": 128, "Timeout": f.seconds,
		"Code": props{"S3Bucket": f.code.Bucket(), "S3Key": f.code.Key()}, "Role": f.role.GetAtt("Arn"),
		"LoggingConfig": props{"LogGroup": f.log.Ref(), "LogFormat": "JSON"},
		"Environment":   props{"Variables": f.environment},
	}
	if f.deadLetters != nil {
		p["DeadLetterConfig"] = props{"TargetArn": f.deadLetters}
	}
	return p
}

// grant adds a policy to a role.
func grant(scope template.Scope, id string, role *template.Resource, statement props) {
	scope.Add(id, "AWS::IAM::RolePolicy", props{
		"RoleName": role.Ref(), "PolicyName": "this-channel", "PolicyDocument": document(statement),
	})
}

// fnSub has CloudFormation substitute what is in ${}.
func fnSub(text string) props { return props{"Fn::Sub": text} }

// arnOf returns the ARN of a resource in this account and region.
func arnOf(service, rest string) props {
	return fnSub("arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + rest)
}
