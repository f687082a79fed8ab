// Package source opens what a channel plays: bytes at offsets that do not change
// while they are read. It does not interpret the bytes.
//
// [Open] returns a [Source]: a local file, which is read in place and kept in [Memory] if
// several channels play it, the bundled clip, or a [Remote] object (http, https, s3), which is fetched into the cache
// while it is read: first what readers wait for, then the rest in order. Its
// parts:
//
//   - an object (httpObject, s3Object) answers requests for ranges of bytes;
//   - an opener chooses between the cached copy and the server's version;
//   - a fetcher, one goroutine, runs transfers and writes what arrives; after a
//     failure it waits and requests the missing blocks again (resume.go);
//   - blocks records which parts are present and who waits for others;
//   - a store keeps the parts and their state in a cache entry;
//   - remote puts these together.
//
// [Options] restrict what a client may open. The package
// must not import mp4.
package source
