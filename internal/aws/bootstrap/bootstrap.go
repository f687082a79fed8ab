// Package bootstrap has the template by which the AWS CDK prepares an account and a
// region for deployments: a bucket for uploads and the roles that deploy. It is that of
// aws-cdk 2.1148.1 (npm), under the licence beside it.
package bootstrap

import _ "embed" // of the template

// Stack is the name of the stack.
const Stack = "CDKToolkit"

//go:embed template.yaml
var text string

// Template returns the template. Its defaults suit one account, except for
// Parameters.
func Template() string { return text }

// Parameters returns the parameters that cdk bootstrap gives the template.
func Parameters(partition string) map[string]string {
	return map[string]string{
		"FileAssetsBucketKmsKeyId":        "AWS_MANAGED_KEY",
		"CloudFormationExecutionPolicies": "arn:" + partition + ":iam::aws:policy/AdministratorAccess",
	}
}
