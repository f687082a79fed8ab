package simulation

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
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
	path     string
	inputs   [2]string    // the contents that take turns under the name
	now      atomic.Int32 // which is there
	whole    atomic.Bool  // it is there, and whole
	replaced atomic.Int64 // when it became so, in nanoseconds since 1970
	slow     atomic.Int64 // until then, in nanoseconds since 1970, reads wait
	broken   atomic.Int64 // until then, reads fail
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
	f.now.Store(int32(which)) //nolint:gosec // It is 0 or 1.
	if !f.whole.Swap(true) {
		f.replaced.Store(time.Now().UnixNano())
	}
}

// damage writes into the file in place: what stood there is gone.
func (s *sources) damage(f *file, data []byte) {
	s.write(f.path, data)
	f.whole.Store(false)
}

func (s *sources) remove(f *file) {
	s.must(os.Remove(f.path))
	f.whole.Store(false)
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
	if f := s.file(name); f != nil {
		return &reader{opened.(localFile), f}, nil
	}
	return opened, nil
}

// localFile is what a file can do.
type localFile interface {
	source.Keeper
	source.Checker
}

// reader is a source that may be slow or fail.
type reader struct {
	localFile
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
	return r.localFile.ReadAt(p, off)
}

func until(at *atomic.Int64) time.Duration {
	if n := at.Load(); n > 0 {
		return time.Until(time.Unix(0, n))
	}
	return 0
}

// versions returns a function that opens sources with given contents: a digit for each call.
func (s *sources) versions(all string) func(context.Context, string, source.Options) (source.Source, error) {
	return func(ctx context.Context, name string, o source.Options) (source.Source, error) {
		f := s.file(name)
		if f == nil || all == "" {
			return nil, fmt.Errorf("%s is not among the sources, or they are opened more often than expected", name)
		}
		input := f.inputs[all[0]-'0']
		all = all[1:]
		return content{bytes.NewReader(contents()[input]), input}, nil
	}
}

// file returns the file of that path, nil if there is none.
func (s *sources) file(path string) *file {
	for _, f := range s.files {
		if f.path == path {
			return f
		}
	}
	return nil
}

// whole returns for how long all sources have been whole and readable by threads that run, 0
// if they are not.
func (s *sources) whole() time.Duration {
	since := s.world.began
	if stall := time.Unix(0, s.world.stall.Load()); stall.After(since) {
		since = stall
	}
	for _, f := range s.files {
		if !f.whole.Load() {
			return 0
		}
		for _, at := range []*atomic.Int64{&f.replaced, &f.slow, &f.broken} {
			if t := time.Unix(0, at.Load()); t.After(since) {
				since = t
			}
		}
	}
	return max(0, time.Since(since))
}

// content is a source in memory.
type content struct {
	*bytes.Reader
	name string
}

func (c content) Identity() string { return strings.ToUpper(c.name) }
func (c content) Close() error     { return nil }
