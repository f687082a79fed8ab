package cache

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	dirVariable  = "LILO_CACHE"
	sizeVariable = "LILO_CACHE_SIZE"
	defaultLimit = 20_000_000_000
)

// Open returns the user's cache in the directory LILO_CACHE, by default lilo in
// the user's cache directory, bounded to LILO_CACHE_SIZE, by default 20 GB. Its
// errors are faults of kind Usage.
func Open(env func(string) string) (*Cache, error) {
	dir := env(dirVariable)
	if dir == "" {
		home, err := os.UserCacheDir()
		if err != nil {
			return nil, fault.New(fault.Usage, "the user has no cache folder (%w): name one in %s", err, dirVariable)
		}
		dir = filepath.Join(home, "lilo")
	}
	limit, err := parseSize(env(sizeVariable))
	if err != nil {
		return nil, err
	}
	return New(dir, limit), nil
}

// parseSize parses a number of bytes such as "20G", "500M" or "1000000".
func parseSize(text string) (int64, error) {
	if text == "" {
		return defaultLimit, nil
	}
	digits, factor := text, 1.0
	if i := strings.IndexByte("kMGT", text[len(text)-1]); i >= 0 {
		digits, factor = text[:len(text)-1], math.Pow(1000, float64(i+1))
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsNaN(n) || n <= 0 || n*factor >= math.MaxInt64 {
		return 0, fault.New(fault.Usage, "%s: %q is not a size; write 20G, 500M or a number of bytes", sizeVariable, text)
	}
	return int64(n * factor), nil
}
