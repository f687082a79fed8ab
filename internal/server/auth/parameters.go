package auth

import (
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// Parameter returns the value of a parameter in a file of lines NAME=VALUE; empty lines and
// those that begin with # are comments. It reads the file each time, because the values may
// be renewed. Errors are of kind Usage; they do not hold values.
func Parameter(path, name string) (string, error) {
	if path == "" {
		return "", fault.New(fault.Usage, "it needs the parameter %q: put it into a file and name that with --parameters", name)
	}
	return readSecrets(path, func(text string) (string, error) {
		for line := range strings.Lines(text) {
			key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
			if ok && strings.TrimSpace(key) == name && !strings.HasPrefix(strings.TrimSpace(line), "#") {
				return value, nil
			}
		}
		return "", fault.New(fault.Usage, "it lacks the parameter %q: add a line %s=PASSWORD", name, name)
	})
}

// CheckParameters reports why Parameter could not read a file, as a fault of kind Usage.
func CheckParameters(path string) error {
	_, err := readSecrets(path, func(string) (any, error) { return nil, nil }) //nolint:nilnil // Only the file matters.
	return err
}
