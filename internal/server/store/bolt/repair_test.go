package bolt_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

// change rewrites the state in dir, which no store has open.
func change(t *testing.T, dir string, do func(data []byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, bolt.FileName)
	if err := os.WriteFile(path, do(read(t, path)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestEmptyFile starts anew where a crash left an empty file, unless there is a copy.
func TestEmptyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, bolt.FileName)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := contents(t, dir); err != nil || len(got) != 0 {
		t.Errorf("Open returned %v, %v", got, err)
	}
}

// TestCheck looks at files without damage, with one and with several.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	newState(t, dir)
	written := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, bolt.FileName), written, written); err != nil {
		t.Fatal(err)
	}
	s, err := bolt.Check(dir, bolt.FileName)
	if err != nil || s.Damage != nil || !s.Written.Equal(written) || s.String() != "1 account, 41 channels, 29 inputs" {
		t.Errorf("Check returned %+v, %v", s, err)
	}
	whole := read(t, filepath.Join(dir, bolt.FileName))
	document := func(data []byte, id string) int { return bytes.LastIndex(data, []byte(id+`{"number"`)) }
	for name, c := range map[string]struct {
		do   func(data []byte) []byte
		want string
	}{
		"cut off":   {func(b []byte) []byte { return b[:4*pageSize] }, "it is cut off"},
		"a key":     {func(b []byte) []byte { copy(b[document(b, "1039"):], "1038"); return b }, "damaged"},
		"its value": {func(b []byte) []byte { b[document(b, "1039")+14] ^= 1; return b }, "not those that were written last"},
	} {
		change(t, dir, func([]byte) []byte { return c.do(bytes.Clone(whole)) })
		if s, err := bolt.Check(dir, bolt.FileName); err != nil || s.Damage == nil || !strings.Contains(s.Damage.Error(), c.want) {
			t.Errorf("%s: Check returned %+v, %v", name, s, err)
		}
	}
}

// TestDamageIsCounted overwrites leaves of a tree. The first is told, the others are counted.
func TestDamageIsCounted(t *testing.T) {
	dir := t.TempDir()
	newState(t, dir)
	whole := read(t, filepath.Join(dir, bolt.FileName))
	for n, want := range map[int]string{1: "its header is damaged", 3: "its header is damaged, and 2 more"} {
		change(t, dir, func([]byte) []byte {
			b := bytes.Clone(whole)
			for _, id := range []string{"1012", "1022", "1032"}[:n] { // Each lies in a page of its own.
				page := bytes.LastIndex(b, []byte(id+`{"number"`)) / pageSize * pageSize
				b[page] ^= 0x80
			}
			return b
		})
		s, err := bolt.Check(dir, bolt.FileName)
		if err != nil || s.Damage == nil || !strings.HasSuffix(s.Damage.Error(), want) {
			t.Errorf("%d pages: Check returned %+v, %v", n, s, err)
		}
	}
}

// TestRepairOfNoDamage repairs what is whole, and loses and revives nothing.
func TestRepairOfNoDamage(t *testing.T) {
	dir := t.TempDir()
	x := newState(t, dir)
	r, err := bolt.Repair(dir)
	if err != nil || r.String() != "1 account, 41 channels, 29 inputs" {
		t.Fatalf("Repair returned %+v, %v", r, err)
	}
	// The copy has what was deleted after it was made.
	if want := "channels/1001"; !slices.Contains(r.Lost, want) || len(r.Lost) != 11 {
		t.Errorf("of the copy, %v are missing", r.Lost)
	}
	if got, err := contents(t, dir); err != nil || !maps.Equal(got, x.wasNow) {
		t.Errorf("after the repair: %v, %v", got, err)
	}
}

// TestRepairOfNothing repairs a store without records, and a file of which nothing can be read.
func TestRepairOfNothing(t *testing.T) {
	dir := t.TempDir()
	if got, err := contents(t, dir); err != nil || len(got) != 0 {
		t.Fatalf("%v, %v", got, err)
	}
	empty := t.TempDir()
	s, err := bolt.Open(empty)
	if err != nil || s.Close() != nil {
		t.Fatal(err)
	}
	if r, err := bolt.Repair(empty); err != nil || r.String() != "no records" {
		t.Errorf("without records, Repair returned %+v, %v", r, err)
	}
	newState(t, dir)
	noise := bytes.Repeat([]byte("x"), 9000)
	change(t, dir, func([]byte) []byte { return noise })
	if r, err := bolt.Repair(dir); err == nil || !strings.Contains(err.Error(), "store restore") {
		t.Errorf("of noise, Repair returned %+v, %v", r, err)
	}
	if !bytes.Equal(read(t, filepath.Join(dir, bolt.FileName)), noise) {
		t.Error("a repair that fails changes the file")
	}
}

// TestPageSizes reads files of machines with other pages.
func TestPageSizes(t *testing.T) {
	for _, size := range []int{1024, 16 << 10, 64 << 10} {
		dir := t.TempDir()
		path := filepath.Join(dir, bolt.FileName)
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{PageSize: size})
		if err != nil || db.Close() != nil {
			t.Fatal(err)
		}
		x := newState(t, dir)
		if got, err := contents(t, dir); err != nil || !maps.Equal(got, x.wasNow) {
			t.Errorf("pages of %d bytes: %v", size, err)
		}
	}
}

// TestCheckWaits checks a state that a server releases a moment later.
func TestCheckWaits(t *testing.T) {
	dir := t.TempDir()
	s, err := bolt.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error)
	go func() {
		time.Sleep(100 * time.Millisecond)
		closed <- s.Close()
	}()
	if _, err := bolt.Check(dir, bolt.FileName); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// TestFreePages deletes thousands of records, so that the list of free pages is long.
func TestFreePages(t *testing.T) {
	dir := t.TempDir()
	s, err := bolt.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var put, remove store.Txn
	for i := range 500 {
		key := store.Key{Kind: "channels", ID: string(rune('a'+i%26)) + string(rune('a'+i/26))}
		put.Writes = append(put.Writes, store.Write{Key: key, Value: []byte(document(i, 4000))})
		remove.Writes = append(remove.Writes, store.Write{Key: key})
	}
	for _, x := range []store.Txn{put, remove, put, remove} {
		if _, err := s.Commit(t.Context(), x); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := contents(t, dir); err != nil || len(got) != 0 {
		t.Errorf("Open returned %d records, %v", len(got), err)
	}
}
