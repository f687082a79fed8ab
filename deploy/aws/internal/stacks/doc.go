// Package stacks is the deployment of a channel as the CDK knows it: a core
// stack, and in it the stacks permission, automation and mediaservices.
//
// What must wait for what decides where things are:
//
//	bucket, logs → permission → automation → gate → mediaservices → on-air
//
// The gate and on-air are custom resources of the core stack. The gate stops the
// channel before CloudFormation changes it; on-air starts it afterwards, and is
// the first to be deleted, when it stops the channel for good. Functions must
// therefore be there before the channel, and the rules that name the channel
// after it, in the core stack.
//
// Resources are written in CloudFormation's own words and checked against its
// schemas when they are synthesised. The typed constructs of the CDK are not
// used: they would make the app five times slower to build and start, and the
// channel could not be written from MediaLive's document.
package stacks
