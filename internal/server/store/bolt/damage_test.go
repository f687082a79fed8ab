package bolt_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

const pageSize = 4096

// state is a store of known content.
type state struct {
	before, now       []byte // the file before its last commit, and now
	wasBefore, wasNow map[string]string
	copied            map[string]string
}

// commit makes a transaction and remembers what it writes.
func commit(t *testing.T, s *bolt.Store, all map[string]string, writes map[string]string) {
	t.Helper()
	var x store.Txn
	for name, value := range writes {
		kind, id, _ := strings.Cut(name, "/")
		w := store.Write{Key: store.Key{Kind: kind, ID: id}}
		if value == "" {
			delete(all, name)
		} else {
			w.Value = []byte(value)
			all[name] = value
		}
		x.Writes = append(x.Writes, w)
	}
	if _, err := s.Commit(t.Context(), x); err != nil {
		t.Fatal(err)
	}
}

func document(i, size int) string {
	return fmt.Sprintf(`{"number":%d,"text":%q}`, i, strings.Repeat(string(rune('a'+i%26)), size))
}

// newState makes a store with small and large records in a directory, and a copy of it
// that lacks its last commits.
func newState(t *testing.T, dir string) *state {
	t.Helper()
	s, err := bolt.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for i := range 40 {
		commit(t, s, all, map[string]string{
			fmt.Sprintf("channels/%d", 1000+i): document(i, 900), fmt.Sprintf("inputs/%d", 1000+i): document(i, 60),
		})
	}
	commit(t, s, all, map[string]string{"channels/large": document(3, 9000), "account/account": document(1, 5), "inputs/1003": ""})
	if err := s.Copy(); err != nil {
		t.Fatal(err)
	}
	x := &state{copied: maps.Clone(all)}
	for i := range 10 {
		commit(t, s, all, map[string]string{fmt.Sprintf("channels/%d", 1010+i): document(i+1, 800), fmt.Sprintf("inputs/%d", 1020+i): ""})
	}
	x.wasBefore = maps.Clone(all)
	file := filepath.Join(dir, bolt.FileName)
	x.before = read(t, file)
	commit(t, s, all, map[string]string{"channels/1005": document(77, 1200), "channels/new": document(78, 100), "channels/1001": ""})
	x.wasNow = all
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	x.now = read(t, file)
	return x
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// contents returns all records of a store, as kind/id.
func contents(t *testing.T, dir string) (map[string]string, error) {
	s, err := bolt.Open(dir)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	records, _, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, w := range records {
		all[w.Kind+"/"+w.ID] = string(w.Value)
	}
	// The file takes further commits.
	_, err = s.Commit(t.Context(), store.Txn{Writes: []store.Write{{Key: store.Key{Kind: "others", ID: "x"}, Value: []byte("{}")}}})
	if err != nil {
		t.Errorf("a commit fails: %v", err)
	}
	return all, nil
}

// damages returns files that the program did not write, by what happened to them.
func (x *state) damages() map[string][]byte {
	all := map[string][]byte{}
	edit := func(name string, do func(b []byte)) {
		b := bytes.Clone(x.now)
		do(b)
		all[name] = b
	}
	pages := len(x.now) / pageSize
	for _, n := range []int{1, 17, 4095, 4096, 4097, 8192, 12288, 16384, len(x.now) / 2, len(x.now) - 4096, len(x.now) - 1} {
		all[fmt.Sprintf("cut to %d bytes", n)] = x.now[:n]
	}
	for i := range pages {
		at := i * pageSize
		edit(fmt.Sprintf("page %d of zeros", i), func(b []byte) { clear(b[at : at+pageSize]) })
		edit(fmt.Sprintf("page %d of ones", i), func(b []byte) { copy(b[at:], bytes.Repeat([]byte{255}, pageSize)) })
		edit(fmt.Sprintf("half of page %d torn", i), func(b []byte) { copy(b[at:], x.before[min(at, len(x.before)):min(at+pageSize/2, len(x.before))]) })
		edit(fmt.Sprintf("page %d lost", i), func(b []byte) { copy(b[at:at+pageSize], x.before[min(at, len(x.before)):]) })
		edit(fmt.Sprintf("pages %d and %d swapped", i, (i+1)%pages), func(b []byte) {
			other := (i + 1) % pages * pageSize
			copy(b[at:at+pageSize], x.now[other:])
			copy(b[other:other+pageSize], x.now[at:])
		})
		edit(fmt.Sprintf("page %d where its neighbour was", i), func(b []byte) { copy(b[(i+1)%pages*pageSize:][:pageSize], x.now[at:]) })
		for _, offset := range []int{0, 8, 10, 12, 16, 24, 28, 40, 64} {
			edit(fmt.Sprintf("byte %d of page %d flipped", offset, i), func(b []byte) { b[at+offset] ^= 1 << (offset % 8) })
		}
	}
	edit("both meta pages of zeros", func(b []byte) { clear(b[:2*pageSize]) })
	all["another file"] = []byte(strings.Repeat("no store ", 1000))
	all["empty"] = nil
	r := rand.New(rand.NewPCG(14, 4))
	for i := range 100 {
		edit(fmt.Sprintf("noise %d", i), func(b []byte) {
			for range 1 + r.IntN(8) {
				b[r.IntN(len(b))] = byte(r.Uint32())
			}
		})
	}
	return all
}

// TestDamage opens, repairs and restores files with every kind of damage. None makes
// the program panic or start with a content that was never there.
func TestDamage(t *testing.T) {
	x := newState(t, t.TempDir())
	home := t.TempDir()
	if _, err := os.Stat("/dev/shm"); err == nil { // Thousands of files need not reach a disk.
		if dir, err := os.MkdirTemp("/dev/shm", "lilo-damage-"); err == nil { //nolint:usetesting // t.TempDir is on a disk.
			home = dir
			t.Cleanup(func() { os.RemoveAll(dir) })
		}
	}
	good := filepath.Join(home, "good")
	if err := os.Mkdir(good, 0o700); err != nil {
		t.Fatal(err)
	}
	newState(t, good)
	healthy, refused, lost := 0, 0, 0
	for name, damaged := range x.damages() {
		dir := filepath.Join(home, strings.ReplaceAll(name, " ", "-"))
		lay := func() {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(dir, os.DirFS(good)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, bolt.FileName), damaged, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		lay()
		got, err := contents(t, dir)
		if err == nil {
			healthy++
			if !maps.Equal(got, x.wasNow) && !maps.Equal(got, x.wasBefore) {
				t.Errorf("%s: it starts with a content that never was", name)
			}
			os.RemoveAll(dir)
			continue
		}
		refused++
		if text := err.Error(); fault.KindOf(err) != fault.State || strings.Contains(text, "\n") || !strings.Contains(text, "store restore") {
			t.Errorf("%s: %v", name, err)
		}
		if r, err := bolt.Repair(dir); err == nil {
			if r.Aside == "" || !bytes.Equal(read(t, r.Aside), damaged) {
				t.Errorf("%s: the damaged file is not kept", name)
			}
			if files, err := os.ReadDir(dir); err != nil || len(files) != 3 { // Of the state, its copy and the damaged file.
				t.Errorf("%s: a repair leaves %v, %v", name, files, err)
			}
			got, err := contents(t, dir)
			if err != nil {
				t.Errorf("%s: after a repair: %v", name, err)
			}
			for key, value := range got {
				if value != x.wasNow[key] && value != x.wasBefore[key] && !strings.Contains(name, "flipped") && !strings.Contains(name, "noise") {
					t.Errorf("%s: a repair makes %s what it never was", name, key)
				}
			}
			if !maps.Equal(got, x.wasNow) && !maps.Equal(got, x.wasBefore) {
				lost++
			}
		} else if text := err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, "store restore") {
			t.Errorf("%s: a repair says %q", name, text)
		}
		lay()
		if r, err := bolt.Restore(dir); err != nil || r.Damage != nil {
			t.Errorf("%s: restore: %v", name, err)
		} else if got, err := contents(t, dir); err != nil || !maps.Equal(got, x.copied) {
			t.Errorf("%s: after a restore: %v", name, err)
		}
		os.RemoveAll(dir)
	}
	t.Logf("%d kinds of damage do no harm, %d are refused; a repair of %d loses something", healthy, refused, lost)
	if refused < 200 || healthy < 50 {
		t.Error("that shows too little")
	}
}

// TestStateIsMissing removes the state where there is a copy of it.
func TestStateIsMissing(t *testing.T) {
	dir := t.TempDir()
	x := newState(t, dir)
	if err := os.Remove(filepath.Join(dir, bolt.FileName)); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Open(dir); fault.KindOf(err) != fault.State || !strings.Contains(err.Error(), "store restore") {
		t.Errorf("Open returned %v", err)
	}
	if r, err := bolt.Restore(dir); err != nil || r.Aside != "" || r.String() != "1 account, 41 channels, 39 inputs" {
		t.Errorf("Restore returned %v, %v", r, err)
	}
	if got, err := contents(t, dir); err != nil || !maps.Equal(got, x.copied) {
		t.Errorf("%v", err)
	}
	if err := os.Truncate(filepath.Join(dir, bolt.CopyName), 5000); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Restore(dir); err == nil || !strings.Contains(err.Error(), "damaged too") {
		t.Errorf("Restore returned %v", err)
	}
}

// TestCopyIsMissing damages a state without a copy. No error advises to put one back.
func TestCopyIsMissing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, bolt.FileName), bytes.Repeat([]byte("x"), 9000), 0o600); err != nil {
		t.Fatal(err)
	}
	_, opened := bolt.Open(dir)
	_, repaired := bolt.Repair(dir)
	for err, want := range map[error]string{opened: "store repair", repaired: "begins anew"} {
		if fault.KindOf(err) != fault.State || strings.Contains(err.Error(), "store restore") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestInUse has a server use the state.
func TestInUse(t *testing.T) {
	dir := t.TempDir()
	s, err := bolt.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, do := range map[string]func() error{
		"check":   func() error { _, err := bolt.Check(dir, bolt.FileName); return err },
		"repair":  func() error { _, err := bolt.Repair(dir); return err },
		"restore": func() error { _ = s.Copy(); _, err := bolt.Restore(dir); return err },
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), "in use") {
			t.Errorf("%s returned %v", name, err)
		}
	}
}

// FuzzOpen opens any file.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	s, err := bolt.Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	_, _ = s.Commit(f.Context(), store.Txn{Writes: []store.Write{{Key: store.Key{Kind: "channels", ID: "1"}, Value: []byte("{}")}}})
	s.Close()
	data, err := os.ReadFile(filepath.Join(dir, bolt.FileName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:20*1024])
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, bolt.FileName), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := bolt.Open(dir); err == nil {
			if _, _, err := s.Load(t.Context()); err != nil {
				t.Error(err)
			}
			s.Close()
		}
		_, _ = bolt.Repair(dir)
	})
}
