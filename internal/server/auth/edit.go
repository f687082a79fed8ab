package auth

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// File is a file of key pairs or of logins that is changed. What it holds besides, such
// as comments, stays as it is.
type File struct {
	path    string
	mode    fs.FileMode
	begins  func(line string) (name string, ok bool)
	entries []Entry
}

// Entry is a key pair or a login. One without a name is what lies between others.
type Entry struct {
	Name string
	text string
}

// OpenKeys returns the file of key pairs, which may not exist yet. Errors are of kind Usage.
func OpenKeys(path string) (*File, error) {
	return open(path, func(line string) (string, bool) {
		name, ok := strings.CutPrefix(line, "[")
		return strings.TrimSpace(strings.TrimSuffix(name, "]")), ok
	})
}

// OpenLogins returns the file of logins, which may not exist yet. Errors are of kind Usage.
func OpenLogins(path string) (*File, error) {
	return open(path, func(line string) (string, bool) {
		name, _, ok := strings.Cut(line, ":")
		return name, ok && line[0] != '#'
	})
}

func open(path string, begins func(string) (string, bool)) (*File, error) {
	f := &File{path: path, mode: 0o600, begins: begins}
	text, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if info, statErr := os.Stat(path); statErr == nil {
		f.mode = info.Mode().Perm()
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", path, fault.Reason(err))
	}
	f.parse(text)
	return f, nil
}

func (f *File) parse(text string) {
	named := false // an entry with a name goes on
	for line := range strings.Lines(text) {
		content := strings.TrimSpace(line)
		name, begins := f.begins(content)
		switch {
		case begins:
			f.entries, named = append(f.entries, Entry{name, line}), true
		case named && content != "" && !strings.ContainsRune("#;", rune(content[0])):
			f.entries[len(f.entries)-1].text += line
		default:
			f.entries = append(f.entries, Entry{text: line})
			named = named && content != ""
		}
	}
}

// Entries returns the key pairs or logins in the order of the file.
func (f *File) Entries() []Entry {
	return slices.DeleteFunc(slices.Clone(f.entries), func(e Entry) bool { return e.Name == "" })
}

// KeyID returns the access key id of a key pair, "" if it has none.
func (e Entry) KeyID() string {
	var pair keyPair
	for line := range strings.Lines(e.text) {
		_ = pair.set(strings.TrimSpace(line), 0) // What is no key pair has no id.
	}
	return pair.id
}

// Put adds an entry, in the place of those that have its name.
func (f *File) Put(name, text string) {
	f.Remove(name)
	if n := len(f.entries); n > 0 && !strings.HasSuffix(f.entries[n-1].text, "\n") {
		f.entries[n-1].text += "\n"
	}
	f.entries = append(f.entries, Entry{name, text})
}

// Remove takes out the entries of that name, and reports whether there was one.
func (f *File) Remove(name string) bool {
	before := len(f.entries)
	f.entries = slices.DeleteFunc(f.entries, func(e Entry) bool { return e.Name == name && name != "" })
	return len(f.entries) < before
}

// Save replaces the file as a whole, with its owner and mode, 0600 for a new one. Errors
// are of kind Usage.
func (f *File) Save() error {
	err := f.save()
	if err != nil {
		return fault.New(fault.Usage, "%s: %w", f.path, fault.Reason(err))
	}
	return nil
}

func (f *File) save() error {
	path, err := filepath.EvalSymlinks(f.path)
	if err != nil {
		path = f.path // It does not exist yet.
	}
	var text strings.Builder
	for _, e := range f.entries {
		text.WriteString(e.text)
	}
	next, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name())
	keepOwner(path, next.Name())
	_, err = next.WriteString(text.String())
	if err = errors.Join(err, next.Chmod(f.mode), next.Sync(), next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), path)
}
