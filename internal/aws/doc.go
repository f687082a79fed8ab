// Package aws operates a channel that is deployed on AWS.
//
// An [Account] holds the clients of one account and region, as small interfaces
// (client.go) so that tests can replace them; [Connect] makes one. The checks of
// a deployment return [Check]s (preflight.go, source.go, destination.go),
// and [CheckError] makes a fault of those that fail. [Account.Stack] and
// [Account.Resources] describe a stack, [Account.Follow] returns a [Follower] of
// its events and [Account.WaitForStack] waits for it. [Account.Start] and
// [Account.Stop] start and stop the channel, [Account.Status] and
// [Account.Logs] report on it, [Account.Price] estimates its price, and
// [Account.Orphans] finds what a deleted stack left behind.
//
// Errors are faults of kind Access or Deploy that say what to do. The package
// prints nothing, and time comes from a [Clock]. It must not import any package
// that plays a channel: a deployed channel runs elsewhere.
package aws
