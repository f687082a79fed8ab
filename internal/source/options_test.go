package source

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for _, d := range []string{filepath.Join(in, "sub"), out, in + "side"} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{in + "/a.mp4", in + "/sub/b.mp4", out + "/c.mp4", in + "side/d.mp4"} {
		if err := os.WriteFile(f, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{in + "/out": out, in + "/link.mp4": out + "/c.mp4", in + "/inner.mp4": "sub/b.mp4"} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]fault.Kind{
		in + "/a.mp4": 0, in + "/sub/b.mp4": 0, in + "/sub/../a.mp4": 0, in + "/inner.mp4": 0,
		out + "/c.mp4": fault.Usage, in + "/../out/c.mp4": fault.Usage, in + "side/d.mp4": fault.Usage, "/etc/passwd": fault.Usage,
		"a.mp4": fault.Usage, in + "/out/c.mp4": fault.Source, in + "/link.mp4": fault.Source, in + "/none": fault.Source, in: fault.Source,
	}
	for name, want := range cases {
		s, err := Open(t.Context(), name, Options{AllowFiles: true, Folders: []string{filepath.Join(dir, "missing"), in}})
		if (err != nil || want != 0) && fault.KindOf(err) != want {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			s.Close()
		}
	}
}

func TestHosts(t *testing.T) {
	useTestCache(t)
	opts := Options{Hosts: []string{"media.example", "*.cdn.example", "bucket"}}
	for name, ok := range map[string]bool{
		"media.example": true, "MEDIA.example.": true, "a.cdn.example": true, "a.b.cdn.example": true, "bucket": true,
		"cdn.example": false, "xcdn.example": false, "media.example.evil": false, "": false, "127.0.0.1": false,
	} {
		if opts.AllowsHost(name) != ok {
			t.Errorf("%s: %v", name, !ok)
		}
	}
	for _, name := range []string{"https://evil.example/a.mp4?sig=s3cr3t", "s3://other/a.mp4", "s3ssl://x", "https://media.example@evil.example/", "https://%zz/"} {
		_, err := Open(t.Context(), name, opts)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "is not allowed here") || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRedirectsToAllowedHosts checks that an allowed host may have a private
// address, and that a host it redirects to must be allowed as well.
func TestRedirectsToAllowedHosts(t *testing.T) {
	useTestCache(t)
	target := serve(t, randomBytes(size))
	from := serve(t, nil)
	from.fault = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		http.Redirect(w, r, strings.Replace(target.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
		return true
	}
	for name, c := range map[string]struct {
		hosts []string
		ok    bool
	}{
		"both are named": {[]string{"127.0.0.1", "localhost"}, true},
		"one is named":   {[]string{"127.0.0.1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), from.URL, Options{Hosts: c.hosts})
			if (err == nil) != c.ok || err != nil && !strings.Contains(err.Error(), "redirects to a host that is not allowed") {
				t.Errorf("%v", err)
			}
			if err == nil {
				s.Close()
			}
		})
	}
}
