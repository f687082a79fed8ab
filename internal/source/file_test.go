package source

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// overwrite writes over the beginning of a file, long after it was written.
func overwrite(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close(), os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)))
}

// TestFileChanges checks that a file which is removed or replaced stays the same,
// with one line that says so, and that one which is written to is not read further.
func TestFileChanges(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(path string) error
		told string
		kind fault.Kind // 0 where it is read on
	}{
		"nothing happens": {func(string) error { return nil }, "", 0},
		"removed":         {os.Remove, "was removed or moved", 0},
		"replaced":        {replace, "was replaced by another file", 0},
		"cut":             {func(path string) error { return os.Truncate(path, 3) }, "", fault.Changed},
		"written to":      {func(path string) error { return os.WriteFile(path, []byte("longer than before"), 0o600) }, "", fault.Changed},
		"touched":         {func(path string) error { return os.Chtimes(path, time.Now(), time.Unix(1, 1)) }, "was touched", 0},
		"overwritten":     {func(path string) error { return overwrite(path, "beforE") }, "", fault.Changed},
		"written again":   {func(path string) error { return overwrite(path, "before") }, "was touched", 0},
	} {
		for memory, size := range map[string]int64{"from the disk": 0, "from memory": 6} {
			t.Run(name+" "+memory, func(t *testing.T) { checkChange(t, NewMemory(size), c.do, c.told, c.kind) })
		}
	}
}

// checkChange reads a file again and again after a change.
func checkChange(t *testing.T, m *Memory, do func(path string) error, want string, kind fault.Kind) {
	path := filepath.Join(t.TempDir(), "movie.mp4")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	var told []string
	f, err := openFile(path, Options{Memory: m, Notify: func(line string) { told = append(told, line) }})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.(*file).every, f.(*file).checks = 0, nameInterval-2
	f.(Keeper).Keep()
	if _, err := f.ReadAt(make([]byte, 6), 0); err != nil {
		t.Fatal(err)
	}
	if err := do(path); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 6)
	for range 3 {
		if _, err = f.ReadAt(got, 0); err != nil {
			break
		}
	}
	if kind != 0 {
		if fault.KindOf(err) != kind {
			t.Errorf("read on with %v", err)
		}
		return
	}
	if err != nil || string(got) != "before" {
		t.Errorf("read %q, %v", got, err)
	}
	if all := strings.Join(told, "\n"); !strings.Contains(all, want) || len(told) > 1 || want == "" && all != "" {
		t.Errorf("told %q, want one line of %q", told, want)
	}
}

// A file is checked for changes once a second, however often it is read.
func TestFileIsCheckedEachSecond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "movie.mp4")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := openFile(path, Options{Notify: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read := func() error { _, err := f.ReadAt(make([]byte, 6), 0); return err }
	if err := errors.Join(read(), overwrite(path, "after!"), read()); err != nil {
		t.Errorf("it was checked at once: %v", err)
	}
	f.(*file).checked.Add(-int64(checkInterval))
	if err := read(); fault.KindOf(err) != fault.Changed {
		t.Errorf("read on with %v", err)
	}
}

// What fits in the memory is read from the file once, in any pieces; what does not is read each time.
func TestMemory(t *testing.T) {
	content := make([]byte, 3*keepSize+100)
	for i := range content {
		content[i] = byte(i*i>>3 + i/keepSize) // The parts differ.
	}
	path := filepath.Join(t.TempDir(), "movie.mp4")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	m := NewMemory(int64(len(content)))
	for range 2 { // Close gives the memory back.
		f, errF := openFile(path, Options{Memory: m})
		other, errOther := openFile(path, Options{Memory: m})
		if err := errors.Join(errF, errOther); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			f.(Keeper).Keep()
			other.(Keeper).Keep()
		}
		for range 2 {
			if err := iotest.TestReader(io.NewSectionReader(f, 0, f.Size()), content); err != nil {
				t.Fatal(err)
			}
		}
		if reads := f.(*file).seen; reads != 4 {
			t.Errorf("%d reads of a file of 4 parts", reads)
		}
		if other.(*file).kept.Load() != nil {
			t.Error("a file is kept that does not fit beside the first")
		}
		if err := errors.Join(f.Close(), other.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// The name of a file is looked up at every tenth check only.
func TestNameIsLookedUpNowAndThen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "movie.mp4")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	told := 0
	f, err := openFile(path, Options{Notify: func(string) { told++ }})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.(*file).every = 0
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 2*nameInterval; n++ {
		if err := f.(Checker).Check(); err != nil {
			t.Fatal(err)
		}
		if want := min(1, n/nameInterval); told != want {
			t.Fatalf("at check %d, it was told %d times, want %d", n, told, want)
		}
	}
}

func replace(path string) error {
	if err := os.WriteFile(path+".new", []byte("after!"), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Of the channels that share a file, none plays what was written over it after one has found
// that out, although each looks only now and then.
func TestWhatOneReaderFindsAllShare(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clip.mp4")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(t.Context(), path, Options{AllowFiles: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.WriteFile(path, []byte("longer than before"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.(*file).checked.Store(0)
	for range 3 {
		if _, err := f.ReadAt(make([]byte, 3), 0); fault.KindOf(err) != fault.Changed {
			t.Errorf("ReadAt: %v", err)
		}
	}
}
