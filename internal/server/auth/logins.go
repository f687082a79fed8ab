package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"strings"
	"sync"

	"github.com/lilo-live/lilo/internal/fault"
)

// Logins holds the users of the console and their password hashes. It is safe
// for concurrent use.
type Logins struct {
	users map[string]*password
	// dummy is checked for an unknown user, so that timing reveals nothing.
	dummy *password
	// hashing bounds how many hashes are computed at once: each takes 64 MiB.
	hashing chan struct{}

	secret  []byte
	mu      sync.Mutex
	checked map[string][]byte // by user, the digest of the password that was right last
}

// ReadLogins reads a file of lines NAME:HASH. Errors are of kind Usage.
func ReadLogins(path string) (*Logins, error) {
	return readSecrets(path, parseLogins)
}

func parseLogins(text string) (*Logins, error) {
	l := &Logins{users: make(map[string]*password), hashing: make(chan struct{}, 2), secret: make([]byte, 32), checked: make(map[string][]byte)}
	_, _ = rand.Read(l.secret) // It never fails.
	l.dummy = &password{memory: defaultMemory, passes: defaultPasses, threads: defaultThreads, salt: l.secret[:saltSize], hash: make([]byte, hashSize)}
	err := eachLine(text, "#", func(line string, number int) error {
		name, hash, _ := strings.Cut(line, ":")
		err := CheckLogin(name)
		if err == nil && l.users[name] != nil {
			err = fault.New(fault.Usage, "%s is defined twice", name)
		}
		if err == nil {
			l.users[name], err = parsePassword(hash)
		}
		if err != nil {
			return fault.New(fault.Usage, "line %d: %w", number, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(l.users) == 0 {
		return nil, fault.New(fault.Usage, "it has no login: lilo serve add-login makes one")
	}
	return l, nil
}

// CheckLogin returns an error if name cannot be the name of a login. Errors are of kind Usage.
func CheckLogin(name string) error {
	if name == "" || len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
		return fault.New(fault.Usage, "a login has 1 to 64 letters, digits and signs, but no colon")
	}
	return nil
}

// Check reports whether text is the password of the user. It takes some tenths of
// a second, to slow down guessing.
func (l *Logins) Check(user, text string) bool {
	l.hashing <- struct{}{}
	defer func() { <-l.hashing }()
	p, ok := l.users[user]
	if !ok {
		p = l.dummy
	}
	if !p.matches(text) || !ok {
		return false
	}
	sum := l.digest(user, text)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.checked[user] = sum
	return true
}

// Checked reports whether Check has accepted text as the password of the user
// before. It is fast, for clients that send the password with each request.
func (l *Logins) Checked(user, text string) bool {
	l.mu.Lock()
	checked := l.checked[user]
	l.mu.Unlock()
	return checked != nil && hmac.Equal(checked, l.digest(user, text))
}

func (l *Logins) digest(user, text string) []byte { return hmacSHA256(l.secret, user+"\x00"+text) }

// Has reports whether the user has a login.
func (l *Logins) Has(user string) bool { return l.users[user] != nil }
