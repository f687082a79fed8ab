package player

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// inUse returns the bytes of heap and stacks that are in use.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse + m.OtherSys/2)
}

// A further channel of a file that is played costs less than 1 MB: its ring,
// its cursors, what it reads ahead of it, and its socket's buffers.
func TestMemoryOfFurtherChannels(t *testing.T) {
	p, r := start(t), listen(t)
	s := spec(t, time.Now().Add(-time.Minute), r)
	s.MuxRate = 5_000_000
	start := func(name string) {
		s.Name = name
		if _, err := p.Start(t.Context(), Config{Key: name, Spec: s}); err != nil {
			t.Fatal(err)
		}
	}
	start("first")
	before := inUse()
	const further = 200
	for i := range further {
		start(fmt.Sprint("further ", i))
	}
	each := (inUse() - before) / further
	t.Logf("%d bytes for each further channel", each)
	if each > 1_000_000 {
		t.Errorf("%d bytes for each further channel", each)
	}
}
