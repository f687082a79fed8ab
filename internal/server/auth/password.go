package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/lilo-live/lilo/internal/fault"
)

// password is an argon2id hash (RFC 9106) with its parameters.
type password struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
	salt    []byte
	hash    []byte
}

// The second recommended option of RFC 9106, section 4: 64 MiB and three passes.
const (
	defaultMemory  = 64 * 1024
	defaultPasses  = 3
	defaultThreads = 4
	saltSize       = 16
	hashSize       = 32
)

// The most that a hash in a file may cost.
const (
	maxMemory = 1 << 20 // KiB
	maxPasses = 64
)

// The length of a password, in bytes.
const (
	MinPassword = 10
	MaxPassword = 1024
)

// HashPassword returns the hash of a password as a file of logins holds it. Errors
// are of kind Usage.
func HashPassword(text string) (string, error) {
	if len(text) < MinPassword || len(text) > MaxPassword {
		return "", fault.New(fault.Usage, "a password has %d to %d characters, not %d", MinPassword, MaxPassword, len(text))
	}
	p := password{memory: defaultMemory, passes: defaultPasses, threads: defaultThreads, salt: make([]byte, saltSize)}
	_, _ = rand.Read(p.salt) // It never fails.
	p.hash = p.derive(text, hashSize)
	return p.String(), nil
}

// derive returns the hash of text with the parameters of p, in size bytes.
func (p *password) derive(text string, size int) []byte {
	return argon2.IDKey([]byte(text), p.salt, p.passes, p.memory, p.threads, uint32(size)) //nolint:gosec // It is 64 at most.
}

// matches reports whether text is the password.
func (p *password) matches(text string) bool {
	return len(text) <= MaxPassword && subtle.ConstantTimeCompare(p.derive(text, len(p.hash)), p.hash) == 1
}

// String returns $argon2id$v=19$m=65536,t=3,p=4$salt$hash.
func (p *password) String() string {
	code := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.threads,
		code.EncodeToString(p.salt), code.EncodeToString(p.hash))
}

func parsePassword(text string) (*password, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, fault.New(fault.Usage, "the hash is not argon2id: lilo serve add-login makes one")
	}
	var p password
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.threads); n != 3 || err != nil {
		return nil, fault.New(fault.Usage, "the hash lacks its parameters (m=,t=,p=)")
	}
	if p.memory > maxMemory || p.passes > maxPasses || p.passes < 1 || p.threads < 1 || p.memory < 8*uint32(p.threads) {
		return nil, fault.New(fault.Usage, "the hash has m=%d,t=%d,p=%d: the limits are m=%d,t=%d", p.memory, p.passes, p.threads, maxMemory, maxPasses)
	}
	var errSalt, errHash error
	p.salt, errSalt = base64.RawStdEncoding.DecodeString(parts[4])
	p.hash, errHash = base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errHash != nil || len(p.salt) < 8 || len(p.hash) < 16 || len(p.hash) > 64 {
		return nil, fault.New(fault.Usage, "the hash is damaged")
	}
	return &p, nil
}
