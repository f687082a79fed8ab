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

// recipe is part of a mezzanine's cache key. Raise it when the same settings
// and source give another file, so that existing mezzanines are replaced.
const recipe = 3

// entryKind is the kind of this package's cache entries, and begins their ids.
const entryKind = "mezzanine"

// Files in a cache entry. Everything that begins with tempPrefix is temporary.
const (
	fileName   = "mezzanine.mp4"
	notesName  = "notes.json"
	lockName   = "encoder"
	tempPrefix = "work-"
)

// Job describes a mezzanine to make.
type Job struct {
	// Input returns the path that ffmpeg reads. It may create the file spare,
	// which Make removes.
	Input func(ctx context.Context, spare string) (string, error)
	// Name is the source's name in messages and in the list of the cache.
	Name string
	// Identity changes whenever the content of the source does.
	Identity string
	// Settings is how to encode.
	Settings channel.Encode
	// Cache keeps the mezzanine.
	Cache *cache.Cache
	// Env reads the environment variable LILO_FFMPEG.
	Env func(string) string
	// Report, if not nil, receives the progress, by one goroutine at a time.
	Report func(Progress)
}

// Make returns the cache entry with the mezzanine of a job: kept from before,
// made by another process meanwhile, or made now. When ctx is done it leaves
// nothing behind. Errors are faults of kind Source or Media, Usage where ffmpeg
// is missing.
func Make(ctx context.Context, job Job) (*cache.Entry, error) {
	tools, err := findFFmpeg(ctx, job.Env)
	if err != nil {
		return nil, err
	}
	if job.Report == nil {
		job.Report = func(Progress) {}
	}
	removeUnfinished(job.Cache)
	entry, err := job.Cache.Use(job.key(tools.version))
	if err != nil {
		return nil, err
	}
	if err := job.fill(ctx, tools, entry); err != nil {
		return nil, errors.Join(err, entry.Discard())
	}
	return entry, nil
}

// key returns the id of the mezzanine's cache entry. Equal keys mean equal files.
func (j *Job) key(version string) string {
	text, _ := json.Marshal([]any{recipe, version, j.Identity, j.Settings}) // Plain values: it cannot fail.
	sum := sha256.Sum256(text)
	return entryKind + "-" + hex.EncodeToString(sum[:12])
}

// fill makes the mezzanine in its entry, unless another process has made it.
func (j *Job) fill(ctx context.Context, tools ffmpeg, entry *cache.Entry) error {
	unlock, err := j.lock(ctx, entry)
	if err != nil || unlock == nil {
		return err
	}
	defer unlock()
	removeTemporary(entry) // A killed process may have left some.
	defer removeTemporary(entry)
	if err := entry.SetMetadata(j.metadata(0)); err != nil {
		return fault.New(fault.Source, "the cache cannot be written: %w", err)
	}
	b := builder{job: j, tools: tools, entry: entry}
	err = b.build(ctx)
	if err != nil && ctx.Err() != nil {
		return fault.New(fault.Internal, "interrupted: %s was not encoded", j.Name)
	}
	return err
}

func (j *Job) metadata(size int64) cache.Metadata {
	return cache.Metadata{Name: j.Name + " (encoded)", Kind: entryKind, Size: size}
}

// removeTemporary removes everything but the mezzanine.
func removeTemporary(entry *cache.Entry) {
	files, _ := filepath.Glob(entry.Path(tempPrefix + "*"))
	for _, f := range files {
		os.Remove(f)
	}
}

// removeUnfinished removes the entries that killed processes left without a mezzanine.
func removeUnfinished(c *cache.Cache) {
	ids, _ := c.Find(entryKind + "-")
	for _, id := range ids {
		if _, err := os.Stat(c.Path(id, fileName)); errors.Is(err, os.ErrNotExist) {
			_ = c.Remove(id) // Entries in use stay.
		}
	}
}

// finished reports whether the entry holds the mezzanine.
func finished(entry *cache.Entry) bool {
	_, err := os.Stat(entry.Path(fileName))
	return err == nil
}
