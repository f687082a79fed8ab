package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// Session is a user who has logged in.
type Session struct {
	User string
	// Token identifies the session; it is in the cookie.
	Token string
	// CSRF is the token that the console sends with each request that changes something.
	CSRF string
	// Until is when the session ends at the latest.
	Until time.Time

	used time.Time // last
}

const (
	// SessionLife is how long a session lasts at most.
	SessionLife = 12 * time.Hour
	// sessionIdle is how long it lasts without a request.
	sessionIdle = 2 * time.Hour
	// maxSessions is how many sessions there may be.
	maxSessions = 1000
)

// Sessions holds sessions by the hash of their token, in memory. It is safe for
// concurrent use.
type Sessions struct {
	mu     sync.Mutex
	byHash map[[sha256.Size]byte]Session
}

// NewSessions returns an empty Sessions.
func NewSessions() *Sessions { return &Sessions{byHash: make(map[[sha256.Size]byte]Session)} }

// Begin starts a session of a user who has logged in.
func (s *Sessions) Begin(user string, now time.Time) Session {
	session := Session{User: user, Token: rand.Text() + rand.Text(), CSRF: rand.Text(), Until: now.Add(SessionLife), used: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.makeRoom(now)
	s.byHash[sha256.Sum256([]byte(session.Token))] = session
	return session
}

// makeRoom drops expired sessions and, if there are still too many, the one least
// recently used.
func (s *Sessions) makeRoom(now time.Time) {
	var oldest [sha256.Size]byte
	first := true
	for key, session := range s.byHash {
		if session.expired(now) {
			delete(s.byHash, key)
			continue
		}
		if first || session.used.Before(s.byHash[oldest].used) {
			oldest, first = key, false
		}
	}
	if len(s.byHash) >= maxSessions {
		delete(s.byHash, oldest)
	}
}

func (s *Session) expired(now time.Time) bool {
	return !now.Before(s.Until) || now.Sub(s.used) > sessionIdle
}

// Get returns the session with that token and extends it. It returns false if
// there is none or it has expired.
func (s *Sessions) Get(token string, now time.Time) (Session, bool) {
	key := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.byHash[key]
	if !ok || session.expired(now) {
		delete(s.byHash, key)
		return Session{}, false
	}
	session.used = now
	s.byHash[key] = session
	return session, true
}

// End ends the session with that token.
func (s *Sessions) End(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byHash, sha256.Sum256([]byte(token)))
}
