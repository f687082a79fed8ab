package assembly

import (
	"maps"

	"github.com/lilo-live/lilo/internal/aws/template"
)

// version is that of the manifest's schema (cloud-assembly-schema). Every later command
// line of the CDK reads it.
const version = "36.0.0"

type object = map[string]any

// Role returns the ARN of a role of the CDK's bootstrap, with ${AWS::Partition} and
// ${AWS::AccountId} for the account.
func (a Assembly) Role(name string) string {
	return "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-" + template.Qualifier + "-" + name + "-role-${AWS::AccountId}-" + a.Region
}

// Roles of the CDK's bootstrap.
const (
	PublishingRole = "file-publishing" // uploads files
	DeployRole     = "deploy"          // has CloudFormation deploy
	ExecutionRole  = "cfn-exec"        // is CloudFormation's own
	lookupRole     = "lookup"
)

// files returns the manifest of the files that are uploaded.
func (a Assembly) files() object {
	all := object{}
	for _, f := range a.Files {
		all[f.Hash] = object{
			"displayName": f.Name,
			"source":      object{"path": f.Path, "packaging": "file"},
			"destinations": object{"current_account-" + a.Region: object{
				"bucketName": a.Bucket, "objectKey": f.ObjectKey(), "region": a.Region, "assumeRoleArn": a.Role(PublishingRole),
			}},
		}
	}
	return object{"version": version, "files": all, "dockerImages": object{}}
}

// manifest returns the manifest of the assembly.
func (a Assembly) manifest() object {
	bootstrap := object{"requiresBootstrapStackVersion": template.BootstrapVersion, "bootstrapStackVersionSsmParameter": template.BootstrapParameter}
	with := func(more object) object {
		maps.Copy(more, bootstrap)
		return more
	}
	assets := a.Stack + ".assets"
	return object{"version": version, "artifacts": object{
		assets: object{"type": "cdk:asset-manifest", "properties": with(object{"file": assets + ".json"})},
		a.Stack: object{
			"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/" + a.Region, "displayName": a.Stack,
			"dependencies": []string{assets},
			"properties": with(object{
				"templateFile": a.Template.Path, "terminationProtection": false, "tags": a.Tags, "validateOnSynth": false,
				"assumeRoleArn": a.Role(DeployRole), "cloudFormationExecutionRoleArn": a.Role(ExecutionRole),
				"stackTemplateAssetObjectUrl": "s3://" + a.Bucket + "/" + a.Template.ObjectKey(),
				"additionalDependencies":      []string{assets},
				"lookupRole": object{
					"arn": a.Role(lookupRole), "requiresBootstrapStackVersion": 8, "bootstrapStackVersionSsmParameter": template.BootstrapParameter,
				},
			}),
		},
	}}
}
