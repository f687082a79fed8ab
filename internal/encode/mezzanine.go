package encode

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// recipe is the version of what this package does with settings and a source.
// It is part of a mezzanine's key, so that a better one makes it anew.
const recipe = 1

// Kind is what the entries of this package are called in the cache.
const Kind = "mezzanine"

// fileName is the mezzanine in its entry, lockName the lock of who makes it.
const (
	fileName = "mezzanine.mp4"
	lockName = "encoder"
	workName = "work-"
)

// Job is a mezzanine that is wanted.
type Job struct {
	// Input returns the path that ffmpeg reads. It may make a file of the name
	// spare, which is removed when the work is done.
	Input func(ctx context.Context, spare string) (string, error)
	// Name is what people call the source.
	Name string
	// Identity changes whenever the content of the source does.
	Identity string
	// Settings is how to encode.
	Settings channel.Encode
	// Cache is where mezzanines are kept.
	Cache *cache.Cache
	// Env reads the environment: LILO_FFMPEG.
	Env func(string) string
	// Report, when not nil, is told of the progress now and then, by one goroutine at a time.
	Report func(Progress)
}

// Mezzanine is one that is made and in use: it stays in the cache until it is closed.
type Mezzanine struct {
	// Path is where it lies.
	Path  string
	entry *cache.Entry
}

// Close ends the use of the mezzanine.
func (m *Mezzanine) Close() { m.entry.Close() }

// Make returns the mezzanine of a job: from the cache, or from another process
// that is making it, or made now. When ctx is done nothing is left behind.
// Faults are of kind Source and Media, Usage where there is no ffmpeg.
func Make(ctx context.Context, job Job) (*Mezzanine, error) {
	tool, err := findTool(ctx, job.Env)
	if err != nil {
		return nil, err
	}
	sweep(job.Cache)
	entry, err := job.Cache.Use(job.key(tool.version))
	if err != nil {
		return nil, err
	}
	if err := job.fill(ctx, tool, entry); err != nil {
		return nil, errors.Join(err, entry.Discard())
	}
	return &Mezzanine{Path: entry.Path(fileName), entry: entry}, nil
}

// key names the mezzanine by all it follows from.
func (j *Job) key(version string) string {
	text, _ := json.Marshal([]any{recipe, version, j.Identity, j.Settings}) // Plain values: it cannot fail.
	sum := sha256.Sum256(text)
	return Kind + "-" + hex.EncodeToString(sum[:12])
}

// fill sees to it that the entry holds the mezzanine.
func (j *Job) fill(ctx context.Context, tool tool, entry *cache.Entry) error {
	unlock, err := j.turn(ctx, entry)
	if err != nil || unlock == nil {
		return err
	}
	defer unlock()
	// What a process left that was killed, and what an error of this one leaves.
	clean(entry)
	defer clean(entry)
	if err := entry.SetMetadata(cache.Metadata{Name: j.Name + " (encoded)", Kind: Kind}); err != nil {
		return fault.New(fault.Source, "the cache cannot be written: %w", err)
	}
	w := work{job: j, tool: tool, entry: entry}
	if err := w.run(ctx); err != nil {
		if ctx.Err() != nil {
			return fault.New(fault.Internal, "interrupted: %s was not encoded", j.Name)
		}
		return err
	}
	return nil
}

// clean removes what is not the mezzanine.
func clean(entry *cache.Entry) {
	left, _ := filepath.Glob(entry.Path(workName + "*"))
	for _, f := range left {
		os.Remove(f)
	}
}

// sweep removes the entries of mezzanines that a process did not finish
// because it was killed.
func sweep(c *cache.Cache) {
	ids, _ := c.Find(Kind + "-")
	for _, id := range ids {
		if _, err := os.Stat(filepath.Join(c.Dir(), id, fileName)); errors.Is(err, os.ErrNotExist) {
			_ = c.Remove(id) // Not if it is in use.
		}
	}
}

// finished reports whether the entry holds the mezzanine.
func finished(entry *cache.Entry) bool {
	_, err := os.Stat(entry.Path(fileName))
	return err == nil
}
