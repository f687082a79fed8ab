package auth

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// cheapHash is the hash of a password at a cost that tests can pay.
func cheapHash(text string) string {
	p := password{memory: 64, passes: 1, threads: 1, salt: []byte("0123456789abcdef")}
	p.hash = p.derive(text, hashSize)
	return p.String()
}

func secretFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secrets")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPasswords(t *testing.T) {
	text, err := HashPassword("correct horse")
	if err != nil || !strings.HasPrefix(text, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Fatalf("%q, %v", text, err)
	}
	p, err := parsePassword(text)
	if err != nil || !p.matches("correct horse") || p.matches("correct horsE") || p.matches("") {
		t.Errorf("%v, %v", p, err)
	}
	for _, bad := range []string{"", "short", strings.Repeat("x", 2000)} {
		if _, err := HashPassword(bad); fault.KindOf(err) != fault.Usage {
			t.Errorf("%d characters: %v", len(bad), err)
		}
	}
}

func TestParsePasswordErrors(t *testing.T) {
	good := cheapHash("correct horse")
	for _, bad := range []string{
		"", "x", "$2y$10$abc", strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=64", "m=99999999", 1), strings.Replace(good, "t=1", "t=1000", 1), strings.Replace(good, "t=1", "t=0", 1),
		strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "m=64", "m=1", 1), good[:len(good)-30], good + "!",
	} {
		if _, err := parsePassword(bad); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestLogins(t *testing.T) {
	l, err := ReadLogins(secretFile(t, "# people\n\nanna:"+cheapHash("correct horse")+"\nbob:"+cheapHash("battery staple")+"\n", 0o600))
	if err != nil {
		t.Fatal(err)
	}
	l.dummy = &password{memory: 64, passes: 1, threads: 1, salt: []byte("0123456789abcdef"), hash: make([]byte, hashSize)}
	for _, c := range []struct {
		user, text string
		ok         bool
	}{
		{"anna", "correct horse", true},
		{"anna", "battery staple", false},
		{"bob", "battery staple", true},
		{"carl", "correct horse", false},
		{"", "", false},
	} {
		if l.Checked(c.user, c.text) || l.Check(c.user, c.text) != c.ok || l.Checked(c.user, c.text) != c.ok {
			t.Errorf("%s with %q: want %v", c.user, c.text, c.ok)
		}
	}
	if !l.Checked("anna", "correct horse") || l.Checked("anna", "battery staple") || l.Checked("bob", "correct horse") {
		t.Error("Checked takes one password for another")
	}
	if !l.Has("anna") || l.Has("carl") {
		t.Error("Has is wrong")
	}
}

func TestSecretFileErrors(t *testing.T) {
	key := "[a]\naws_access_key_id = AK\naws_secret_access_key = 0123456789abcdef\n"
	_, _, another := NewKey("b")
	if _, err := ReadKeys(secretFile(t, key+another, 0o600)); err != nil {
		t.Error(err)
	}
	keys := func(path string) error { _, err := ReadKeys(path); return err }
	logins := func(path string) error { _, err := ReadLogins(path); return err }
	cases := []struct {
		name string
		read func(string) error
		text string
		mode os.FileMode
		want string
	}{
		{"readable by all", keys, key, 0o644, "has mode 0644 and holds secrets: chmod 600"},
		{"readable by all", logins, "a:" + cheapHash("x"), 0o604, "has mode 0604"},
		{"empty", keys, "# nothing\n", 0o600, "it has no key pair"},
		{"empty", logins, "", 0o600, "it has no login"},
		{"no secret", keys, "[a]\naws_access_key_id = AK\n", 0o600, "line 1: a secret has 16 characters or more"},
		{"no id", keys, "\n[a]\naws_secret_access_key = 0123456789abcdef\n", 0o600, "line 2: this section has no aws_access_key_id"},
		{"a key twice", keys, key + key, 0o600, "line 4: AK is defined twice"},
		{"a token", keys, "aws_session_token=x", 0o600, "line 1: temporary credentials are not supported"},
		{"not name = value", keys, "s3cr3t", 0o600, "line 1: expected name = value"},
		{"bad id", keys, "aws_access_key_id = A/K", 0o600, "line 1: an access key id has letters and digits"},
		{"a login twice", logins, "a:" + cheapHash("x") + "\na:" + cheapHash("y"), 0o600, "line 2: a is defined twice"},
		{"no hash", logins, "anna", 0o600, "line 1: the hash is not argon2id"},
		{"no name", logins, ":" + cheapHash("x"), 0o600, "line 1: a login has 1 to 64"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := c.read(secretFile(t, c.text, c.mode))
			if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	for _, read := range []func(string) error{keys, logins} {
		if err := read(filepath.Join(t.TempDir(), "none")); fault.KindOf(err) != fault.Usage {
			t.Error(err)
		}
		if err := read(t.TempDir()); fault.KindOf(err) != fault.Usage {
			t.Error(err)
		}
	}
}

// TestFilesAreEdited puts entries into files and takes them out; all else stays.
func TestFilesAreEdited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	edit := func(open func(string) (*File, error), do func(*File)) string {
		t.Helper()
		f, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		do(f)
		if err := f.Save(); err != nil {
			t.Fatal(err)
		}
		got, _ := os.ReadFile(path)
		return string(got)
	}
	if got := edit(OpenKeys, func(f *File) { f.Put("a", "[a]\n1\n") }); got != "[a]\n1\n" {
		t.Errorf("%q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	const keys = "# mine\n[a]\naws_access_key_id = A\n\n# of b\n[ b ]\naws_access_key_id=B\n[a]\nx"
	if err := os.WriteFile(path, []byte(keys), 0o640); err != nil || os.Chmod(path, 0o640) != nil {
		t.Fatal(err)
	}
	if got := edit(OpenKeys, func(f *File) { f.Remove("none"); f.Remove("") }); got != keys {
		t.Errorf("%q", got)
	}
	if got := edit(OpenKeys, func(f *File) {
		if all := f.Entries(); len(all) != 3 || all[0].KeyID() != "A" || all[1].Name != "b" || all[1].KeyID() != "B" || all[2].KeyID() != "" {
			t.Errorf("%+v", all)
		}
		f.Put("a", "[a]\n2\n")
	}); got != "# mine\n\n# of b\n[ b ]\naws_access_key_id=B\n[a]\n2\n" {
		t.Errorf("%q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("#c:d\nanna:1\nbob:2"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := edit(OpenLogins, func(f *File) { f.Put("eve", "eve:3\n"); f.Remove("anna") }); got != "#c:d\nbob:2\neve:3\n" {
		t.Errorf("%q", got)
	}
	if left, err := filepath.Glob(path + "*"); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
	link := path + "-link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	target := path
	path = link
	edit(OpenLogins, func(f *File) { f.Remove("bob") })
	if got, _ := os.ReadFile(target); string(got) != "#c:d\neve:3\n" {
		t.Errorf("%q", got)
	}
	if f, err := OpenKeys(filepath.Join(target, "x")); err == nil && fault.KindOf(f.Save()) != fault.Usage {
		t.Error("saved below a file")
	}
	if err := os.Chmod(target, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(target); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "chmod 600") {
		t.Error(err)
	}
}

func TestSessionLifetime(t *testing.T) {
	cases := map[string]struct {
		after time.Duration // with a request every hour
		idle  time.Duration
		ended bool
		alive bool
	}{
		"at once":         {0, 0, false, true},
		"logged out":      {0, 0, true, false},
		"used all day":    {11 * time.Hour, 0, false, true},
		"at its end":      {12 * time.Hour, 0, false, false},
		"left for a meal": {0, 90 * time.Minute, false, true},
		"left alone":      {0, 121 * time.Minute, false, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := NewSessions()
			at := noon()
			session := s.Begin("anna", at)
			for ; at.Before(noon().Add(c.after)); at = at.Add(time.Hour) {
				s.Get(session.Token, at)
			}
			if c.ended {
				s.End(session.Token)
			}
			got, ok := s.Get(session.Token, at.Add(c.idle))
			if ok != c.alive || ok && (got.User != "anna" || got.CSRF != session.CSRF) {
				t.Errorf("%+v, %v", got, ok)
			}
		})
	}
	if _, ok := NewSessions().Get("", noon()); ok {
		t.Error("an empty token")
	}
}

func TestSessionsAreBounded(t *testing.T) {
	s := NewSessions()
	first := s.Begin("anna", noon())
	for i := range maxSessions + 10 {
		s.Begin("bob", noon().Add(time.Duration(i+1)*time.Millisecond))
	}
	if _, ok := s.Get(first.Token, noon().Add(time.Minute)); ok || len(s.byHash) > maxSessions {
		t.Errorf("%d sessions", len(s.byHash))
	}
}

func TestAttempts(t *testing.T) {
	a := NewAttempts()
	from, near := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff")
	other, none := netip.MustParseAddr("::ffff:192.0.2.1"), netip.Addr{}
	for range maxFailures {
		for _, at := range []netip.Addr{from, none} {
			if w := a.Wait(at, noon()); w != 0 {
				t.Fatalf("%s waits %s", at, w)
			}
			a.Failed(at, noon())
		}
	}
	a.Failed(other, noon())
	for at, want := range map[netip.Addr]time.Duration{from: 14 * time.Minute, near: 14 * time.Minute, other: 0, none: 14 * time.Minute} {
		if w := a.Wait(at, noon().Add(time.Minute)); w != want {
			t.Errorf("%s waits %s, want %s", at, w, want)
		}
	}
	if w := a.Wait(from, noon().Add(failureWindow)); w != 0 {
		t.Errorf("it waits %s more", w)
	}
	a.Succeeded(from)
	if w := a.Wait(from, noon()); w != 0 {
		t.Errorf("it waits %s after it succeeded", w)
	}
	for i := range maxAddresses + 10 {
		a.Failed(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), noon())
	}
	if len(a.failed) > maxAddresses {
		t.Errorf("%d addresses", len(a.failed))
	}
}

func TestNewKey(t *testing.T) {
	id, secret, section := NewKey("ci")
	keys, err := parseKeys(section)
	if err != nil || keys[id] != secret || len(id) != 20 || len(secret) != 40 {
		t.Errorf("%v %s %d, %v", keys, id, len(secret), err)
	}
}

func FuzzFiles(f *testing.F) {
	f.Add("anna:" + cheapHash("x"))
	f.Add("[a]\naws_access_key_id = AK\naws_secret_access_key = 0123456789abcdef\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, a := parseKeys(text)
		_, b := parseLogins(text)
		for _, err := range []error{a, b} {
			if err != nil && (fault.KindOf(err) != fault.Usage || errors.Unwrap(err) == nil) {
				t.Errorf("%v", err)
			}
		}
	})
}
