package server

import (
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
