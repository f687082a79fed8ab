// Package record keeps the records of a server, typed and in memory, on top of a
// store.
//
// A [Record] is a document of MediaLive's API with what is kept beside it; a
// [Channel] is one that also has a schedule and an epoch. Records are never
// changed once they are kept, but replaced: anyone may read them, and nobody may
// write to them.
//
// A [Cache] holds all records of a [store.Store]. Its tables are read without
// asking the store. [Cache.Update] changes records in a transaction, which the
// store refuses if anything that it read has changed meanwhile; then it is done
// again. [Cache.Run] follows the changes of other processes.
//
// The package knows how records are encoded, what an input switch in a schedule
// means, and nothing about who may do what (package service) or what runs
// (package supervisor).
package record
