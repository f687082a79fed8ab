package server

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/console"
	"github.com/lilo-live/lilo/internal/server/service"
)

// maxFiles is how many entries of a folder are listed.
const maxFiles = 2000

// files lists the allowed folders, for "", or what one of them or a folder below it holds. Links that
// lead out of it are not followed.
func files(allowed []string, folder string) (l console.Listing, err error) {
	l.Entries = []console.Entry{}
	if folder == "" && len(allowed) == 1 {
		folder = allowed[0]
	}
	if folder == "" {
		for _, a := range allowed {
			l.Entries = append(l.Entries, console.Entry{Name: a, Path: a, Folder: true})
		}
		return l, nil
	}
	folder = filepath.Clean(folder)
	for _, a := range allowed {
		below, err := filepath.Rel(a, folder)
		if err != nil || !filepath.IsLocal(below) {
			continue
		}
		entries, err := listFolder(a, below)
		if err != nil {
			return l, err
		}
		l.Folder, l.Entries = folder, entries
		switch {
		case below != ".":
			l.Parent = filepath.Dir(folder)
		case len(allowed) > 1:
			l.Top = true
		}
		return l, nil
	}
	return l, service.Errorf(service.Forbidden, "%s is in no folder of --allow-files", folder)
}

// listFolder lists a folder below an allowed one: folders first, without what is hidden.
func listFolder(allowed, below string) ([]console.Entry, error) {
	root, err := os.OpenRoot(allowed)
	if err != nil {
		return nil, fault.New(fault.Source, "%s cannot be listed: %w", allowed, fault.Reason(err))
	}
	defer root.Close()
	found, err := fs.ReadDir(root.FS(), filepath.ToSlash(below))
	if err != nil {
		return nil, fault.New(fault.Source, "%s cannot be listed: %w", filepath.Join(allowed, below), fault.Reason(err))
	}
	entries := []console.Entry{}
	for _, f := range found {
		info, err := root.Stat(filepath.Join(below, f.Name())) // It follows links.
		if strings.HasPrefix(f.Name(), ".") || err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			continue
		}
		entries = append(entries, console.Entry{
			Name: f.Name(), Path: filepath.Join(allowed, below, f.Name()), Folder: info.IsDir(), Bytes: info.Size(), Changed: console.Time(info.ModTime()),
		})
		if len(entries) == maxFiles {
			break
		}
	}
	slices.SortStableFunc(entries, func(a, b console.Entry) int {
		if a.Folder != b.Folder {
			if a.Folder {
				return -1
			}
			return 1
		}
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return entries, nil
}
