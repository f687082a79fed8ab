// Package api answers MediaLive's calls over HTTP, in the wire form that the
// AWS CLI, the SDKs, Terraform and CDK expect. What the calls do is the work
// of package resource; who may call is that of whoever mounts the handler.
package api
