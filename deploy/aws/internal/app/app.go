// Package app is LILO's CDK app: it reads which channel to deploy and writes the
// templates of its deployment.
package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/lilo-live/lilo/deploy/aws/internal/asset"
	"github.com/lilo-live/lilo/deploy/aws/internal/tree"
	"github.com/lilo-live/lilo/internal/aws/assembly"
	"github.com/lilo-live/lilo/internal/aws/stacks"
	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/fault"
)

// Variables that the CDK's command line sets for its app.
const (
	contextVariable = "CDK_CONTEXT_JSON"
	outdirVariable  = "CDK_OUTDIR"
)

// Run writes the cloud assembly of the channel that the variables say, warnings to log.
func Run(ctx context.Context, getenv func(string) string, log io.Writer) error {
	w, err := read(getenv)
	if err != nil {
		return err
	}
	out := getenv(outdirVariable)
	if out == "" {
		out = "cdk.out"
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fault.New(fault.Tool, "the folder for the templates: %w", err)
	}
	if out, err = filepath.Abs(out); err != nil {
		return fault.New(fault.Tool, "the folder for the templates: %w", err)
	}
	core, err := w.stack(ctx, out)
	if err != nil {
		return err
	}
	for _, line := range w.warnings() {
		if _, err := io.WriteString(log, "lilo: "+line+"\n"); err != nil {
			return fault.New(fault.Tool, "%w", err)
		}
	}
	return synth(core, w.context, out)
}

// stack returns the core stack. It writes the functions to out.
func (w *input) stack(ctx context.Context, out string) (*template.Stack, error) {
	if err := files(ctx, w, out); err != nil {
		return nil, err
	}
	return stacks.New(w.spec, w.files)
}

// files builds and hashes what is uploaded with the deployment.
func files(ctx context.Context, w *input, out string) error {
	here, err := os.Getwd()
	if err != nil {
		return fault.New(fault.Tool, "the folder of the app: %w", err)
	}
	module, err := asset.Folder(here)
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	archive, err := asset.Functions(ctx, module)
	if err != nil {
		return err
	}
	if w.files.Functions, err = assembly.Put(out, "functions", "zip", archive); err != nil {
		return err
	}
	if !w.local() {
		return nil
	}
	file, err := assembly.Hash(ctx, w.spec.Source, filepath.Join(cache, "lilo-cdk", "hashes"))
	w.files.Source = &file
	return err
}

// synth has the CDK write the templates. What its library finds wrong with them
// comes as a panic. The library's process ends with jsii.Close.
func synth(core *template.Stack, given map[string]any, out string) (err error) {
	defer func() {
		if said := recover(); said != nil {
			err = fault.New(fault.Tool, "the CDK cannot write the templates: %s", strings.Join(strings.Fields(fmt.Sprint(said)), " "))
		}
	}()
	a := awscdk.NewApp(&awscdk.AppProps{Outdir: &out, AnalyticsReporting: jsii.Bool(false), Context: cdkContext(given)})
	if _, err := tree.Add(a, core); err != nil {
		return fault.New(fault.Internal, "the stack cannot be added to the CDK's: %w", err)
	}
	a.Synth(nil)
	return nil
}

// cdkContext is what the CDK itself is told: to hold templates against CloudFormation's schemas.
func cdkContext(given map[string]any) *map[string]any {
	all := map[string]any{"@aws-cdk/core:validateAgainstDefaultRules": true}
	maps.Copy(all, given)
	return &all
}

// contextOf reads what was given with -c, and what cdk.json says.
func contextOf(text string) (map[string]any, error) {
	all := make(map[string]any)
	if text == "" {
		return all, nil
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fault.New(fault.Tool, "%s is no JSON: %w", contextVariable, err)
	}
	return all, nil
}
