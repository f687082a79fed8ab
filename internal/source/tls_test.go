package source

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// serveTLS serves the object with a certificate that nobody has signed.
func serveTLS(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestHTTPS(t *testing.T) {
	useTestCache(t)
	content := randomBytes(size)
	s := serveTLS(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, "http://"+r.Host+"/", http.StatusFound)
			return
		}
		w.Header().Set("ETag", `"one"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
	_, err := openHTTP(t, s.URL, newLines(), quickTiming())
	checkError(t, err, fault.Source, "certificate is not trusted")

	open := func(path string) (Source, error) {
		opts := Options{AllowPrivate: true, Notify: func(string) {}, Progress: func(Progress) {}}
		w, err := newHTTPObject(s.URL+path, opts)
		if err != nil {
			return nil, err
		}
		tr := w.client.Transport.(*http.Transport)
		tr.TLSClientConfig, tr.Proxy = s.Client().Transport.(*http.Transport).TLSClientConfig, nil
		return openRemote(t.Context(), w, opts, quickTiming())
	}
	r, err := open("/")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(all(t, r), content) {
		t.Error("the bytes differ")
	}
	closeSource(t, r)
	_, err = open("/down")
	checkError(t, err, fault.Source, "from https to http")

	plain := serve(t, nil)
	_, err = openHTTP(t, strings.Replace(plain.URL, "http://", "https://", 1), newLines(), quickTiming())
	checkError(t, err, fault.Source, "not on an HTTPS server")
}
