package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// Session is somebody who logged in.
type Session struct {
	// User is the login's name.
	User string
	// Token proves it; it stands in the cookie.
	Token string
	// CSRF is what a page of ours sends along with a request that changes something.
	CSRF string
	// Until is when it ends at the latest.
	Until time.Time

	used time.Time
}

const (
	// SessionLife is how long a session lasts at most.
	SessionLife = 12 * time.Hour
	// sessionIdle is how long it lasts without a request.
	sessionIdle = 2 * time.Hour
	// maxSessions bounds how many there are at once.
	maxSessions = 1000
)

// Sessions are those who are logged in. They are kept in memory, by the hash of
// their token, and end with the process. Any goroutine may use them.
type Sessions struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]Session
}

// NewSessions returns none.
func NewSessions() *Sessions { return &Sessions{all: make(map[[sha256.Size]byte]Session)} }

// Begin makes a session of a user who has logged in.
func (s *Sessions) Begin(user string, now time.Time) Session {
	one := Session{User: user, Token: rand.Text() + rand.Text(), CSRF: rand.Text(), Until: now.Add(SessionLife), used: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.makeRoom(now)
	s.all[sha256.Sum256([]byte(one.Token))] = one
	return one
}

// makeRoom drops what is over, and the one not used for longest where they are too many.
func (s *Sessions) makeRoom(now time.Time) {
	var oldest [sha256.Size]byte
	first := true
	for key, one := range s.all {
		if one.over(now) {
			delete(s.all, key)
			continue
		}
		if first || one.used.Before(s.all[oldest].used) {
			oldest, first = key, false
		}
	}
	if len(s.all) >= maxSessions {
		delete(s.all, oldest)
	}
}

func (s *Session) over(now time.Time) bool {
	return !now.Before(s.Until) || now.Sub(s.used) > sessionIdle
}

// Of returns the session of a token; false where there is none any more.
func (s *Sessions) Of(token string, now time.Time) (Session, bool) {
	key := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.all[key]
	if !ok || one.over(now) {
		delete(s.all, key)
		return Session{}, false
	}
	one.used = now
	s.all[key] = one
	return one, true
}

// End ends the session of a token.
func (s *Sessions) End(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(token)))
}
