package cdk

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// Assembly describes what Synth wrote.
type Assembly struct {
	// Stack is the name of the root stack.
	Stack string
	// Counts has the number of resources of each type, nested stacks included.
	Counts []Count
	// Channel has the properties of the MediaLive channel, nil if there is none.
	Channel json.RawMessage
}

// Count is the number of resources of a type.
type Count struct {
	Type string `json:"type"`
	N    int    `json:"count"`
}

// template is the part of a template that is read.
type template struct {
	Resources map[string]struct {
		Type       string
		Properties json.RawMessage
	}
}

// ReadAssembly reads the templates of a folder that Synth wrote.
func ReadAssembly(dir string) (Assembly, error) {
	root, err := rootStack(dir)
	if err != nil {
		return Assembly{}, fault.New(fault.Tool, "what the CDK app wrote cannot be read: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
	if err != nil {
		return Assembly{}, fault.New(fault.Internal, "%w", err)
	}
	a := Assembly{Stack: root}
	counts := make(map[string]int)
	for _, file := range files {
		t, err := readTemplate(file)
		if err != nil {
			return Assembly{}, fault.New(fault.Tool, "what the CDK app wrote cannot be read: %w", err)
		}
		for _, r := range t.Resources {
			counts[r.Type]++
			if r.Type == "AWS::MediaLive::Channel" {
				a.Channel = r.Properties
			}
		}
	}
	for _, t := range slices.Sorted(maps.Keys(counts)) {
		a.Counts = append(a.Counts, Count{t, counts[t]})
	}
	return a, nil
}

func readTemplate(file string) (template, error) {
	var t template
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	return t, err
}

// rootStack returns the name of the stack in the manifest of an assembly.
func rootStack(dir string) (string, error) {
	var manifest struct {
		Artifacts map[string]struct {
			Type        string `json:"type"`
			DisplayName string `json:"displayName"`
			Properties  struct {
				StackName string `json:"stackName"`
			} `json:"properties"`
		} `json:"artifacts"`
	}
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &manifest)
	}
	if err != nil {
		return "", err
	}
	for _, id := range slices.Sorted(maps.Keys(manifest.Artifacts)) {
		a := manifest.Artifacts[id]
		if a.Type == "aws:cloudformation:stack" {
			return cmp.Or(a.Properties.StackName, a.DisplayName, strings.TrimSpace(id)), nil
		}
	}
	return "", fault.New(fault.Tool, "it holds no stack")
}
