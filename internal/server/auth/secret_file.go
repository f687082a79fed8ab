package auth

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// maxSecretFile is the longest file of keys or logins, in bytes.
const maxSecretFile = 1 << 20

// readSecrets parses a file that others than its owner and group may not read. The
// group may: a service's account often reads what an administrator owns.
func readSecrets[T any](path string, parse func(text string) (T, error)) (parsed T, err error) {
	text, err := readPrivate(path)
	if err == nil {
		parsed, err = parse(text)
	}
	if err != nil {
		return parsed, fault.New(fault.Usage, "%s: %w", path, fault.Reason(err))
	}
	return parsed, nil
}

func readPrivate(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is not a regular file")
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o027 != 0 {
		return "", fmt.Errorf("it has mode %04o and holds secrets: chmod 600 %s", mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err == nil && len(text) > maxSecretFile {
		err = fmt.Errorf("it has more than %d bytes", maxSecretFile)
	}
	return string(text), err
}

// eachLine calls do with each trimmed line and its number, except for empty lines
// and comments.
func eachLine(text, comments string, do func(line string, number int) error) error {
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		if line = strings.TrimSpace(line); line == "" || strings.ContainsRune(comments, rune(line[0])) {
			continue
		}
		if err := do(line, number); err != nil {
			return err
		}
	}
	return nil
}
