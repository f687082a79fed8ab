// Package simulation runs a whole server in virtual time: one seed decides what callers
// ask for, and what clocks, disk, network and sources do to it meanwhile.
//
// The package has tests only. A [testing/synctest] bubble holds a server as lilo serve
// makes it, on a machine that is simulated (server.Machine): its disk is a file that
// loses, at a kill, what was not yet synced; its network compares every datagram with
// what the channel's definition says must leave then; its sources are files that are
// replaced, removed, cut off and slow. Hours pass in seconds.
//
// What must hold is in the files: receiver_test.go has I1 and I8, fleet_test.go that
// nothing acknowledged is lost and that the server becomes what was asked for (I12).
//
//	go test ./internal/simulation                        a few seeds
//	LILO_SIM_SEED=42 go test -v ./internal/simulation    one seed, with its history
//	LILO_SIM_SEEDS=1-1000 go test ./internal/simulation  many
package simulation
