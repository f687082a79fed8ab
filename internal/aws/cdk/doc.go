// Package cdk finds and runs the tools of a deployment: Node.js, Go, the AWS
// CDK's command line in the version that is pinned here, and LILO's CDK app.
//
// [Place] finds them, [Place.Install] installs the command line, [Toolkit] runs
// it, and [ReadAssembly] reads the templates that the app wrote. The channel is
// handed to the app in a file that LILO_CONFIG names.
package cdk
