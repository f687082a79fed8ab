// Package etcd keeps records in etcd, which several servers share.
//
// [Open] opens a [Store]. Below a prefix, records/KIND/ID has the records. What transactions
// need beside them: the key records is set by every one, so its revision is that of the newest;
// deleted/KIND is set when a record of a kind is deleted, since a key that is gone has no
// revision to compare; and writers/ID is set by every transaction of one process, which
// learns from it, after an answer was lost, whether its transaction was made.
//
// [Client] calls etcd through the JSON form of its API, which every member serves under /v3
// at the address that its clients use; [Parse] reads where that is. A call tries one member
// after the other, beginning with the one that answered last, and gives each [Attempt] to
// answer. Package clientv3 is not used, since gRPC brings html/template along: the program
// would be twice as large and every channel take 10 MB more (docs/decisions/0075-etcd-in-json.md).
package etcd
