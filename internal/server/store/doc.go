// Package store defines where a server keeps its records: bytes under a kind
// and an id, with a revision that each committed transaction raises.
//
// A [Store] offers what etcd's transactions and watches do. Load returns all
// records at one revision. Commit applies a [Txn] as a whole and durably, or returns
// [ErrConflict] if a record that the transaction depends on has changed since the
// caller read it. Watch returns what has changed after a revision, whoever changed it.
//
// Package bolt keeps the records in a file of this machine, package etcd where several
// servers reach them; contract_test.go tests every implementation. Package record puts typed records and a cache on top.
// This package imports nothing of LILO.
package store
