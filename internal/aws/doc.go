// Package aws operates a channel that is deployed on AWS: it checks what a
// deployment needs, follows CloudFormation, drives the channel to a state, and
// tells how it fares. It decides in pure functions and asks the services
// through the few calls of theirs that it declares itself; the clock is the
// caller's. It writes nothing: what there is to show it hands back or tells.
//
// An [Account] is where the calls go to. [Account.Stack], [Account.Resources]
// and [Follower] read CloudFormation, [Account.Start] and [Account.Stop] drive
// the channel, [Account.Status] and [Account.Logs] tell of it, the checks of a
// deployment ([Check]) are in preflight.go, source.go, destination.go and
// quota.go, its price in price.go. Errors are faults of kind Access or Deploy.
package aws
