// Package asset builds the zip of the functions, which is uploaded with a deployment.
package asset

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// Module is the path of this Go module.
const Module = "github.com/lilo-live/lilo/deploy/aws"

// Functions builds the program of all functions for arm64 and returns its zip for
// Lambda. The same sources give the same bytes. Faults are of kind Tool.
func Functions(ctx context.Context, module string) ([]byte, error) {
	work, err := os.MkdirTemp("", "lilo-function-")
	if err != nil {
		return nil, fault.New(fault.Tool, "a folder to build the functions in: %w", err)
	}
	defer os.RemoveAll(work)
	program := filepath.Join(work, "bootstrap")
	if err := build(ctx, module, program); err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		return nil, fault.New(fault.Tool, "the functions' program: %w", err)
	}
	return pack(binary)
}

// build builds the program for Lambda. Go's cache makes a second build short.
func build(ctx context.Context, module, program string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w -buildid=", "-o", program, "./cmd/lilo-function")
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fault.New(fault.Tool, "go cannot build the functions (%w): %s", err, strings.Join(strings.Fields(string(out)), " "))
	}
	return nil
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
