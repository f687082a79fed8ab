package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"strings"
	"sync"

	"github.com/lilo-live/lilo/internal/fault"
)

// Logins are the people who may use the console. Any goroutine may use them.
type Logins struct {
	users map[string]*password
	// nobody is checked where there is no such user, so that the time it takes tells nothing.
	nobody *password
	// turn bounds how many hashes are computed at once: each takes 64 MiB.
	turn chan struct{}

	secret []byte
	mu     sync.Mutex
	known  map[string][]byte // by user, what was right last
}

// ReadLogins reads a file of lines NAME:HASH. Faults are of kind Usage.
func ReadLogins(path string) (*Logins, error) {
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	l, err := parseLogins(string(text))
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", path, err)
	}
	return l, nil
}

func parseLogins(text string) (*Logins, error) {
	l := newLogins()
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, hash, _ := strings.Cut(line, ":")
		if err := CheckLogin(name); err != nil {
			return nil, fault.New(fault.Usage, "line %d: %w", i+1, err)
		}
		if l.users[name] != nil {
			return nil, fault.New(fault.Usage, "line %d: %s is there twice", i+1, name)
		}
		p, err := parsePassword(hash)
		if err != nil {
			return nil, fault.New(fault.Usage, "line %d: %w", i+1, err)
		}
		l.users[name] = p
	}
	if len(l.users) == 0 {
		return nil, fault.New(fault.Usage, "there is no login in it: lilo serve add-login makes one")
	}
	return l, nil
}

func newLogins() *Logins {
	l := &Logins{users: make(map[string]*password), turn: make(chan struct{}, 2), secret: make([]byte, 32), known: make(map[string][]byte)}
	_, _ = rand.Read(l.secret) // It never fails.
	l.nobody = &password{memory: usualMemory, passes: usualPasses, threads: usualThreads, salt: l.secret[:saltSize], hash: make([]byte, hashSize)}
	return l
}

// CheckLogin refuses a name that cannot be a login's. Faults are of kind Usage.
func CheckLogin(name string) error {
	if name == "" || len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
		return fault.New(fault.Usage, "a login has 1 to 64 letters, digits and signs other than a colon")
	}
	return nil
}

// Check tells whether that is the password of the user. It takes some tenths
// of a second, on purpose.
func (l *Logins) Check(user, text string) bool {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	p, ok := l.users[user]
	if !ok {
		p = l.nobody
	}
	return p.is(text) && ok
}

// Knows tells whether that was found to be the password of the user before. It
// is for clients that send it with each request.
func (l *Logins) Knows(user, text string) bool {
	l.mu.Lock()
	known := l.known[user]
	l.mu.Unlock()
	return known != nil && hmac.Equal(known, l.digest(user, text))
}

// Learn has the password of the user, which was checked, be known.
func (l *Logins) Learn(user, text string) {
	sum := l.digest(user, text)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known[user] = sum
}

func (l *Logins) digest(user, text string) []byte { return sign(l.secret, user+"\x00"+text) }

// Has tells whether the user is still one of them.
func (l *Logins) Has(user string) bool { return l.users[user] != nil }
