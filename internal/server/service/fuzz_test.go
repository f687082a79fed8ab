package service

import "testing"

// FuzzToken reads the token that a caller gives to get the next part of a list.
func FuzzToken(f *testing.F) {
	f.Add("")
	f.Add("bGlsbzox")
	f.Add("bGlsbzotMQ")
	f.Fuzz(func(t *testing.T, token string) {
		if n, ok := readToken(token); ok && n < 0 {
			t.Errorf("%q is position %d", token, n)
		}
	})
}
