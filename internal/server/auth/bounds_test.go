package auth

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// TestBoundsOfPasswords has the shortest and the longest password, and those next to them.
func TestBoundsOfPasswords(t *testing.T) {
	for n, want := range map[int]bool{MinPassword - 1: false, MinPassword: true, MaxPassword: true, MaxPassword + 1: false} {
		if _, err := HashPassword(strings.Repeat("x", n)); (err == nil) != want {
			t.Errorf("%d bytes: %v", n, err)
		}
		p, err := parsePassword(cheapHash(strings.Repeat("x", n)))
		if err != nil || p.matches(strings.Repeat("x", n)) != (n <= MaxPassword) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// TestBoundsOfHashes has hashes that cost as much as is allowed, or a little more.
func TestBoundsOfHashes(t *testing.T) {
	for parameters, want := range map[string]bool{
		"m=1048576,t=64,p=1": true, "m=1048577,t=64,p=1": false, "m=1048576,t=65,p=1": false,
		"m=64,t=1,p=8": true, "m=63,t=1,p=8": false, "m=64,t=0,p=8": false, "m=64,t=1,p=0": false,
	} {
		if _, err := parsePassword(fmt.Sprintf("$argon2id$v=19$%s$%s$%s", parameters, characters(8), characters(16))); (err == nil) != want {
			t.Errorf("%s: %v", parameters, err)
		}
	}
	for _, c := range []struct {
		salt, hash int
		want       bool
	}{{8, 16, true}, {7, 16, false}, {8, 15, false}, {8, 64, true}, {8, 65, false}} {
		text := fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$%s$%s", characters(c.salt), characters(c.hash))
		if _, err := parsePassword(text); (err == nil) != c.want {
			t.Errorf("%d bytes of salt, %d of hash: %v", c.salt, c.hash, err)
		}
	}
}

// characters returns n bytes as a hash has them.
func characters(n int) string { return base64.RawStdEncoding.EncodeToString(make([]byte, n)) }

// TestCharactersOfNames has the first and the last characters that a login or a key may have.
func TestCharactersOfNames(t *testing.T) {
	for name, want := range map[string]bool{
		"!": true, "~": true, "a b": false, "a\x7f": false, "a:b": false, "é": false,
		strings.Repeat("x", 64): true, strings.Repeat("x", 65): false,
	} {
		if err := CheckLogin(name); (err == nil) != want {
			t.Errorf("login %q: %v", name, err)
		}
	}
	for id, want := range map[string]bool{"!": true, "~": true, "A B": false, "A\x7f": false, "A/B": false} {
		text := "[a]\naws_access_key_id = " + id + "\naws_secret_access_key = 0123456789abcdef\n"
		if _, err := parseKeys(text); (err == nil) != want {
			t.Errorf("key %q: %v", id, err)
		}
	}
}

// TestLargestSecretFile reads a file of the largest size, and none that is larger.
func TestLargestSecretFile(t *testing.T) {
	login := "anna:" + cheapHash("x") + "\n"
	fill := "#" + strings.Repeat(" ", maxSecretFile-len(login)-1)
	if _, err := ReadLogins(secretFile(t, login+fill, 0o600)); err != nil {
		t.Error(err)
	}
	if _, err := ReadLogins(secretFile(t, login+fill+" ", 0o600)); err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("a file of one byte more: %v", err)
	}
}

// TestMostSessions begins as many sessions as there may be, and one more, which ends the
// one that was used least recently.
func TestMostSessions(t *testing.T) {
	s := NewSessions()
	var all []Session
	for i := range maxSessions {
		all = append(all, s.Begin("anna", noon().Add(time.Duration(i)*time.Millisecond)))
	}
	at := noon().Add(time.Minute)
	for i, one := range all {
		if _, ok := s.Get(one.Token, at.Add(time.Duration(maxSessions-i)*time.Millisecond)); !ok {
			t.Fatalf("session %d has ended", i)
		}
	}
	s.Begin("bob", at.Add(time.Minute))
	for i, one := range all {
		if _, ok := s.Get(one.Token, at.Add(2*time.Minute)); ok == (i == maxSessions-1) {
			t.Errorf("session %d goes on: %v", i, ok)
		}
	}
}

// TestIdleSession uses a session for the last time that it can be used.
func TestIdleSession(t *testing.T) {
	s := NewSessions()
	one := s.Begin("anna", noon())
	if _, ok := s.Get(one.Token, noon().Add(sessionIdle)); !ok {
		t.Error("it ends early")
	}
	if _, ok := s.Get(one.Token, noon().Add(2*sessionIdle+1)); ok {
		t.Error("it ends late")
	}
}

// TestMostAddresses remembers as many addresses as it says, and forgets those first
// whose time is over.
func TestMostAddresses(t *testing.T) {
	a := NewAttempts()
	near := netip.MustParseAddr("192.0.2.1")
	address := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}) }
	for i := range maxAddresses - 1 {
		a.Failed(address(i), noon())
	}
	later := noon().Add(failureWindow - time.Minute)
	for range maxFailures {
		a.Failed(near, later)
	}
	if len(a.failed) != maxAddresses {
		t.Errorf("%d addresses are remembered, want %d", len(a.failed), maxAddresses)
	}
	over := noon().Add(failureWindow)
	a.Failed(netip.MustParseAddr("192.0.2.2"), over)
	if a.Wait(near, over) == 0 || len(a.failed) != 2 {
		t.Errorf("%d addresses are remembered after the others' time; the last one waits %s", len(a.failed), a.Wait(near, over))
	}
}

// TestDeclaredHash signs the hash of the body as a header, as S3's clients do.
func TestDeclaredHash(t *testing.T) {
	for name, declared := range map[string]string{"body": "", "other": "not the hash of the body"} {
		r := request("POST", "/prod/channels", "body")
		hash := hexSHA256([]byte(name))
		r.Header.Set("X-Amz-Content-Sha256", hash)
		sign(t, r, testSecret, "eu-west-1", hash, noon())
		if _, err := testVerifier().Verify(r, noon()); (err == nil) != (declared == "") || err != nil && !strings.Contains(err.Error(), declared) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// presign returns a request with a presigned URL, whose query or header may declare the
// hash of the body.
func presign(t *testing.T, query, header, hash string) *http.Request {
	t.Helper()
	r := request("GET", "/prod/channels?"+query, "")
	if header != "" {
		r.Header.Set("X-Amz-Content-Sha256", header)
	}
	who := aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret}
	signed, headers, err := v4.NewSigner().PresignHTTP(t.Context(), who, r, hash, "medialive", "us-east-1", noon())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	again := request("GET", u.RequestURI(), "")
	again.Header = headers
	return again
}

// TestPresignedHash declares the hash of an empty body, and a wrong one.
func TestPresignedHash(t *testing.T) {
	right, wrong := hexSHA256(nil), hexSHA256([]byte("other"))
	for name, c := range map[string]struct {
		query, header string
		ok            bool
	}{
		"in the query":           {"&X-Amz-Content-Sha256=" + right, "", true},
		"a wrong one in it":      {"&X-Amz-Content-Sha256=" + wrong, "", false},
		"in a header":            {"", right, true},
		"a wrong one in that":    {"", wrong, false},
		"the header holds first": {"&X-Amz-Content-Sha256=" + wrong, right, true},
	} {
		r := presign(t, "X-Amz-Expires=600"+c.query, c.header, right)
		if _, err := testVerifier().Verify(r, noon()); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBoundsOfExpiry has the shortest and the longest life of a presigned URL.
func TestBoundsOfExpiry(t *testing.T) {
	for seconds, want := range map[string]bool{"0": false, "1": true, "604800": true, "604801": false} {
		if _, err := testVerifier().Verify(presign(t, "X-Amz-Expires="+seconds, "", hexSHA256(nil)), noon()); (err == nil) != want {
			t.Errorf("%s seconds: %v", seconds, err)
		}
	}
}

// TestMappedAddress is one client whether its IPv4 address is mapped into IPv6 or not, and
// another one than those with other addresses.
func TestMappedAddress(t *testing.T) {
	a := NewAttempts()
	for range maxFailures {
		a.Failed(netip.MustParseAddr("::ffff:192.0.2.1"), noon())
	}
	for text, waits := range map[string]bool{"192.0.2.1": true, "::ffff:192.0.2.1": true, "192.0.2.2": false, "::ffff:192.0.2.2": false} {
		if w := a.Wait(netip.MustParseAddr(text), noon()); (w > 0) != waits {
			t.Errorf("%s waits %s", text, w)
		}
	}
}
