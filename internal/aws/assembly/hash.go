package assembly

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/fault"
)

// Hash returns a local source with its hash, which is cached in a folder, if one is
// named, so that a large file is read once. Faults are of kind Source.
func Hash(ctx context.Context, path, cache string) (template.File, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return template.File{}, fault.New(fault.Source, "%w", err)
	}
	f := template.File{Path: absolute}
	info, err := os.Stat(absolute)
	if err != nil {
		return template.File{}, fault.New(fault.Source, "the source: %w", err)
	}
	if !info.Mode().IsRegular() {
		return template.File{}, fault.New(fault.Source, "the source %s is not a file", path)
	}
	name := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%d", absolute, info.Size(), info.ModTime().UnixNano()))
	cached := ""
	if cache != "" {
		cached = filepath.Join(cache, hex.EncodeToString(name[:16])+".sha256")
	}
	if text, err := os.ReadFile(cached); err == nil && len(text) == 2*sha256.Size {
		f.Hash = string(text)
		return f, nil
	}
	if f.Hash, err = hashOf(ctx, absolute); err != nil {
		if ctx.Err() != nil {
			return template.File{}, fault.New(fault.Internal, "interrupted while reading %s: nothing was created", path)
		}
		return template.File{}, fault.New(fault.Source, "the source: %w", err)
	}
	if cached != "" {
		store(cached, []byte(f.Hash))
	}
	return f, nil
}

func hashOf(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(h, f, 16<<20)
		}
	}
	if !errors.Is(err, io.EOF) {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// store writes a file to a cache atomically. Errors are ignored: the file is then
// made again next time.
func store(path string, text []byte) {
	if os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return
	}
	_, err = f.Write(text)
	if f.Close() == nil && err == nil && os.Rename(f.Name(), path) == nil {
		return
	}
	_ = os.Remove(f.Name())
}
