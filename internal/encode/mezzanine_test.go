package encode

import (
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

func TestKey(t *testing.T) {
	a, _ := channel.Preset("avc")
	b, _ := channel.Preset("hevc")
	seen := map[string]bool{}
	for _, j := range []Job{{Identity: "x", Settings: a}, {Identity: "y", Settings: a}, {Identity: "x", Settings: b}} {
		for _, version := range []string{"ffmpeg version 5", "ffmpeg version 6"} {
			if k := j.key(version); seen[k] || k != j.key(version) {
				t.Errorf("%s twice", k)
			} else {
				seen[k] = true
			}
		}
	}
}

// TestRemoveUnfinished removes what a killed process left.
func TestRemoveUnfinished(t *testing.T) {
	j, _ := newFakeJob(t, "8.0", "2", "")
	entry, err := j.Cache.Use(entryKind + "-killed")
	if err != nil {
		t.Fatal(err)
	}
	if err := entry.Write(tempPrefix+"video.mp4", []byte("half")); err != nil {
		t.Fatal(err)
	}
	removeUnfinished(j.Cache)
	if ids, _ := j.Cache.Find(""); len(ids) != 1 {
		t.Error("an entry in use was removed")
	}
	entry.Close()
	removeUnfinished(j.Cache)
	nothingLeft(t, j)
}

// nothingLeft checks that the cache is empty.
func nothingLeft(t *testing.T, j Job) {
	t.Helper()
	if ids, err := j.Cache.Find(""); err != nil || len(ids) > 0 {
		t.Errorf("left behind: %v %v", ids, err)
	}
}
