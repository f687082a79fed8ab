package bolt

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store"
)

// Summary describes the content of a file.
type Summary struct {
	Path string
	// Written is when the file was last written.
	Written time.Time
	// Records counts the records of each kind.
	Records  map[string]int
	Revision store.Revision
	// Damage is why the file cannot be used, nil if it can. Records holds what can be read.
	Damage error
}

// String returns a line such as "12 channels, 14 inputs".
func (s *Summary) String() string {
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(s.Records)) {
		all = append(all, fmt.Sprintf("%d %s", s.Records[kind], strings.ToValidUTF8(kind, "?")))
	}
	if len(all) == 0 {
		return "no records"
	}
	return strings.Join(all, ", ")
}

// Check reads the file of that name in dir, FileName or CopyName, and reports what it
// holds. It changes nothing. Damage is no error; errors are of kind Usage.
func Check(dir, name string) (*Summary, error) {
	s, _, err := check(filepath.Join(dir, name))
	return s, err
}

func check(path string) (*Summary, *reading, error) {
	data, err := readLocked(path)
	if err != nil {
		return nil, nil, err
	}
	s := &Summary{Path: path, Records: map[string]int{}}
	if info, err := os.Stat(path); err == nil {
		s.Written = info.ModTime()
	}
	r := whole(data)
	if r == nil {
		s.Damage = fmt.Errorf("it has %d bytes and is no state file, or its beginning is damaged", len(data))
		return s, nil, nil
	}
	for _, w := range r.records {
		s.Records[w.Kind]++
	}
	s.Revision, s.Damage = r.meta.revision, r.err()
	return s, r, nil
}

// whole reads a file as bbolt does: by its newest intact meta page. It returns nil if
// there is none.
func whole(data []byte) *reading {
	f, all := metas(data)
	if f == nil {
		return nil
	}
	return f.read(all[0])
}

// readLocked returns the content of a file that no server has open.
func readLocked(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Usage, "%s cannot be read: %w", path, fault.Reason(err))
	}
	defer f.Close()
	if err := lock(f, lockTimeout); err != nil {
		return nil, inUse(path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.Usage, "%s cannot be read: %w", path, fault.Reason(err))
	}
	return data, nil
}

func inUse(path string) error {
	return fault.New(fault.Usage, "%s is in use by another lilo serve: stop that one, or give another --state", path)
}

// Advice returns what to do about a damaged file.
func Advice(path string) string {
	repair := command("repair", path) + " keeps what can be read"
	if !hasCopy(path) {
		return repair
	}
	return command("restore", path) + " puts back its last good copy, " + repair
}

// hasCopy reports whether there is a copy beside the file.
func hasCopy(path string) bool {
	_, err := os.Stat(filepath.Join(filepath.Dir(path), CopyName))
	return err == nil
}

// command returns a command line about the state that a file belongs to.
func command(verb, path string) string {
	return "lilo serve store " + verb + " --state " + filepath.Dir(path)
}
