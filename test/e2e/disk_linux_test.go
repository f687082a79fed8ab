//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// smallDisk returns a folder on a small disk.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("lilo", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small disk cannot be made here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFullDisk has its cache on a disk of 1 MB, which is too little: the source is
// refused before anything is fetched, and nothing is left.
func TestFullDisk(t *testing.T) {
	file := heavyMovie(t)
	o := newOrigin(t, file, nil)
	close(o.repaired)
	disk := smallDisk(t, "1m")
	p := startIn(t, disk, "probe", o.URL+"/movie.mp4")
	if code := p.wait(t); code != 3 || strings.Count(p.err.String(), "\n") != 1 || !strings.Contains(p.err.String(), disk) {
		t.Errorf("exit code %d: %s", code, &p.err)
	}
	if left, _ := filepath.Glob(filepath.Join(disk, "*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

// TestDiskFillsUpOnAir fills the disk of the cache of a channel and makes room again.
// The channel stays on air.
func TestDiskFillsUpOnAir(t *testing.T) {
	long(t)
	file := heavyMovie(t)
	written := lilo(t, 0, "render", file, "--out", "-", "--for", "60s").out.Bytes()
	o := newOrigin(t, file, nil)
	disk := smallDisk(t, "10m")
	r := listen(t)
	epoch := time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)
	p := startIn(t, disk, "run", o.URL+"/movie.mp4", "--epoch", epoch, "--to", r.url("rtp"))
	var sent [][]byte
	take := func(d time.Duration) {
		for end := time.Now().Add(d); time.Now().Before(end); {
			b := r.datagram(t, 10*time.Second)
			if b == nil {
				t.Fatalf("nothing is sent any more: %s%s", &p.out, &p.err)
			}
			sent = append(sent, b)
		}
	}
	<-o.faulted
	junk := filepath.Join(disk, "junk")
	if err := os.WriteFile(junk, make([]byte, 20<<20), 0o600); err == nil {
		t.Fatal("the disk has room")
	}
	close(o.repaired)
	take(5 * time.Second)
	if err := os.Remove(junk); err != nil {
		t.Fatal(err)
	}
	take(6 * time.Second)
	p.signal(t, syscall.SIGINT)
	if code := p.wait(t); code != 0 {
		t.Errorf("exit code %d: %s", code, &p.err)
	}
	compare(t, placed(t, sent, written), written)
	if out := p.out.String(); strings.Count(out, "is full: free some space") != 1 || strings.Count(out, "is back after") != 1 {
		t.Errorf("told:\n%s", out)
	}
}
