// Package assembly writes a cloud assembly: a folder with the templates of a deployment,
// the files that are uploaded with it, and the manifest by which the CDK's command line
// deploys it, too.
package assembly

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/fault"
)

// Assembly describes what was written.
type Assembly struct {
	// Dir is the folder.
	Dir string
	// Stack, Region and Tags are those of the root stack.
	Stack, Region string
	Tags          map[string]string
	// Bucket is the name of the bucket for Files, with ${AWS::AccountId} for the account.
	Bucket string
	// Template is the file of the root stack's template, one of Files.
	Template template.File
	// Files are uploaded before the stack is deployed.
	Files []template.File
	// Counts has the number of resources of each type, nested stacks included.
	Counts []Count
	// Channel has the properties of the MediaLive channel.
	Channel json.RawMessage
}

// Count is the number of resources of a type.
type Count struct {
	Type string `json:"type"`
	N    int    `json:"count"`
}

// Put writes a file that is uploaded to the folder of an assembly.
func Put(dir, name, kind string, content []byte) (template.File, error) {
	sum := sha256.Sum256(content)
	f := template.File{Hash: hex.EncodeToString(sum[:])}
	f.Path = name + "." + f.Hash + "." + kind
	if err := os.WriteFile(filepath.Join(dir, f.Path), content, 0o644); err != nil {
		return template.File{}, fault.New(fault.Internal, "%s cannot be written: %w", filepath.Join(dir, f.Path), fault.Reason(err))
	}
	return f, nil
}

// Write writes the assembly of a root stack to a folder, which holds the files of the
// stack with relative paths already.
func Write(dir string, s *template.Stack) (Assembly, error) {
	a := Assembly{Dir: dir, Stack: s.ID, Region: s.Region, Tags: s.Tags, Bucket: s.BucketName()}
	templates, err := s.Write()
	if err != nil {
		return Assembly{}, fault.New(fault.Internal, "the templates: %w", err)
	}
	for _, f := range s.Files() {
		a.Files = append(a.Files, *f)
	}
	contents := map[string][]byte{}
	for _, t := range templates {
		contents[t.File.Path] = t.Text
		a.Files = append(a.Files, t.File)
		a.Template = t.File // The root's is the last.
	}
	contents[s.ID+".assets.json"], err = indented(a.files())
	if err == nil {
		contents["manifest.json"], err = indented(a.manifest())
	}
	if err == nil {
		contents["cdk.out"], err = json.Marshal(map[string]string{"version": version})
	}
	if err == nil {
		err = a.count(s)
	}
	if err != nil {
		return Assembly{}, fault.New(fault.Internal, "the assembly: %w", err)
	}
	for name, content := range contents {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return Assembly{}, fault.New(fault.Internal, "%s cannot be written: %w", filepath.Join(dir, name), fault.Reason(err))
		}
	}
	return a, nil
}

func indented(v any) ([]byte, error) { return json.MarshalIndent(v, "", "  ") }

// count counts the resources and finds the channel.
func (a *Assembly) count(s *template.Stack) (err error) {
	counts := make(map[string]int)
	for _, r := range s.Resources() {
		counts[r.Type]++
		if r.Type == "AWS::MediaLive::Channel" {
			if a.Channel, err = json.Marshal(r.Properties); err != nil {
				return err
			}
		}
	}
	for _, t := range slices.Sorted(maps.Keys(counts)) {
		a.Counts = append(a.Counts, Count{t, counts[t]})
	}
	return nil
}
