package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store"
)

// CopyName is the name of the copy of the last good state.
const CopyName = FileName + ".good"

// Copy replaces the copy beside the file by one of what the store holds now.
func (s *Store) Copy() error {
	path := filepath.Join(filepath.Dir(s.db.Path()), CopyName)
	return replace(path, func(f *os.File) error {
		return s.db.View(func(tx *bbolt.Tx) error {
			_, err := tx.WriteTo(f)
			return err
		})
	})
}

// replace replaces a file as a whole.
func replace(path string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // Mode 0600.
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a renaming durable, where the system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync() // Not all systems can.
	return d.Close()
}

// Advice returns what to do about a damaged file.
func Advice(path string) string {
	return fmt.Sprintf("%s puts back its last good copy, %s keeps what can be read", command("restore", path), command("repair", path))
}

// command returns a command line about the state that a file belongs to.
func command(verb, path string) string {
	return "lilo serve store " + verb + " --state " + filepath.Dir(path)
}

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

// Check reads the state in dir, or its copy, and reports what it holds. It changes nothing.
// Faults are of kind Usage, unless the damage alone is at fault.
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

// Repaired is what a repair did.
type Repaired struct {
	*Summary
	// Aside is where the damaged file is now.
	Aside string
	// Lost are the records of the copy that the repaired file lacks, as kind/id.
	Lost []string
}

// Repair replaces a damaged state by all of its records that can be read, and keeps the
// damaged file. Faults are of kind Usage.
func Repair(dir string) (*Repaired, error) {
	path := filepath.Join(dir, FileName)
	data, err := readLocked(path)
	if err != nil {
		return nil, err
	}
	records := salvage(data)
	if records == nil {
		return nil, fault.New(fault.Usage, "nothing in %s can be read: %s puts back its last good copy", path, command("restore", path))
	}
	r := &Repaired{Summary: &Summary{Path: path, Records: map[string]int{}}}
	if r.Aside, err = aside(path); err != nil {
		return nil, err
	}
	s, err := Open(dir, Fresh)
	if err != nil {
		return nil, err
	}
	var t store.Txn
	for _, w := range records {
		t.Writes = append(t.Writes, w)
		r.Records[w.Kind]++
	}
	_, err = s.Commit(context.Background(), t)
	if err = errors.Join(err, s.Close()); err != nil {
		return nil, fault.New(fault.Usage, "%s cannot be written: %w", path, err)
	}
	if _, good, err := check(filepath.Join(dir, CopyName)); err == nil && good != nil && good.err() == nil {
		for _, w := range good.records {
			if _, ok := records[w.Key]; !ok {
				r.Lost = append(r.Lost, w.Kind+"/"+w.ID)
			}
		}
	}
	return r, nil
}

// salvage returns the records that can be read: those of one commit if that is whole,
// and otherwise what is left of the last. nil means that nothing can be read.
func salvage(data []byte) map[store.Key]store.Write {
	f, all := metas(data)
	if f == nil {
		return nil
	}
	records := map[store.Key]store.Write{}
	var readings []*reading
	for _, m := range all {
		readings = append(readings, f.read(m))
	}
	if i := slices.IndexFunc(readings, func(r *reading) bool { return r.err() == nil }); i >= 0 {
		readings = readings[i : i+1]
	}
	for _, r := range readings {
		for _, w := range r.records {
			if _, newer := records[w.Key]; !newer && json.Valid(w.Value) {
				records[w.Key] = store.Write{Key: w.Key, Value: bytes.Clone(w.Value)}
			}
		}
	}
	if len(records) == 0 && readings[0].err() != nil {
		return nil
	}
	return records
}

// aside renames a file so that it is kept, and returns its new path; "" if there is none.
func aside(path string) (string, error) {
	to := path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000Z")
	err := os.Rename(path, to)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fault.New(fault.Usage, "%s cannot be renamed: %w", path, fault.Reason(err))
	}
	return to, nil
}

// Restore replaces the state by its last good copy, and keeps the file that was there.
// Faults are of kind Usage.
func Restore(dir string) (*Repaired, error) {
	path, good := filepath.Join(dir, FileName), filepath.Join(dir, CopyName)
	s, r, err := check(good)
	if err != nil {
		return nil, err
	}
	if s.Damage != nil {
		return nil, fault.New(fault.Usage, "%s is damaged too: %w; %s keeps what can be read of %s", good, s.Damage, command("repair", path), path)
	}
	if _, err := readLocked(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	to, err := aside(path)
	if err == nil {
		err = replace(path, func(f *os.File) error {
			_, err := f.Write(r.data)
			return err
		})
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "%s cannot be written: %w", path, err)
	}
	s.Path = path
	return &Repaired{Summary: s, Aside: to}, nil
}
