package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/lilo-live/lilo/internal/channel"
)

// TestMain is also the programs that a deployment runs: this binary goes by
// their names in a folder of their own.
func TestMain(m *testing.M) {
	programs := map[string]func([]string) error{"npm": fakeNPM, "cdk": fakeCDK}
	program := programs[filepath.Base(os.Args[0])]
	if program == nil {
		os.Exit(m.Run())
	}
	if err := program(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// cloudTools is a folder with Node.js, Go, npm and the CDK, as a PATH.
func cloudTools(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"npm", "cdk"} {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, says := range map[string]string{"node": "v20.20.2", "go": "go1.26.0"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho "+says+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// impatient tries again at once.
func impatient() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 20, time.Millisecond })
}

// fakeNPM installs the CDK that this binary is.
func fakeNPM(args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bin := filepath.Join(args[2], "node_modules", ".bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	return os.Symlink(self, filepath.Join(bin, "cdk"))
}

// fakeCDK does what cdk does, as far as lilo sees: it synthesises an assembly,
// and has the cloud of the test deploy it.
func fakeCDK(args []string) error {
	flags := map[string]string{}
	for i, a := range args {
		if strings.HasPrefix(a, "--") && i+1 < len(args) {
			flags[a] = args[i+1]
		}
	}
	cloud := os.Getenv("LILO_TEST_CLOUD")
	switch args[0] {
	case "--version":
		fmt.Println("2.1148.1 (build 0000000)")
		return nil
	case "synth":
		return fakeSynth(flags["--output"])
	case "bootstrap":
		return ask(cloud+"/test/bootstrap", nil)
	case "deploy":
		return fakeDeploy(cloud, args[1])
	}
	return fmt.Errorf("cdk %s: unknown", args[0])
}

// fakeSynth writes an assembly with the channel of the environment.
func fakeSynth(dir string) error {
	if os.Getenv("LILO_TEST_SYNTH") != "" {
		return fmt.Errorf("some words\nlilo: %s\nSubprocess exited with error 1", os.Getenv("LILO_TEST_SYNTH"))
	}
	s := channel.Default()
	if err := readSpec(os.Getenv(configVariable), &s); err != nil {
		return err
	}
	name := s.AWS.Prefix()
	files := map[string]any{
		"manifest.json": map[string]any{"artifacts": map[string]any{
			"Tree": map[string]any{"type": "cdk:tree"},
			name:   map[string]any{"type": "aws:cloudformation:stack", "properties": map[string]any{"stackName": name}},
		}},
		name + ".template.json": map[string]any{"Resources": map[string]any{
			"A": map[string]any{"Type": "AWS::CloudFormation::Stack"}, "B": map[string]any{"Type": "AWS::S3::Bucket"},
		}},
		"mediaservices.nested.template.json": map[string]any{"Resources": map[string]any{
			"Input": map[string]any{"Type": "AWS::MediaLive::Input"},
			"Channel": map[string]any{"Type": "AWS::MediaLive::Channel", "Properties": map[string]any{
				"ChannelClass":       "SINGLE_PIPELINE",
				"InputSpecification": map[string]any{"Codec": "AVC", "MaximumBitrate": "MAX_10_MBPS", "Resolution": "HD"},
				"EncoderSettings": map[string]any{
					"VideoDescriptions": []any{map[string]any{"Name": "v", "Height": 1080, "CodecSettings": map[string]any{
						"H264Settings": map[string]any{"Bitrate": 10_000_000, "FramerateNumerator": 25, "FramerateDenominator": 1},
					}}},
					"OutputGroups": []any{map[string]any{"Outputs": []any{map[string]any{"VideoDescriptionName": "v"}}}},
				},
			}},
		}},
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for file, content := range files {
		text, err := json.Marshal(content)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, file), text, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fakeDeploy has the cloud deploy, and waits until it is done.
func fakeDeploy(cloud, stack string) error {
	values := url.Values{"stack": {stack}}
	for _, each := range os.Environ() {
		if key, value, _ := strings.Cut(each, "="); strings.HasPrefix(key, "LILO_") {
			values.Set(key, value)
		}
	}
	if err := ask(cloud+"/test/deploy", values); err != nil {
		return err
	}
	for {
		status, err := get(cloud+"/test/status", values)
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(status, "ROLLBACK_COMPLETE"), strings.HasSuffix(status, "FAILED"):
			return fmt.Errorf("❌ %s failed: it is %s", stack, status)
		case strings.HasSuffix(status, "_COMPLETE"):
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func ask(at string, values url.Values) error {
	_, err := get(at, values)
	return err
}

func get(at string, values url.Values) (string, error) {
	r, err := http.Get(at + "?" + values.Encode())
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", r.Status, text)
	}
	return string(text), err
}
