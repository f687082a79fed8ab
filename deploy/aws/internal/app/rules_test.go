package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// finding is a rule that a resource violates.
type finding struct{ rule, stack, resource, text string }

// suppression is an accepted finding and the reason.
type suppression struct{ rule, resource, why string }

// suppressions returns all accepted findings.
func suppressions() []suppression {
	return []suppression{
		{"wildcard", "permission/ChannelRole/FindTheLog", "logs:DescribeLogGroups lists the groups of a region: AWS accepts no narrower ARN"},
		{"wildcard", "permission/ChannelRole/MakeTheLog", "the group's name is given; its ARN must end with a star for the streams"},
		{"wildcard", "permission/LifecycleRole/SeeTheUpdateThrough", "a stack's ARN ends with an id that only CloudFormation knows; the name is given"},
		{"wildcard", "permission/LifecycleRole/EndOthers", "executions of this state machine, whose names are not known before"},
		{"wildcard", "permission/UploadRole/FillTheBucket", "every object of the deployment's own bucket: it is emptied before it is deleted"},
		{"wildcard", "mediaservices/ChannelGrant/WriteTheLogOfThisChannel", "the streams of this channel: one for each pipeline, and its as-run log"},
		{"bucket-access-log", "core/Bucket", "MediaLive reads one object and the deployment writes it: CloudTrail records both; an access log needs another bucket, which would have no log either"},
		{"machine-log", "automation/Machine", "the function that it calls logs each step; a log of its own needs permissions on * (logs:CreateLogDelivery)"},
		{"function-in-vpc", "automation/Lifecycle", "it calls AWS's public endpoints and holds no data"},
		{"function-in-vpc", "automation/Watch", "it calls AWS's public endpoints and holds no data"},
		{"function-in-vpc", "automation/Upload", "S3 copies the file; the function never reads it"},
	}
}

// rules returns the rules of cdk-nag's "AWS Solutions" pack for the types of
// resources in use, and rules against the mistakes of the original sample.
func rules() map[string]func(add func(text string), r *resource) {
	return map[string]func(add func(string), r *resource){
		"bucket-encrypted": func(add func(string), r *resource) {
			if r.Type == "AWS::S3::Bucket" && r.Properties["BucketEncryption"] == nil {
				add("objects are not encrypted by default")
			}
		},
		"bucket-private": func(add func(string), r *resource) {
			for _, p := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
				if r.Type == "AWS::S3::Bucket" && at(r.Properties, "PublicAccessBlockConfiguration."+p) != true {
					add(p + " is off")
				}
			}
			if r.Type == "AWS::S3::Bucket" && at(r.Properties, "OwnershipControls.Rules.0.ObjectOwnership") != "BucketOwnerEnforced" {
				add("access control lists are in effect")
			}
		},
		"bucket-versioned": func(add func(string), r *resource) {
			if r.Type == "AWS::S3::Bucket" && at(r.Properties, "VersioningConfiguration.Status") != "Enabled" {
				add("it keeps no versions")
			}
		},
		"bucket-access-log": func(add func(string), r *resource) {
			if r.Type == "AWS::S3::Bucket" && r.Properties["LoggingConfiguration"] == nil {
				add("it has no access log")
			}
		},
		"only-tls": func(add func(string), r *resource) {
			if (r.Type == "AWS::S3::BucketPolicy" || r.Type == "AWS::SQS::QueuePolicy") && !slices.ContainsFunc(statements(r.Properties["PolicyDocument"]), deniesPlain) {
				add("it accepts requests without TLS")
			}
		},
		"queue-encrypted": func(add func(string), r *resource) {
			if r.Type == "AWS::SQS::Queue" && r.Properties["SqsManagedSseEnabled"] != true && r.Properties["KmsMasterKeyId"] == nil {
				add("messages are not encrypted")
			}
		},
		"log-retention": func(add func(string), r *resource) {
			if r.Type == "AWS::Logs::LogGroup" && r.Properties["RetentionInDays"] == nil {
				add("it grows without limit")
			}
		},
		"function-runtime": func(add func(string), r *resource) {
			if r.Type == "AWS::Lambda::Function" && (r.Properties["Runtime"] != "provided.al2023" || at(r.Properties, "Architectures.0") != "arm64") {
				add("it does not run on provided.al2023 and arm64")
			}
		},
		"function-dead-letters": func(add func(string), r *resource) {
			if r.Type == "AWS::Lambda::Function" && r.Properties["DeadLetterConfig"] == nil {
				add("events that it fails to handle are lost")
			}
		},
		"function-own-log": func(add func(string), r *resource) {
			if r.Type == "AWS::Lambda::Function" && at(r.Properties, "LoggingConfig.LogGroup") == nil {
				add("it creates a log group that outlives the stack")
			}
		},
		"function-in-vpc": func(add func(string), r *resource) {
			if r.Type == "AWS::Lambda::Function" && r.Properties["VpcConfig"] == nil {
				add("it is not in a VPC")
			}
		},
		"machine-log": func(add func(string), r *resource) {
			if r.Type == "AWS::StepFunctions::StateMachine" && r.Properties["LoggingConfiguration"] == nil {
				add("it has no log")
			}
		},
		"rule-filter": func(add func(string), r *resource) {
			if r.Type != "AWS::Events::Rule" {
				return
			}
			if r.Properties["ScheduleExpression"] == nil && !strings.Contains(text(at(r.Properties, "EventPattern.resources")), "Channel") {
				add("it matches other channels")
			}
			if at(r.Properties, "Targets.0.DeadLetterConfig.Arn") == nil {
				add("events that it cannot deliver are lost")
			}
		},
		"permission-source": func(add func(string), r *resource) {
			if r.Type == "AWS::Lambda::Permission" && r.Properties["SourceArn"] == nil {
				add("any rule may call the function")
			}
		},
		"confused-deputy": func(add func(string), r *resource) {
			if r.Type != "AWS::IAM::Role" {
				return
			}
			for _, s := range statements(r.Properties["AssumeRolePolicyDocument"]) {
				if text(at(s, "Condition.StringEquals.aws:SourceAccount")) != `{"Ref":"AWS::AccountId"}` {
					add("a service may assume the role on behalf of any account")
				}
			}
		},
		"no-managed-policy": func(add func(string), r *resource) {
			if r.Type == "AWS::IAM::Role" && r.Properties["ManagedPolicyArns"] != nil {
				add("a managed policy grants more than it needs")
			}
		},
		"tagged": func(add func(string), r *resource) {
			if untagged(r.Type) {
				return
			}
			for _, tag := range []string{"StackName", "CustomerName", "ProjectName"} {
				if !strings.Contains(text(r.Properties["Tags"]), `"`+tag+`"`) {
					add("the tag " + tag + " is missing")
				}
			}
		},
	}
}

// untagged reports whether resources of a type take no tags, being parts of others.
func untagged(kind string) bool {
	return strings.HasPrefix(kind, "Custom::") || slices.Contains([]string{
		"AWS::CloudFormation::Stack", // The CDK gives a stack's tags to CloudFormation, which passes them on.
		"AWS::Scheduler::Schedule", "AWS::IAM::RolePolicy", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::Lambda::Permission", "AWS::CloudWatch::Dashboard", "AWS::CDK::Metadata",
	}, kind)
}

// statements returns the statements of a policy.
func statements(document any) []map[string]any {
	var all []map[string]any
	list, _ := at(document, "Statement").([]any)
	for _, each := range list {
		if s, ok := each.(map[string]any); ok {
			all = append(all, s)
		}
	}
	return all
}

func deniesPlain(s map[string]any) bool {
	return s["Effect"] == "Deny" && at(s, "Condition.Bool") != nil && strings.Contains(text(at(s, "Condition.Bool")), `"aws:SecureTransport":"false"`)
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// policies returns the statements of all policies that grant permissions to a role.
func policies(r *resource) []map[string]any {
	var all []map[string]any
	switch r.Type {
	case "AWS::IAM::Role":
		list, _ := r.Properties["Policies"].([]any)
		for _, each := range list {
			all = append(all, statements(at(each, "PolicyDocument"))...)
		}
	case "AWS::IAM::RolePolicy":
		all = statements(r.Properties["PolicyDocument"])
	}
	return all
}

// wildcards returns the statements with a wildcard in their actions or resources.
func wildcards(name string, r *resource) []finding {
	var found []finding
	for _, s := range policies(r) {
		where := fmt.Sprintf("%s/%v", name, s["Sid"])
		if strings.Contains(text(s["Action"]), "*") {
			found = append(found, finding{"wildcard-action", "", where, text(s["Action"])})
		}
		list, _ := s["Resource"].([]any)
		for _, each := range list {
			if each == "*" {
				found = append(found, finding{"resource-star", "", where, "every resource"})
			} else if strings.Contains(text(each), "*") {
				found = append(found, finding{"wildcard", "", where, text(each)})
			}
		}
	}
	return found
}

// TestRules checks every resource against every rule. Each finding needs a
// suppression, and each suppression a finding.
func TestRules(t *testing.T) {
	used := map[suppression]bool{}
	for name, variables := range map[string]map[string]string{"plain": plain(), "everything": everything(t)} {
		a := synth(t, variables)
		for stack, one := range a.stacks {
			for _, id := range sorted(one.Resources) {
				r := one.Resources[id]
				var found []finding
				for rule, check := range rules() {
					check(func(text string) { found = append(found, finding{rule, stack, stack + "/" + id, text}) }, r)
				}
				found = append(found, wildcards(stack+"/"+id, r)...)
				for _, f := range found {
					i := slices.IndexFunc(suppressions(), func(s suppression) bool { return s.rule == f.rule && s.resource == f.resource })
					if i < 0 {
						t.Errorf("%s: %s: %s: %s", name, f.resource, f.rule, f.text)
						continue
					}
					used[suppressions()[i]] = true
				}
			}
		}
	}
	for _, s := range suppressions() {
		if !used[s] {
			t.Errorf("%s does not violate %s: remove the suppression", s.resource, s.rule)
		}
	}
}

// TestPermissions checks the actions of each role: these and no others.
func TestPermissions(t *testing.T) {
	a := synth(t, everything(t))
	got := map[string][]string{}
	for _, stack := range []string{"permission", "automation", "mediaservices", "core"} {
		for _, id := range sorted(a.stacks[stack].Resources) {
			r := a.stacks[stack].Resources[id]
			who := strings.NewReplacer("Role", "", "Grant", "").Replace(id)
			for _, s := range policies(r) {
				list, _ := s["Action"].([]any)
				for _, action := range list {
					got[who] = append(got[who], action.(string))
				}
			}
		}
	}
	want := map[string][]string{
		"Channel": {
			"s3:GetObject", "s3:ListBucket", "logs:CreateLogGroup", "logs:DescribeLogStreams", "logs:PutRetentionPolicy", "logs:DescribeLogGroups", "logs:CreateLogStream", "logs:PutLogEvents",
		},
		"Lifecycle": {
			"logs:CreateLogStream", "logs:PutLogEvents", "states:StartExecution", "states:ListExecutions", "states:StopExecution", "ssm:GetParameter", "cloudformation:DescribeStacks", "sqs:SendMessage",
			"medialive:DescribeChannel", "medialive:StartChannel", "medialive:StopChannel",
		},
		"Watch": {
			"logs:CreateLogStream", "logs:PutLogEvents", "ssm:GetParameter", "ssm:PutParameter", "sqs:SendMessage",
			"medialive:DescribeChannel", "medialive:StopChannel",
		},
		"Upload": {
			"logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject", "s3:GetObject", "s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload",
			"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "sqs:SendMessage",
		},
		"Machine":  {"lambda:InvokeFunction"},
		"Schedule": {"states:StartExecution", "sqs:SendMessage"},
	}
	if text(got) != text(want) {
		t.Errorf("got  %s\nwant %s", text(got), text(want))
	}
}
