package server

import (
	"io/fs"
	"math"
	"path"
	"runtime/debug"
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
