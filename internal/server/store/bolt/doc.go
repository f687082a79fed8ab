// Package bolt keeps records in one file of this machine, with bbolt.
//
// Kinds are bbolt's buckets, ids its keys, revisions the numbers of its write
// transactions. Each Commit is one of these, and so one fsync. The file is for one
// process at a time: [Open] fails while another has it.
package bolt
