package auth

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// maxSecretFile is the longest file of keys or logins, in bytes.
const maxSecretFile = 1 << 20

// readSecrets returns the contents of a file that not everybody on the machine
// may read. Group members may: a service's account often reads what an
// administrator's owns.
func readSecrets(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fault.New(fault.Usage, "%s: %w", path, fault.Reason(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fault.New(fault.Usage, "%s: %w", path, fault.Reason(err))
	}
	if !info.Mode().IsRegular() {
		return "", fault.New(fault.Usage, "%s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o027 != 0 {
		return "", fault.New(fault.Usage, "%s has mode %04o and holds secrets: chmod 600 %s", path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", fault.New(fault.Usage, "%s: %w", path, fault.Reason(err))
	}
	if len(text) > maxSecretFile {
		return "", fault.New(fault.Usage, "%s has more than %d bytes", path, maxSecretFile)
	}
	return string(text), nil
}

// Append appends text to a file of keys or logins, on a line of its own. It
// creates the file with mode 0600. Faults are of kind Usage.
func Append(path, text string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fault.New(fault.Usage, "%s: %w", path, fault.Reason(err))
	}
	if !endsLine(f) {
		text = "\n" + text
	}
	_, err = io.WriteString(f, text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fault.New(fault.Usage, "%s: %w", path, fault.Reason(err))
	}
	return nil
}

// endsLine reports whether the file is empty or ends with a newline.
func endsLine(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return true
	}
	last := make([]byte, 1)
	n, _ := f.ReadAt(last, info.Size()-1)
	return n == 1 && last[0] == '\n'
}

// eachLine calls do with the trimmed lines of a file and their numbers, without
// empty lines and comments.
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
