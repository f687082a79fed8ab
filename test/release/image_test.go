//go:build release

// Package release tests what a release consists of: make release-test.
package release

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// descriptor is what an OCI manifest or index says of a blob.
type descriptor struct {
	MediaType string            `json:"mediaType"`
	Digest    string            `json:"digest"`
	Size      int               `json:"size"`
	Platform  map[string]string `json:"platform,omitempty"`
}

// base serves an image for two platforms with no layer and the user of distroless's nonroot
// images, as a registry does: the registry that has those cannot be reached everywhere.
func base(t *testing.T) (name string) {
	t.Helper()
	blobs := map[string][]byte{}
	types := map[string]string{}
	add := func(mediaType string, v any) descriptor {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		digest := fmt.Sprintf("sha256:%x", sha256.Sum256(data))
		blobs[digest], types[digest] = data, mediaType
		return descriptor{MediaType: mediaType, Digest: digest, Size: len(data)}
	}
	var manifests []descriptor
	for _, arch := range []string{"amd64", "arm64"} {
		config := add("application/vnd.oci.image.config.v1+json", map[string]any{
			"architecture": arch, "os": "linux", "config": map[string]any{"User": "65532"}, "rootfs": map[string]any{"type": "layers", "diff_ids": []string{}},
		})
		m := add("application/vnd.oci.image.manifest.v1+json", map[string]any{
			"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": []descriptor{},
		})
		m.Platform = map[string]string{"os": "linux", "architecture": arch}
		manifests = append(manifests, m)
	}
	index := add("application/vnd.oci.image.index.v1+json", map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests,
	})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		digest := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		if digest == "latest" {
			digest = index.Digest
		}
		if r.URL.Path == "/v2/" {
			return
		}
		if blobs[digest] == nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", types[digest])
		w.Header().Set("Docker-Content-Digest", digest)
		_, _ = w.Write(blobs[digest])
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://") + "/base:latest"
}

// The image is built without a daemon, for two platforms, twice as the same bytes. It holds the program
// and what belongs to it, runs as a user that is not root, and the program in its layers runs.
func TestImage(t *testing.T) {
	from := base(t)
	build := func() string {
		dir, err := os.MkdirTemp("", "lilo-image-") // ko refuses capital letters, which t.TempDir has.
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		layout := filepath.Join(dir, "image")
		run(t, []string{"KO_DEFAULTBASEIMAGE=" + from}, "make", "image", "LAYOUT="+layout)
		return layout
	}
	layout := build()
	first, err := os.ReadFile(filepath.Join(layout, "index.json"))
	if second, err2 := os.ReadFile(filepath.Join(build(), "index.json")); err != nil || err2 != nil || string(first) != string(second) {
		t.Errorf("another image the second time: %v, %v\n%s\n%s", err, err2, first, second)
	}
	var top, index struct{ Manifests []descriptor }
	read(t, filepath.Join(layout, "index.json"), &top)
	platforms := 2
	if one := os.Getenv("KO_DEFAULTPLATFORMS"); one != "" { // Of ko; each takes minutes to build.
		platforms = len(strings.Split(one, ","))
	}
	if index = top; platforms > 1 {
		read(t, blob(layout, top.Manifests[0].Digest), &index)
	}
	if len(index.Manifests) != platforms {
		t.Fatalf("%d platforms: %+v", len(index.Manifests), index)
	}
	for _, m := range index.Manifests {
		var manifest struct {
			Config descriptor
			Layers []descriptor
		}
		var config struct {
			Config struct {
				User       string
				Entrypoint []string
			}
		}
		read(t, blob(layout, m.Digest), &manifest)
		read(t, blob(layout, manifest.Config.Digest), &config)
		dir := t.TempDir()
		var files []string
		for _, l := range manifest.Layers {
			files = append(files, unpack(t, blob(layout, l.Digest), dir)...)
		}
		if config.Config.User != "65532" || !slices.Equal(config.Config.Entrypoint, []string{"/ko-app/lilo"}) || !slices.Contains(files, "/ko-app/lilo") {
			t.Errorf("%v: %+v with %q", m.Platform, config, files)
		}
		if m.Platform["architecture"] != runtime.GOARCH || runtime.GOOS != "linux" {
			continue
		}
		out := run(t, nil, filepath.Join(dir, "ko-app/lilo"), "probe")
		if !strings.Contains(out, "loops      yes, every 10.000000 s") {
			t.Error(out)
		}
	}
}

func blob(layout, digest string) string {
	return filepath.Join(layout, "blobs", strings.ReplaceAll(digest, ":", "/"))
}

func read(t *testing.T, file string, to any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// unpack writes the files of a layer below dir, and returns their names.
func unpack(t *testing.T, layer, dir string) (names []string) {
	t.Helper()
	f, err := os.Open(layer)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		names = append(names, h.Name)
		to := filepath.Join(dir, filepath.Clean("/"+h.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err == nil {
			err = os.WriteFile(to, data, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// run runs a command in the root of the tree, and returns what it prints.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
