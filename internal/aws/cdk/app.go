package cdk

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	// appVariable names the folder of the CDK app.
	appVariable = "LILO_CDK_APP"
	// module is LILO's Go module, appModule that of the CDK app in it.
	module    = "github.com/lilo-live/lilo"
	appModule = module + "/deploy/aws"
	// appFile is a file that a CDK app has.
	appFile = "cdk.json"
)

// App returns the folder of LILO's CDK app: the one that LILO_CDK_APP names, or
// deploy/aws of a checkout around the program or its working directory, or the
// Go modules of this program's version, which it fetches if necessary. Faults
// are of kind Tool.
func (p Place) App(ctx context.Context) (string, error) {
	if named := p.Env(appVariable); named != "" {
		if !isApp(named) {
			return "", fault.New(fault.Tool, "%s names %s, which has no %s", appVariable, named, appFile)
		}
		return filepath.Abs(named)
	}
	for _, from := range []string{filepath.Dir(p.Executable), p.Work} {
		if dir, ok := above(from); ok {
			return dir, nil
		}
	}
	if p.Module == "" {
		return "", fault.New(fault.Tool, "LILO's CDK app was not found: run in a checkout of LILO, or name its deploy/aws in %s", appVariable)
	}
	return p.download(ctx)
}

// above returns the deploy/aws of a folder or of one above it.
func above(dir string) (string, bool) {
	for dir != "" {
		if app := filepath.Join(dir, "deploy", "aws"); isApp(app) {
			return app, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return "", false
}

func isApp(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, appFile))
	return err == nil && info.Mode().IsRegular()
}

// download fetches the app and the module that it is part of, and puts them
// together as in a checkout, which the app is built in.
func (p Place) download(ctx context.Context) (string, error) {
	whole := filepath.Join(p.Cache, "lilo-"+p.Module)
	app := filepath.Join(whole, "deploy", "aws")
	if isApp(app) {
		return app, nil
	}
	partial, err := p.partial("lilo")
	if err != nil {
		return "", fault.New(fault.Tool, "LILO's CDK app cannot be fetched: %w", err)
	}
	defer os.RemoveAll(partial)
	for module, into := range map[string]string{module: partial, appModule: filepath.Join(partial, "deploy", "aws")} {
		if err := p.fetch(ctx, module, into); err != nil {
			return "", err
		}
	}
	if err := os.Rename(partial, whole); err != nil && !isApp(app) {
		return "", fault.New(fault.Tool, "LILO's CDK app cannot be fetched: %w", err)
	}
	return app, nil
}

// partial makes a folder in the cache to prepare something in.
func (p Place) partial(name string) (string, error) {
	if err := os.MkdirAll(p.Cache, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(p.Cache, name+"-*.partial")
}

// fetch copies a module of this program's version into a folder.
func (p Place) fetch(ctx context.Context, module, into string) error {
	cmd := command(ctx, "go", "mod", "download", "-json", module+"@"+p.Module)
	cmd.Dir = os.TempDir() // Outside of any module of the user.
	text, err := cmd.Output()
	var said struct{ Dir, Error string }
	if json.Unmarshal(text, &said) == nil && said.Error != "" {
		return fault.New(fault.Tool, "LILO's CDK app cannot be fetched: %s; run in a checkout of LILO, or name its deploy/aws in %s", said.Error, appVariable)
	}
	if err == nil {
		err = os.CopyFS(into, os.DirFS(said.Dir))
	}
	if err != nil {
		return fault.New(fault.Tool, "LILO's CDK app %s cannot be fetched by Go (%w): run in a checkout of LILO, or name its deploy/aws in %s", p.Module, err, appVariable)
	}
	return nil
}
