// Package cache keeps what took time to fetch or to make, in a directory that
// any number of processes share. Its size is bounded: the least recently used
// entries are removed first, and entries in use never.
//
// [Open] returns the user's [Cache]. [Cache.Use] returns an [Entry], a
// subdirectory in which the caller keeps its files: [Entry.Write] writes a file
// atomically, [Entry.Lock] serializes the processes that share the entry, and
// [Entry.Close] ends the use. [Cache.MakeRoom] removes other entries before an
// entry grows.
//
// A lock file in each entry says that the entry is in use (a shared lock) or
// being removed (an exclusive one); its modification time is when the entry was
// last used. The system releases the locks of a process that ends.
//
// The package must not import packages of LILO other than fault.
package cache
