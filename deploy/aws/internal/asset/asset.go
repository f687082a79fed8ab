// Package asset makes the files that are uploaded with a deployment: the zip of
// the functions' program ([Build]) and the hash of a local source ([Hash]).
package asset

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/fault"
)

// Module is the path of this Go module.
const Module = "github.com/lilo-live/lilo/deploy/aws"

// Build builds the program of all functions for arm64 and writes its zip for Lambda
// to dir. The same sources give the same bytes. The zip is cached in the folder
// cache under Go's build id. Faults are of kind Tool.
func Build(ctx context.Context, module, dir, cache string) (template.File, error) {
	id, err := goTool(ctx, module, "list", "-export", "-f", "{{.BuildID}}")
	if err != nil {
		return template.File{}, err
	}
	name := sha256.Sum256([]byte(id))
	cached := filepath.Join(cache, hex.EncodeToString(name[:16])+".zip")
	text, err := os.ReadFile(cached)
	if err != nil {
		if text, err = build(ctx, module); err != nil {
			return template.File{}, err
		}
		store(cached, text)
	}
	sum := sha256.Sum256(text)
	f := template.File{Hash: hex.EncodeToString(sum[:])}
	f.Path = "functions." + f.Hash + ".zip"
	if err := os.WriteFile(filepath.Join(dir, f.Path), text, 0o644); err != nil {
		return template.File{}, fault.New(fault.Tool, "the functions' zip: %w", err)
	}
	return f, nil
}

// store writes a file to a cache atomically. Errors are ignored: the file is then
// made again next time.
func store(path string, text []byte) {
	if os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return
	}
	_, err = f.Write(text)
	if f.Close() == nil && err == nil && os.Rename(f.Name(), path) == nil {
		return
	}
	_ = os.Remove(f.Name())
}

// goTool runs the go command on the functions' program with the settings for Lambda.
func goTool(ctx context.Context, module, verb string, args ...string) (string, error) {
	args = append([]string{verb, "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc"}, append(args, "./cmd/lilo-function")...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fault.New(fault.Tool, "go cannot build the functions (%w): %s", err, strings.Join(strings.Fields(stderr.String()), " "))
	}
	return string(out), nil
}

// build builds the program and returns its zip.
func build(ctx context.Context, module string) ([]byte, error) {
	work, err := os.MkdirTemp("", "lilo-function-")
	if err != nil {
		return nil, fault.New(fault.Tool, "a folder to build the functions in: %w", err)
	}
	defer os.RemoveAll(work)
	program := filepath.Join(work, "bootstrap")
	if _, err := goTool(ctx, module, "build", "-ldflags", "-s -w -buildid=", "-o", program); err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		return nil, fault.New(fault.Tool, "the functions' program: %w", err)
	}
	return pack(binary)
}

// pack returns a zip with the program under the name that Lambda expects.
func pack(binary []byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	// The oldest time that a zip can hold, so that the bytes depend only on the program.
	head := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	head.SetMode(0o755)
	w, err := z.CreateHeader(head)
	if err == nil {
		_, err = w.Write(binary)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fault.New(fault.Tool, "the functions' zip: %w", err)
	}
	return b.Bytes(), nil
}

// Hash returns a local file with its hash, which is cached in a folder so that a
// large file is read once. Faults are of kind Source.
func Hash(path, cache string) (template.File, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return template.File{}, fault.New(fault.Source, "%w", err)
	}
	f := template.File{Path: absolute}
	info, err := os.Stat(absolute)
	if err != nil {
		return template.File{}, fault.New(fault.Source, "the source: %w", err)
	}
	if !info.Mode().IsRegular() {
		return template.File{}, fault.New(fault.Source, "the source %s is not a file", path)
	}
	name := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%d", absolute, info.Size(), info.ModTime().UnixNano()))
	cached := filepath.Join(cache, hex.EncodeToString(name[:16])+".sha256")
	if text, err := os.ReadFile(cached); err == nil && len(text) == 2*sha256.Size {
		f.Hash = string(text)
		return f, nil
	}
	if f.Hash, err = hashOf(absolute); err != nil {
		return template.File{}, fault.New(fault.Source, "the source: %w", err)
	}
	store(cached, []byte(f.Hash))
	return f, nil
}

func hashOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Folder returns the root of this module, searching upwards from a folder. Faults
// are of kind Tool.
func Folder(from string) (string, error) {
	for dir := from; ; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module "+Module+"\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fault.New(fault.Tool, "%s is not in the Go module %s: run the CDK in deploy/aws of LILO", from, Module)
		}
	}
}
