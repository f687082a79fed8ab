package clip

import (
	"io"
	"testing"
)

func TestOpen(t *testing.T) {
	r, size := Open()
	if size < 100_000 || size > 1<<20 {
		t.Errorf("the clip has %d bytes, want 100 kB to 1 MiB", size)
	}
	all, err := io.ReadAll(io.NewSectionReader(r, 0, size+1))
	if err != nil || int64(len(all)) != size {
		t.Fatalf("read %d bytes of %d: %v", len(all), size, err)
	}
	if string(all[4:8]) != "ftyp" {
		t.Errorf("its first box is %q, want ftyp", all[4:8])
	}
}
