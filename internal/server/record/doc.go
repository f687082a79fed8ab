// Package record keeps the records of a server, typed and in memory, on top of a
// store.
//
// A [Record] is a document of MediaLive's API with what is kept beside it; a
// [Channel] also has a schedule and an epoch. A record in the cache is immutable:
// it is replaced, never written to.
//
// A [Cache] holds all records of a [store.Store] in memory. [Cache.Update] changes
// records in a transaction and repeats it if another process has changed what it
// read. [Cache.Run] follows the changes of other processes.
//
// The package knows how records are encoded and what an input switch in a schedule
// means. Package service knows who may do what, package supervisor what runs.
package record
