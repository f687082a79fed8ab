package server

import (
	"io/fs"
	"math"
	"path"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
)

// LimitMemory makes the collector of garbage keep the process within four fifths of the
// memory that its control group or machine has for it, and returns that number of bytes.
// If GOMEMLIMIT is set, it returns that. root is the root directory; where it does not
// say how much there is, nothing changes, and the result is 0.
func LimitMemory(root fs.FS) int64 {
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		return limit
	}
	limit := availableMemory(root) / 5 * 4
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return limit
}

// CollectGarbage sets how much garbage may gather before it is collected: so many percent of what
// is in use, and at least headroom bytes. Without the latter a server with few channels would
// collect a small heap all the time while it answers calls.
func CollectGarbage(percent int, headroom uint64) {
	var next func(now int)
	next = func(now int) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		want := collectionPercent(percent, headroom, live[0].Value.Uint64())
		if want != now {
			debug.SetGCPercent(want)
		}
		// The collector finds this object after the next collection.
		runtime.AddCleanup(new([16]byte), next, want)
	}
	next(0)
}

// collectionPercent returns GOGC for a heap of so many bytes. It is a multiple of percent, since
// setting another one stops all goroutines for a moment.
func collectionPercent(percent int, headroom, live uint64) int {
	step := uint64(percent) //nolint:gosec // It is positive.
	steps := headroom * 100 / max(live, 1<<20) / step
	return int(max(1, steps) * step) //nolint:gosec // At most 100 times headroom in MB.
}

// availableMemory returns how many bytes of memory there are for this process, 0 if
// nobody knows.
func availableMemory(root fs.FS) int64 {
	least := int64(math.MaxInt64)
	see := func(text string) {
		if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil && n > 0 {
			least = min(least, n)
		}
	}
	read := func(name string) string {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return "" // It is not there, or means no limit: "max".
		}
		return string(text)
	}
	for line := range strings.Lines(read("proc/self/cgroup")) {
		_, group, _ := strings.Cut(strings.TrimSpace(line), "::") // Version 2.
		if group == "" {
			continue
		}
		for dir := path.Join("sys/fs/cgroup", group); strings.HasPrefix(dir, "sys/fs/cgroup"); dir = path.Dir(dir) {
			see(read(path.Join(dir, "memory.max")))
		}
	}
	see(read("sys/fs/cgroup/memory/memory.limit_in_bytes")) // Version 1, in a container.
	for line := range strings.Lines(read("proc/meminfo")) {
		if rest, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
			kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			if n, err := strconv.ParseInt(kib, 10, 64); err == nil {
				least = min(least, n<<10)
			}
		}
	}
	if least == math.MaxInt64 {
		return 0
	}
	return least
}
