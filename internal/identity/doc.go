// Package identity holds the proof that a change of the code changes no byte of
// any stream: SHA-256 sums of what the program makes of a set of small inputs,
// as the code of commit d872415 made them.
//
// The package has tests only. They cover the packets that lilo render writes,
// the datagrams of the RTP and UDP outputs, playlists that switch from one
// source to another, HLS playlists with every segment they list, and the reports
// of lilo probe; each near the epoch, across the wrap of the 33-bit clock, and ten
// years later.
//
// The sums in testdata never change in a refactoring. A change that alters a
// stream on purpose rewrites those that it alters and says so in CHANGELOG.md:
// receivers of a running channel notice it. -update refuses to rewrite them
// unless the environment variable LILO_REWRITE_IDENTITY is set to 1.
//
// The tests reach the program through program_test.go alone, so that a change of
// its API changes that file and no other. testdata/README.md says how the inputs
// were made.
package identity
