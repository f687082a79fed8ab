package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store"
)

// Repaired is what a repair, or a restoration from the copy, did.
type Repaired struct {
	*Summary
	// Aside is where the file that was replaced is now; "" if there was none.
	Aside string
	// Lost are the records of the copy that the repaired file lacks, as kind/id.
	Lost []string
}

// Repair replaces a damaged state by all of its records that can be read, and keeps the
// damaged file. Errors are of kind State if nothing can be read, Destination if nothing
// can be written, and Usage otherwise; after one, the state is as it was.
func Repair(dir string) (*Repaired, error) {
	path := filepath.Join(dir, FileName)
	data, err := readLocked(path)
	if err != nil {
		return nil, err
	}
	records := salvage(data)
	if records == nil && !hasCopy(path) {
		return nil, fault.New(fault.State, "nothing in %s can be read, and there is no copy: without the file the server begins anew", path)
	}
	if records == nil {
		return nil, fault.New(fault.State, "nothing in %s can be read: %s puts back its last good copy", path, command("restore", path))
	}
	r := &Repaired{Summary: &Summary{Path: path, Records: map[string]int{}}}
	for key := range records {
		r.Records[key.Kind]++
	}
	if r.Aside, err = rebuild(path, records); err != nil {
		return nil, fault.New(fault.Destination, "%s cannot be written: %w", path, fault.Reason(err))
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

// rebuild replaces the file at path by one of these records, and returns where the old
// file is now.
func rebuild(path string, records map[store.Key]store.Write) (aside string, err error) {
	work, err := os.MkdirTemp(filepath.Dir(path), "repair-*.tmp")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	s, err := Open(work)
	if err != nil {
		return "", err
	}
	_, err = s.Commit(context.Background(), store.Txn{Writes: slices.Collect(maps.Values(records))})
	if err := errors.Join(err, s.Close()); err != nil {
		return "", err
	}
	return replaceAside(filepath.Join(work, FileName), path)
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

// replaceAside replaces the file at path by another, and returns where the old one is
// now; "" if there was none.
func replaceAside(by, path string) (aside string, err error) {
	aside = path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000Z")
	err = os.Link(path, aside) // With a link, a crash never leaves path without a file.
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = os.Rename(path, aside) // Not all file systems have links.
	}
	if errors.Is(err, fs.ErrNotExist) {
		aside, err = "", nil
	}
	if err == nil {
		err = os.Rename(by, path)
	}
	if err != nil {
		return "", err
	}
	return aside, syncDir(filepath.Dir(path))
}
