// Package api answers MediaLive's calls over HTTP, in the wire form that the AWS
// CLI, the SDKs, Terraform and CDK expect.
//
// [New] returns the handler. Its table of routes has one line for each operation:
// method, path, status, and the method of package service. The handler sets the input
// of the operation from the body, the query and the path, and writes its output as
// JSON, or its error as MediaLive's exception. A new operation is a line and a method.
//
// A [Thumbnailer] makes pictures of what plays with ffmpeg. The caller of New decides
// who may call the API.
package api
