// Package cdk finds and runs what a deployment is made with: Node.js, the CDK's
// command line in the version that is pinned here, Go, and LILO's CDK app.
package cdk
