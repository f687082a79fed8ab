package cdk

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// Version is the version of the CDK's command line that is used. The latest on
// npm reads only assemblies of an older schema than the library's.
const Version = "2.1148.1"

const (
	oldestNode = 20
	oldestGo   = 26 // 1.26
)

// commandVariable names a CDK command line to use instead of the pinned one.
const commandVariable = "LILO_CDK"

// Place says where the CDK and its app are looked for.
type Place struct {
	// Cache is the folder in which the command line is installed.
	Cache string
	// Env reads the environment.
	Env func(string) string
	// Work is the working directory, Executable the program's own file.
	Work, Executable string
	// Module is the version of LILO's module, empty if it was built from a checkout.
	Module string
}

// Node returns the version of Node.js, which the CDK runs on. Faults are of kind Tool.
func Node(ctx context.Context) (string, error) {
	out, err := output(ctx, "node", "--version")
	if err != nil {
		return "", fault.New(fault.Tool, "the AWS CDK needs Node.js: install version %d or later (https://nodejs.org)", oldestNode)
	}
	version := strings.TrimPrefix(out, "v")
	if major, _, _ := strings.Cut(version, "."); number(major) < oldestNode {
		return "", fault.New(fault.Tool, "Node.js %s is too old for the AWS CDK: install version %d or later (https://nodejs.org)", version, oldestNode)
	}
	return version, nil
}

// Go returns the version of Go, which the CDK app and its functions are built with. Faults are of kind Tool.
func Go(ctx context.Context) (string, error) {
	out, err := output(ctx, "go", "env", "GOVERSION")
	if err != nil {
		return "", fault.New(fault.Tool, "LILO's CDK app and its functions are built with Go: install 1.%d or later (https://go.dev/dl)", oldestGo)
	}
	m := regexp.MustCompile(`^go1\.([0-9]+)`).FindStringSubmatch(out)
	if m != nil && number(m[1]) < oldestGo {
		return "", fault.New(fault.Tool, "%s is too old for LILO's CDK app: install Go 1.%d or later (https://go.dev/dl)", out, oldestGo)
	}
	return strings.TrimPrefix(out, "go"), nil
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// Command returns the CDK's command line, empty if there is none: the one that
// LILO_CDK names, the one that Install installed, or one of the same version on
// the path.
func (p Place) Command(ctx context.Context) (string, error) {
	if named := p.Env(commandVariable); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fault.New(fault.Tool, "%s names %s, which cannot be run", commandVariable, named)
		}
		return filepath.Abs(path)
	}
	if installed := p.installed(); executable(installed) {
		return installed, nil
	}
	if path, err := exec.LookPath("cdk"); err == nil {
		if out, err := output(ctx, path, "--version"); err == nil && strings.HasPrefix(out, Version+" ") {
			return path, nil
		}
	}
	return "", nil
}

func (p Place) folder() string { return filepath.Join(p.Cache, "cdk-"+Version) }

func (p Place) installed() string { return filepath.Join(p.folder(), "node_modules", ".bin", "cdk") }

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// Install installs the pinned command line from npm into the cache, and returns
// it. If ctx ends before, nothing is installed.
func (p Place) Install(ctx context.Context, log io.Writer) (string, error) {
	partial, err := p.partial("cdk")
	if err != nil {
		return "", fault.New(fault.Tool, "the CDK cannot be installed: %w", err)
	}
	defer os.RemoveAll(partial)
	cmd := command(ctx, "npm", "install", "--prefix", partial, "--no-audit", "--no-fund", "--no-package-lock", "aws-cdk@"+Version)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return "", fault.New(fault.Tool, "npm could not install aws-cdk@%s (%w): run npm install -g aws-cdk@%s yourself", Version, err, Version)
	}
	os.RemoveAll(p.folder())
	if err := os.Rename(partial, p.folder()); err != nil && !executable(p.installed()) {
		return "", fault.New(fault.Tool, "the CDK cannot be installed: %w", err)
	}
	return p.installed(), nil
}

// output runs a program and returns the first line that it writes.
func output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := command(ctx, name, args...).Output()
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if line == "" {
		return "", errors.New("it wrote nothing")
	}
	return line, nil
}
