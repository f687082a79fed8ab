package source

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// TestRememberedParts reads a file far more often than parts are remembered. The first
// half of them stays, and so does how many there are.
func TestRememberedParts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "movie.mp4")
	if err := os.WriteFile(path, make([]byte, 8*maxParts), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path, Options{AllowFiles: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f, ok := s.(*file)
	if !ok {
		t.Fatalf("%T", s)
	}
	for i := range 8 * maxParts {
		if _, err := f.ReadAt(make([]byte, 1), int64(i)); err != nil {
			t.Fatal(err)
		}
		if want := min(i+1, maxParts); len(f.parts) != want {
			t.Fatalf("after %d reads, %d parts are remembered", i+1, len(f.parts))
		}
	}
	replaced := 0
	for i, p := range f.parts {
		switch {
		case p.offset == int64(i):
		case i < maxParts/2:
			t.Fatalf("part %d of the index is of byte %d", i, p.offset)
		default:
			replaced++
		}
	}
	if replaced < maxParts/4 { // A place keeps its part with a chance of an eighth.
		t.Errorf("%d parts have been replaced", replaced)
	}
	if f.seen != 8*maxParts {
		t.Errorf("%d reads were counted", f.seen)
	}
}

// TestOpenAFile opens a path with and without somebody to tell.
func TestOpenAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "movie.mp4")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	told := 0
	for i, notify := range []func(string){nil, func(string) { told++ }} {
		s, err := Open(t.Context(), path, Options{AllowFiles: true, Notify: notify})
		if err != nil {
			t.Fatal(err)
		}
		f, ok := s.(*file)
		if !ok {
			t.Fatalf("%T", s)
		}
		f.every = 0
		at := time.Unix(int64(i+1), 1)
		if _, err := s.ReadAt(make([]byte, 6), 0); err != nil {
			t.Error(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := s.ReadAt(make([]byte, 6), 0); err != nil {
				t.Fatal(err)
			}
		}
		if told != i {
			t.Errorf("%d lines were told, want %d", told, i)
		}
		s.Close()
	}
	if _, err := Open(t.Context(), path, Options{}); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "files are not allowed") {
		t.Errorf("without leave, Open returned %v", err)
	}
}

// TestContentRange has ranges that a server may and may not answer with.
func TestContentRange(t *testing.T) {
	for text, want := range map[string]string{
		"bytes 10-19/100": "", "bytes 10-10/100": "", "bytes 10-99/100": "", "bytes 10-14/15": "",
		"bytes 10-9/100": "instead of 10-19", "bytes 11-19/100": "instead of 10-19", "bytes 9-19/100": "instead of 10-19",
		"bytes 10-100/100": "instead of 10-19", "bytes 10-19/*": "does not specify", "bytes 10-19/100 ": "does not specify",
		"bytes  10-19/100": "does not specify", "": "does not specify",
	} {
		var got response
		err := got.setRange(text, request{from: 10, to: 20})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if err == nil && (got.start != 10 || !got.partial || got.end <= got.start || got.end > got.version.Size) {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// TestPrintable shows what servers send on one line.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"a b": "a b", "a\tb\x00c\x1fd\x7fe\r\n": "a b c d e  ", "~ !é": "~ !é",
		strings.Repeat("x", 200): strings.Repeat("x", 200), strings.Repeat("x", 201): strings.Repeat("x", 200) + "…",
		strings.Repeat("é", 101): strings.Repeat("é", 100) + "…", strings.Repeat("x", 199) + "é": strings.Repeat("x", 199) + "…",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// TestKeyOfAURL leaves passwords and signatures out of what names an object in the cache.
func TestKeyOfAURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://user:pass@Example.com/a?b=1":                 "https://user@example.com/a?b=1",
		"https://example.com/a?X-Amz-Signature=1&b=2#c":       "https://example.com/a?b=2",
		"https://EXAMPLE.com:8443/A?x-amz-security-token=abc": "https://example.com:8443/A",
	} {
		o, err := newHTTPObject(text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if u, err := url.Parse(o.key()); err != nil || u.String() != want {
			t.Errorf("the key of %s is %s, %v, want %s", text, o.key(), err, want)
		}
	}
}
