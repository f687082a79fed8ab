// Package api answers MediaLive's calls over HTTP, in the wire form that the AWS
// CLI, the SDKs, Terraform and CDK expect.
//
// [New] returns the handler. Its table of routes has one line for each operation:
// method, path, status, and the method of package service that does it. The input
// of the operation is set from the body, the query and the path, its output is
// written as JSON, and an error as MediaLive's exception with the HTTP status that
// its code has. A new operation is such a line and the method.
//
// A [Thumbnailer] makes pictures of what plays, with ffmpeg. Who may call is the
// matter of whoever mounts the handler.
package api
