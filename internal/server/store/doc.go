// Package store defines where a server keeps its records: bytes under a kind
// and an id, with a revision that each committed transaction raises.
//
// A [Store] does four things. Load returns all records at one revision. Commit
// applies a [Txn] as a whole, or returns [ErrConflict] if a record that the
// transaction depends on has changed since the caller read it; when it returns
// without an error, the change is durable. Watch returns what has changed after a
// revision, whoever changed it. Close releases the store. This is what etcd's
// transactions and watches offer, too.
//
// Package bolt keeps the records in a file of this machine; contract_test.go tests
// every implementation. Package record puts typed records and a cache on top.
// This package imports nothing of LILO.
package store
