package simulation

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/source"
)

// sources are the files that channels play.
type sources struct {
	world *world
	files []*file
}

// file is the name of a source, and what becomes of it.
type file struct {
	path   string
	inputs [2]string    // the contents that take turns under the name
	now    int          // which is there
	whole  bool         // it is there, and whole
	slow   atomic.Int64 // until then, in nanoseconds since 1970, reads wait
	broken atomic.Int64 // until then, reads fail
}

func (f *file) name() string { return filepath.Base(f.path) }

// contents returns a content: one of the inputs of package identity.
var contents = sync.OnceValue(func() map[string][]byte {
	all := map[string][]byte{}
	for _, name := range []string{"tiny", "sound-only-aac", "sound-only-mp2", "picture-only", "sound-short", "hevc-hvc1"} {
		data, err := os.ReadFile(filepath.Join("..", "identity", "testdata", "inputs", name+".mp4"))
		if err != nil {
			panic(err)
		}
		all[name] = data
	}
	return all
})

// add makes a file with one of two contents.
func (s *sources) add(name, one, other string) {
	f := &file{path: filepath.Join(s.world.dir, "media", name), inputs: [2]string{one, other}}
	s.files = append(s.files, f)
	s.replace(f, 0)
}

// replace puts a whole file with a content into place.
func (s *sources) replace(f *file, which int) {
	s.write(f.path+".new", contents()[f.inputs[which]])
	s.must(os.Rename(f.path+".new", f.path))
	f.now, f.whole = which, true
}

// damage writes into the file in place: what stood there is gone.
func (s *sources) damage(f *file, data []byte) {
	s.write(f.path, data)
	f.whole = false
}

func (s *sources) remove(f *file) {
	s.must(os.Remove(f.path))
	f.whole = false
}

// write writes a file. Its modification time is the world's.
func (s *sources) write(path string, data []byte) {
	s.must(os.WriteFile(path, data, 0o600))
	s.must(os.Chtimes(path, time.Now(), time.Now()))
}

func (s *sources) must(err error) {
	if err != nil {
		s.world.fail("a source cannot be prepared: %v", err)
	}
}

// open opens a source as a server does.
func (s *sources) open(ctx context.Context, name string, o source.Options) (source.Source, error) {
	opened, err := source.Open(ctx, name, o)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(s.files, func(f *file) bool { return f.path == name })
	if i < 0 {
		return opened, nil
	}
	return &reader{opened, s.files[i]}, nil
}

// reader is a source that may be slow or fail.
type reader struct {
	source.Source
	file *file
}

// ReadAt implements io.ReaderAt.
func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	for wait := until(&r.file.slow); wait > 0; wait = until(&r.file.slow) {
		time.Sleep(wait)
	}
	if until(&r.file.broken) > 0 {
		return 0, fault.New(fault.Source, "%s: %w", r.file.path, syscall.EIO)
	}
	return r.Source.ReadAt(p, off)
}

func until(at *atomic.Int64) time.Duration {
	if n := at.Load(); n > 0 {
		return time.Until(time.Unix(0, n))
	}
	return 0
}

// version returns a function that opens sources with the content of that number.
func (s *sources) version(which int) func(context.Context, string, source.Options) (source.Source, error) {
	return func(ctx context.Context, name string, o source.Options) (source.Source, error) {
		for _, f := range s.files {
			if f.path == name {
				data := contents()[f.inputs[which]]
				return content{bytes.NewReader(data), f.inputs[which]}, nil
			}
		}
		return source.Open(ctx, name, o)
	}
}

// content is a source in memory.
type content struct {
	*bytes.Reader
	name string
}

func (c content) Identity() string { return strings.ToUpper(c.name) }
func (c content) Close() error     { return nil }
