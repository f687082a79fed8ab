package etcd

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Location{
		"etcd://a":                      {Members: []string{"a:2379"}, Prefix: "lilo/"},
		"etcd://a:1,b:2/":               {Members: []string{"a:1", "b:2"}, Prefix: "lilo/"},
		"etcd://a/x/y/":                 {Members: []string{"a:2379"}, Prefix: "x/y/"},
		"etcd://[::1]:5,10.0.0.1/z":     {Members: []string{"[::1]:5", "10.0.0.1:2379"}, Prefix: "z/"},
		"etcd://root:p%40ss,w@a:1,b/zz": {Members: []string{"a:1", "b:2379"}, Prefix: "zz/", User: "root", Password: "p@ss,w"},
		"etcds://u@a":                   {Members: []string{"a:2379"}, Prefix: "lilo/", User: "u"},
	} {
		l, err := Parse(text, Files{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !slices.Equal(l.Members, want.Members) || l.Prefix != want.Prefix || l.User != want.User || l.Password != want.Password || (l.TLS != nil) != strings.HasPrefix(text, "etcds:") {
			t.Errorf("%s: %+v", text, l)
		}
	}
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := Parse("etcd://u@a", Files{Password: secret}); err != nil || l.Password != "s3cret" {
		t.Errorf("with a file: %+v, %v", l, err)
	}
	for text, f := range map[string]Files{
		"": {}, "a:1": {}, "http://a:1": {}, "etcd://": {}, "etcd://,": {}, "etcd://a,:1": {}, "etcd://a:1,/x": {}, "etcd://::1": {}, "etcd://@a": {}, "etcd://%zz@a": {},
		"etcd://a?x=1": {}, "etcd://a/b#c": {}, "etcd://a": {CA: secret}, "etcds://a": {CA: secret}, "etcds://b": {Cert: secret}, "etcds://c": {Cert: secret, Key: secret},
		"etcd://b": {Password: secret}, "etcd://u@b": {Password: secret + "x"},
	} {
		if l, err := Parse(text, f); err == nil || fault.KindOf(err) != fault.Usage || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s with %+v: %+v, %v", text, f, l, err)
		}
	}
}

// TestMembers has one member that is no etcd, one that has no leader, and one that answers.
func TestMembers(t *testing.T) {
	var asked []string
	member := func(name string, status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked = append(asked, name)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://")
	}
	wrong := member("wrong", http.StatusNotFound, "<html>")
	cut := member("cut", http.StatusServiceUnavailable, `{"code":14,"message":"etcdserver: no leader"}`)
	good := member("good", http.StatusOK, `{"header":{"revision":"7"},"kvs":[{"key":"YQ==","mod_revision":"5","value":"Yg=="}],"count":"1"}`)
	c := New(&Location{Members: []string{wrong, cut, good}})
	for range 2 {
		all, r, err := c.Range(t.Context(), One("a"))
		if err != nil || r != 7 || len(all) != 1 || string(all[0].Value) != "b" || all[0].Changed != 5 {
			t.Fatalf("Range returned %+v, %d, %v", all, r, err)
		}
	}
	if want := []string{"wrong", "cut", "good", "good"}; !slices.Equal(asked, want) {
		t.Errorf("the members were asked in the order %v, want %v", asked, want)
	}
	for body, advice := range map[string]string{
		`{"code":16,"message":"etcdserver: invalid auth token"}`:                  "write etcd://USER@host:port",
		`{"code":3,"message":"etcdserver: user name is empty"}`:                   "write etcd://USER@host:port",
		`{"code":7,"message":"etcdserver: permission denied"}`:                    "give the user a role",
		`{"code":8,"message":"etcdserver: mvcc: database space exceeded"}`:        "compact",
		`{"code":3,"message":"etcdserver: request is too large"}`:                 "shorter",
		`{"code":11,"message":"etcdserver: mvcc: required revision is a future"}`: "log of etcd",
	} {
		_, _, err := New(&Location{Members: []string{member("refuses", http.StatusBadRequest, body)}, Prefix: "lilo/"}).Range(t.Context(), One("a"))
		if err == nil || !strings.Contains(err.Error(), advice) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want advice with %q", body, err, advice)
		}
	}
}
