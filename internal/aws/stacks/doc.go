// Package stacks has the CloudFormation stacks of a channel: a core stack, and nested
// in it the stacks permission, automation and mediaservices ([New]). lilo deploy
// writes them itself; the CDK app of deploy/aws adds them to the CDK's tree. A test
// there checks that both write the same templates.
//
// The order of creation decides which stack a resource is in:
//
//	bucket, logs → permission → automation → gate → mediaservices → on-air
//
// The gate and on-air are custom resources of the core stack (package lifecycle).
// The gate stops the channel before CloudFormation changes it; on-air starts it
// afterwards, and stops it when it is the first to be deleted. The functions must
// therefore exist before the channel, and the rules that name the channel come
// after it, in the core stack.
//
// Resources are written as CloudFormation properties, which the CDK validates against
// CloudFormation's schemas. Its typed constructs are not used: they make the app five
// times slower to build and start, and the channel could not be derived from
// MediaLive's document.
package stacks
