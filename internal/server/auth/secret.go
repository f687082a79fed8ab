package auth

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/lilo-live/lilo/internal/fault"
)

// maxSecretFile is the longest file of keys or logins, in bytes.
const maxSecretFile = 1 << 20

// readSecret returns what a file of secrets holds, once it is sure that not
// everybody on the machine may read it. Group members may: a service's account
// often reads what an administrator's owns.
func readSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", path, cause(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", path, cause(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fault.New(fault.Usage, "%s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o027 != 0 {
		return nil, fault.New(fault.Usage, "%s has mode %04o and holds secrets: chmod 600 %s", path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", path, cause(err))
	}
	if len(text) > maxSecretFile {
		return nil, fault.New(fault.Usage, "%s has more than %d bytes", path, maxSecretFile)
	}
	return text, nil
}

// Append adds text to a file of secrets, which it makes with mode 0600 where
// there is none. Faults are of kind Usage.
func Append(path, text string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fault.New(fault.Usage, "%s: %w", path, cause(err))
	}
	if !endsLine(f) {
		text = "\n" + text
	}
	_, err = io.WriteString(f, text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fault.New(fault.Usage, "%s: %w", path, cause(err))
	}
	return nil
}

// endsLine tells whether what is appended begins a line.
func endsLine(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return true
	}
	last := make([]byte, 1)
	n, _ := f.ReadAt(last, info.Size()-1)
	return n == 1 && last[0] == '\n'
}

// cause takes the path off an error, which the text has already.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
