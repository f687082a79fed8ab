package cache

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func entry(t *testing.T, c *Cache, id string, bytes int) *Entry {
	t.Helper()
	e, err := c.Use(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SetMetadata(Metadata{Name: "name of " + id, Kind: "test", Size: int64(bytes)}); err != nil {
		t.Fatal(err)
	}
	if err := e.Write("data", make([]byte, bytes)); err != nil {
		t.Fatal(err)
	}
	return e
}

// age sets when an entry was last used.
func age(t *testing.T, c *Cache, id string, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	if err := os.Chtimes(c.Path(id, lockName), then, then); err != nil {
		t.Fatal(err)
	}
}

func ids(t *testing.T, c *Cache) string {
	t.Helper()
	all, err := c.Find("")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func TestLeastRecentlyUsedIsRemovedFirst(t *testing.T) {
	c := New(t.TempDir(), 1_000_000)
	for i, id := range []string{"new", "middle", "old"} {
		entry(t, c, id, 300_000).Close()
		age(t, c, id, time.Duration(i+1)*time.Hour)
	}
	if err := c.MakeRoom("next", 300_000); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, c); got != "new middle" {
		t.Errorf("left: %s", got)
	}
}

func TestEntriesInUseStay(t *testing.T) {
	c := New(t.TempDir(), 1_000_000)
	used := entry(t, c, "used", 600_000)
	age(t, c, "used", time.Hour)
	if err := c.MakeRoom("next", 600_000); err == nil {
		t.Error("MakeRoom found room in a full cache")
	}
	if err := c.Remove("used"); !errors.Is(err, ErrInUse) {
		t.Errorf("removing: %v", err)
	}
	used.Close()
	if err := c.MakeRoom("next", 600_000); err != nil || ids(t, c) != "" {
		t.Errorf("left: %s, %v", ids(t, c), err)
	}
}

func TestEntriesInUseCountWithTheirCompleteSize(t *testing.T) {
	c := New(t.TempDir(), 1_000_000)
	e := entry(t, c, "growing", 10)
	defer e.Close()
	if err := e.SetMetadata(Metadata{Size: 900_000}); err != nil {
		t.Fatal(err)
	}
	if err := c.MakeRoom("next", 200_000); err == nil {
		t.Error("both entries do not fit")
	}
}

func TestLargerThanTheCache(t *testing.T) {
	err := New(t.TempDir(), 1000).MakeRoom("x", 1001)
	if err == nil || !strings.Contains(err.Error(), "LILO_CACHE_SIZE") {
		t.Error(err)
	}
}

func TestDiscard(t *testing.T) {
	c := New(t.TempDir(), 1_000_000)
	a, b := entry(t, c, "x", 1), entry(t, c, "x", 1)
	if err := a.Discard(); err != nil || ids(t, c) != "x" {
		t.Errorf("left: %q, %v", ids(t, c), err)
	}
	if err := b.Discard(); err != nil || ids(t, c) != "" {
		t.Errorf("left: %q, %v", ids(t, c), err)
	}
}

func TestLock(t *testing.T) {
	c := New(t.TempDir(), 1_000_000)
	a, b := entry(t, c, "x", 1), entry(t, c, "x", 1)
	defer a.Close()
	defer b.Close()
	unlock, err := a.TryLock("writer")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.TryLock("writer"); !errors.Is(err, ErrInUse) {
		t.Errorf("the second: %v", err)
	}
	unlock()
	if unlock, err = b.TryLock("writer"); err != nil {
		t.Error(err)
	} else {
		unlock()
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	c := New(t.TempDir(), 1_000_000)
	e := entry(t, c, "x", 1)
	defer e.Close()
	if err := os.Mkdir(e.Path("taken"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := e.Write("taken", []byte("x")); err == nil {
		t.Error("a directory was replaced")
	}
	files, err := os.ReadDir(c.Path("x", ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(f.Name(), "tmp") {
			t.Errorf("%s was left behind", f.Name())
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"": defaultLimit, "1": 1, "20G": 20e9, "1.5k": 1500, "2T": 2e12,
		"0": 0, "-1": 0, "G": 0, "x": 0, "NaN": 0, "1e30": 0, "5m": 0,
	} {
		got, err := parseSize(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

// TestUseWhileRemoved waits for a lock whose holder removes the file.
func TestUseWhileRemoved(t *testing.T) {
	c := New(t.TempDir(), 1_000_000)
	entry(t, c, "x", 1).Close()
	age(t, c, "x", time.Hour)
	l, err := tryExclusive(c.Path("x", lockName))
	if err != nil {
		t.Fatal(err)
	}
	used := make(chan *Entry)
	go func() {
		e, err := c.Use("x")
		if err != nil {
			t.Error(err)
		}
		used <- e
	}()
	for range 100 { // However far Use has come, it must not use what is removed.
		time.Sleep(time.Millisecond)
	}
	if err := os.RemoveAll(c.Path("x", "")); err != nil {
		t.Fatal(err)
	}
	l.Close()
	e := <-used
	defer e.Close()
	all, err := c.List()
	if err != nil || len(all) != 1 || !all[0].InUse || all[0].Name != "" || time.Since(all[0].Used) > time.Minute {
		t.Errorf("%+v, %v", all, err)
	}
}
