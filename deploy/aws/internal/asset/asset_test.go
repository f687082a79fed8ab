package asset

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestPackIsReproducible(t *testing.T) {
	one, err := pack([]byte("a program"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := pack([]byte("a program"))
	if err != nil || !bytes.Equal(one, other) {
		t.Errorf("the same program gives another zip (%v)", err)
	}
	z, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil || len(z.File) != 1 || z.File[0].Name != "bootstrap" || z.File[0].Mode().Perm() != 0o755 {
		t.Errorf("the zip lacks an executable bootstrap: %+v, %v", z, err)
	}
}

func TestFolder(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := Folder(here)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "cdk.json")); err != nil {
		t.Error(err)
	}
	if _, err := Folder(t.TempDir()); err == nil {
		t.Error("a module is found where there is none")
	}
}
