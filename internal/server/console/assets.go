package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed page
var pageFiles embed.FS

// assets are the files of the page. All but index.html are served below a folder
// that is named after the hash of all, so that browsers cache them until one changes.
type assets struct {
	hash  string
	index asset
	files map[string]asset
}

type asset struct {
	body        []byte
	gzipped     func() []byte // nil if that saves nothing
	contentType string
	etag        string
}

func newAssets() *assets {
	a := &assets{files: make(map[string]asset)}
	sum := sha256.New()
	_ = fs.WalkDir(pageFiles, "page", func(name string, d fs.DirEntry, err error) error { // Embedded files can be read.
		if err == nil && !d.IsDir() {
			body, _ := pageFiles.ReadFile(name)
			name = strings.TrimPrefix(name, "page/")
			sum.Write([]byte(name))
			sum.Write(body)
			a.files[name] = newAsset(name, body)
		}
		return nil
	})
	a.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	page := strings.NewReplacer("{{assets}}", a.path(), "{{preloads}}", a.preloads()).Replace(string(a.files["index.html"].body))
	a.index = newAsset("index.html", []byte(page))
	delete(a.files, "index.html")
	return a
}

// preloads returns the links by which a browser fetches all modules at once, instead of
// those that a module names only when it has read that.
func (a *assets) preloads() string {
	var links []string
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		if path.Ext(name) == ".js" && name != "app.js" && name != "theme.js" && name != "login.js" {
			links = append(links, `<link rel="modulepreload" href="`+a.path()+"/"+name+`">`)
		}
	}
	return strings.Join(links, "\n")
}

// path returns the path below which the files are.
func (a *assets) path() string { return "/assets/" + a.hash }

func newAsset(name string, body []byte) asset {
	// The tables of operating systems lack some of these types, or have other ones.
	contentType, ok := map[string]string{
		".mjs": "text/javascript; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".html": "text/html; charset=utf-8", ".txt": "text/plain; charset=utf-8",
	}[path.Ext(name)]
	if !ok {
		contentType = mime.TypeByExtension(path.Ext(name))
	}
	sum := sha256.Sum256(body)
	return asset{body, sync.OnceValue(func() []byte { return compress(body) }), contentType, hex.EncodeToString(sum[:8])}
}

// compress returns the gzipped body, nil if that saves nothing.
func compress(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(body); err != nil || w.Close() != nil || b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}

// serveIndex serves index.html, which a browser always revalidates.
func (a *assets) serveIndex(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	a.index.serve(w, r)
}

// serveFile serves another file. A browser must not cache it if it was asked for
// under another hash, which is that of another version.
func (a *assets) serveFile(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	if r.PathValue("hash") == a.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	f.serve(w, r)
}

func (f asset) serve(w http.ResponseWriter, r *http.Request) {
	h, body, etag := w.Header(), f.body, f.etag
	h.Set("Content-Type", f.contentType)
	h.Set("Vary", "Accept-Encoding")
	accepted := strings.FieldsFunc(r.Header.Get("Accept-Encoding"), func(c rune) bool { return c == ',' || c == ' ' })
	if gzipped := f.gzipped(); gzipped != nil && slices.Contains(accepted, "gzip") {
		h.Set("Content-Encoding", "gzip")
		body, etag = gzipped, etag+"-gzip"
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
