package server

import (
	"runtime"
	"runtime/debug"
	"testing"
	"testing/fstest"
)

func TestAvailableMemory(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	machine := file("MemTotal:        8000000 kB\nMemAvailable:    4000000 kB\n")
	for name, c := range map[string]struct {
		root fstest.MapFS
		want int64
	}{
		"nothing is known": {fstest.MapFS{}, 0},
		"a machine":        {fstest.MapFS{"proc/meminfo": machine}, 4000000 << 10},
		"a container":      {fstest.MapFS{"proc/meminfo": machine, "proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("268435456\n")}, 256 << 20},
		"a unit in a slice that has less": {fstest.MapFS{
			"proc/meminfo": machine, "proc/self/cgroup": file("0::/a.slice/lilo.service\n"),
			"sys/fs/cgroup/a.slice/lilo.service/memory.max": file("max\n"), "sys/fs/cgroup/a.slice/memory.max": file("134217728\n"),
		}, 128 << 20},
		"a group that has more than the machine": {fstest.MapFS{"proc/meminfo": machine, "proc/self/cgroup": file("0::/x\n"), "sys/fs/cgroup/x/memory.max": file("68719476736\n")}, 4000000 << 10},
		"version 1":                              {fstest.MapFS{"proc/meminfo": machine, "proc/self/cgroup": file("4:memory:/docker/1\n"), "sys/fs/cgroup/memory/memory.limit_in_bytes": file("536870912\n")}, 512 << 20},
		"damaged":                                {fstest.MapFS{"proc/meminfo": file("MemAvailable: x"), "proc/self/cgroup": file("0::"), "sys/fs/cgroup/memory.max": file("-5")}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := availableMemory(c.root); got != c.want {
				t.Errorf("%d bytes, want %d", got, c.want)
			}
		})
	}
}

func TestCollectionPercent(t *testing.T) {
	const percent, headroom = 25, 16 << 20
	for live, want := range map[uint64]int{0: 1600, 1 << 20: 1600, 4 << 20: 400, 16 << 20: 100, 48 << 20: 25, 64 << 20: 25, 1 << 40: 25} {
		if got := collectionPercent(percent, headroom, live); got != want {
			t.Errorf("%d bytes live: GOGC=%d, want %d", live, got, want)
		}
	}
}

// A small heap is collected when the headroom is full, and not with every megabyte.
func TestCollectGarbage(t *testing.T) {
	const percent, headroom = 25, 16 << 20
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // From here on it is as CollectGarbage left it.
	CollectGarbage(percent, headroom)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var keep []byte
	for range 64 << 10 {
		keep = make([]byte, 1<<10)
	}
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(keep)
	if n := after.NumGC - before.NumGC; n > 8 {
		t.Errorf("%d collections for 64 MB of garbage, want 4 or so", n)
	}
}
