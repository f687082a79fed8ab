// Package template writes CloudFormation templates: a stack, the stacks nested in it
// and their resources, as the AWS CDK writes them, with the same logical ids. It
// needs neither the CDK nor Node.js.
//
// A reference to a resource ([Resource.Ref], [Resource.GetAtt]) is a string that can
// be part of other strings, as the CDK's tokens can. When the templates are written,
// it becomes a Ref or Fn::GetAtt, or a parameter and an output where it crosses
// stacks.
package template
