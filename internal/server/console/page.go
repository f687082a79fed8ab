package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed page
var files embed.FS

// page is the files of the page. All but the first stand below a folder named
// after what they hold, so that a browser keeps them until one of them changes.
type page struct {
	hash  string
	first file
	files map[string]file
}

// file is one of them.
type file struct {
	body   []byte
	packed func() []byte // the same through gzip
	kind   string
	tag    string
}

func newPage() *page {
	p := &page{files: make(map[string]file)}
	sum := sha256.New()
	_ = fs.WalkDir(files, "page", func(name string, d fs.DirEntry, err error) error { // What is embedded can be read.
		if err == nil && !d.IsDir() {
			body, _ := files.ReadFile(name)
			name = strings.TrimPrefix(name, "page/")
			sum.Write([]byte(name))
			sum.Write(body)
			p.files[name] = newFile(name, body)
		}
		return nil
	})
	p.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	index := bytes.ReplaceAll(p.files["index.html"].body, []byte("{{assets}}"), []byte("/assets/"+p.hash))
	p.first = newFile("index.html", index)
	delete(p.files, "index.html")
	return p
}

func newFile(name string, body []byte) file {
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) { // Not every system knows these, or knows them right.
	case ".mjs", ".js":
		kind = "text/javascript; charset=utf-8"
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	case ".html":
		kind = "text/html; charset=utf-8"
	case ".txt":
		kind = "text/plain; charset=utf-8"
	}
	sum := sha256.Sum256(body)
	return file{body: body, kind: kind, tag: hex.EncodeToString(sum[:8]), packed: sync.OnceValue(func() []byte { return pack(body) })}
}

// pack returns the bytes through gzip, nothing when that saves nothing.
func pack(body []byte) []byte {
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

// index serves the page itself, which a browser asks for again each time.
func (p *page) index(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	p.first.serve(w, r)
}

// asset serves a file of the page. One that is asked for under another hash is
// of another version: the browser may not keep it.
func (p *page) asset(w http.ResponseWriter, r *http.Request) {
	f, ok := p.files[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	if r.PathValue("hash") == p.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	f.serve(w, r)
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h, body, tag := w.Header(), f.body, f.tag
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	if packed := f.packed(); packed != nil && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body, tag = packed, tag+"-gzip"
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func acceptsGzip(r *http.Request) bool {
	words := strings.FieldsFunc(r.Header.Get("Accept-Encoding"), func(c rune) bool { return c == ',' || c == ' ' })
	return slices.Contains(words, "gzip")
}
