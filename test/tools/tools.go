// Package tools installs what tests need from package registries.
package tools

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Install returns a folder of the user's cache in which the steps, which are command
// lines, have succeeded once for these versions: the text that pins what they install.
func Install(ctx context.Context, name string, versions []byte, steps func(dir string) [][]string) (dir string, err error) {
	caches, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(versions)
	dir = filepath.Join(caches, name, hex.EncodeToString(sum[:6]))
	ready := filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, step := range steps(dir) {
		if out, err := exec.CommandContext(ctx, step[0], step[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w: %s", strings.Join(step, " "), err, bytes.TrimSpace(out))
		}
	}
	return dir, os.WriteFile(ready, nil, 0o644)
}
