package encode

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/source"
)

// OpenMezzanine returns the mezzanine of src and closes src. name is the path or URL
// that src was opened with, "" for the bundled clip. A remote source is
// downloaded completely first. report, if not nil, receives the progress.
// Without settings, and with an error, Open returns src itself.
func OpenMezzanine(ctx context.Context, src source.Source, name string, settings *channel.Encode, report func(Progress)) (source.Source, error) {
	if settings == nil {
		return src, nil
	}
	store, err := cache.Open(os.Getenv)
	if err != nil {
		return src, err
	}
	display := "the bundled clip"
	if name != "" {
		display = source.Redact(name)
	}
	entry, err := Make(ctx, Job{
		Input: input(src, name), Name: display, Identity: src.Identity(),
		Settings: *settings, Cache: store, Env: os.Getenv, Report: report,
	})
	if err != nil {
		return src, err
	}
	opened, err := source.Open(ctx, entry.Path(fileName), source.Options{AllowFiles: true})
	if err != nil {
		entry.Close()
		return src, err
	}
	return &Mezzanine{opened, entry, readNotes(entry.Path(notesName))}, src.Close()
}

// input returns the Job.Input of a source: its own file, or a copy in spare.
func input(src source.Source, name string) func(ctx context.Context, spare string) (string, error) {
	return func(ctx context.Context, spare string) (string, error) {
		if r, ok := src.(source.Remote); ok {
			return r.Download(ctx)
		}
		if name != "" {
			return name, nil
		}
		return spare, writeFile(spare, io.NewSectionReader(src, 0, src.Size()))
	}
}

func writeFile(path string, r io.Reader) error {
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

// Mezzanine is a source in a cache entry, which stays until the source is closed.
type Mezzanine struct {
	source.Source
	entry *cache.Entry
	notes []media.Note
}

// Notes says what of the source the mezzanine does not hold as it was.
func (m *Mezzanine) Notes() []media.Note { return m.notes }

// Close closes the source.
func (m *Mezzanine) Close() error {
	defer m.entry.Close()
	return m.Source.Close()
}
