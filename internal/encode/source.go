package encode

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/source"
)

// Open returns the mezzanine of a source in its place, and closes it. name is
// the source's path, for one that is a file. A source that lies elsewhere is
// fetched as a whole first. tell, when not nil, is told of the progress.
// Without settings the source itself is returned.
func Open(ctx context.Context, from source.Source, name string, set *channel.Encode, tell func(Progress)) (source.Source, error) {
	if set == nil {
		return from, nil
	}
	store, err := cache.Open(os.Getenv)
	if err != nil {
		return from, err
	}
	m, err := Make(ctx, Job{
		Input:    input(from, name),
		Name:     display(name),
		Identity: from.Identity(),
		Settings: *set, Cache: store, Env: os.Getenv, Report: tell,
	})
	if err != nil {
		return from, err
	}
	opened, err := source.Open(ctx, m.Path, source.Options{AllowFiles: true})
	if err != nil {
		m.Close()
		return from, err
	}
	return looped{opened, m}, from.Close()
}

func display(name string) string {
	if name == "" {
		return "the bundled clip"
	}
	return source.Redact(name)
}

// input returns what brings a source to a file: its own, or the one given.
func input(from source.Source, name string) func(ctx context.Context, spare string) (string, error) {
	return func(ctx context.Context, spare string) (string, error) {
		if r, ok := from.(source.Remote); ok {
			return r.Download(ctx)
		}
		if name != "" {
			return name, nil
		}
		return spare, write(spare, io.NewSectionReader(from, 0, from.Size()))
	}
}

// write writes what r holds to a file.
func write(path string, r io.Reader) error {
	f, err := os.Create(path)
	if err == nil {
		_, err = io.Copy(f, r)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fault.New(fault.Source, "the cache cannot be written: %w", err)
	}
	return nil
}

// looped is a mezzanine that is played: it stays in the cache until it is closed.
type looped struct {
	source.Source
	mezzanine *Mezzanine
}

// Close implements source.Source.
func (l looped) Close() error {
	defer l.mezzanine.Close()
	return l.Source.Close()
}
