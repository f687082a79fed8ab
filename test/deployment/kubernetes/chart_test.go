//go:build e2e

// Package kubernetes renders the Helm chart with Helm, and holds the result against
// Kubernetes' API (kubeconform), a linter of policies (kube-score), and what LILO reads.
package kubernetes

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/server"
	"github.com/lilo-live/lilo/test/tools"
)

const chart = "../../../deploy/kubernetes"

// programs are what is installed from the Go module proxy.
var programs = []string{
	"helm.sh/helm/v3/cmd/helm@v3.22.0",
	"github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0",
	"github.com/zegl/kube-score/cmd/kube-score@v1.20.0",
}

// install returns the folder of the programs.
func install(t *testing.T) string {
	t.Helper()
	dir, err := tools.Install(t.Context(), "lilo-kubernetes-tools", []byte(strings.Join(programs, "\n")), func(dir string) (steps [][]string) {
		for _, one := range programs {
			steps = append(steps, []string{"env", "GOBIN=" + dir, "CGO_ENABLED=0", "go", "install", "-trimpath", one})
		}
		return steps
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a program with an input, and returns what it prints.
func run(t *testing.T, input []byte, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// values are documents that users write, by what they want.
func values() map[string]string {
	return map[string]string{
		"as it comes": "",
		"an etcd that exists, over TLS": `
store: {members: ["etcd-0.example:2379", "etcd-1.example:2379"], prefix: fleet/a, user: lilo, secret: lilo-etcd, tls: true}
tls: lilo-tls
`,
		"multicast by the machines' network": `
network: {host: true}
replicas: 5
nodeSelector: {media: "yes"}
tolerations: [{key: media, operator: Exists, effect: NoSchedule}]
priorityClassName: media
`,
		"Multus, files, channels and Prometheus": `
network: {multus: [multicast, default/media@net1]}
media:
  - path: /srv/media
    volume: {persistentVolumeClaim: {claimName: media, readOnly: true}}
  - path: /srv/nfs
    volume: {nfs: {server: nfs.example, path: /export, readOnly: true}}
config:
  max-channels: 5000
  channels:
    - {name: News, source: /srv/media/news.mp4, to: "rtp://239.1.1.1:5000?iface=net1"}
serviceMonitor: {enabled: true, labels: {release: prometheus}}
networkPolicy: {from: [{namespaceSelector: {matchLabels: {team: video}}}]}
tls: lilo-tls
service: {type: LoadBalancer, annotations: {example.com/internal: "true"}}
etcd: {replicas: 5, storageClass: fast}
`,
	}
}

// unmet are the checks of kube-score that the chart leaves to who installs it.
var unmet = []string{
	"container-image-pull-policy", // IfNotPresent: a tag of LILO is never written again.
}

func TestChart(t *testing.T) {
	bin, schemas := install(t), schemas(t)
	file := filepath.Join(t.TempDir(), "values.yaml")
	for name, text := range values() {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if out, err := run(t, nil, filepath.Join(bin, "helm"), "lint", "--strict", "--values", file, chart); err != nil {
				t.Errorf("helm lint: %v\n%s", err, out)
			}
			rendered, err := run(t, nil, filepath.Join(bin, "helm"), "template", "tv", chart, "--kube-version", "1.34.4", "--namespace", "video", "--values", file)
			if err != nil {
				t.Fatalf("helm template: %v\n%s", err, rendered)
			}
			if out, err := run(t, []byte(rendered), filepath.Join(bin, "kubeconform"), "-strict", "-verbose", "-schema-location", schemas+"/{{.ResourceKind}}{{.KindSuffix}}.json"); err != nil {
				t.Errorf("kubeconform: %v\n%s", err, out)
			}
			if out, err := run(t, []byte(rendered), filepath.Join(bin, "kube-score"), "score", "--ignore-test", strings.Join(unmet, ","), "--output-format", "ci", "-"); err != nil {
				t.Errorf("kube-score: %v\n%s", err, grades(out))
			}
			checkConfig(t, rendered)
			checkPods(t, rendered)
		})
	}
}

// grades returns the lines of kube-score that complain.
func grades(out string) string {
	var some []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "[OK]") && !strings.HasPrefix(line, "[SKIPPED]") {
			some = append(some, line)
		}
	}
	return strings.Join(some, "")
}

// objects returns the objects of a kind.
func objects(t *testing.T, rendered, kind string) (all []map[string]any) {
	t.Helper()
	for d := yaml.NewDecoder(strings.NewReader(rendered)); ; {
		var one map[string]any
		err := d.Decode(&one)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if one["kind"] == kind {
			all = append(all, one)
		}
	}
}

// checkConfig has lilo read the configuration that the nodes get.
func checkConfig(t *testing.T, rendered string) {
	t.Helper()
	maps := objects(t, rendered, "ConfigMap")
	if len(maps) != 1 {
		t.Fatalf("there are %d ConfigMaps", len(maps))
	}
	text, _ := maps[0]["data"].(map[string]any)["serve.yaml"].(string)
	readConfig(t, text)
}

// readConfig has lilo read a configuration, whose folders exist elsewhere.
func readConfig(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"/srv/media", "/srv/nfs"} {
		text = strings.ReplaceAll(text, folder, dir)
	}
	file := filepath.Join(dir, "serve.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := server.ReadConfig(file, server.Options{}); err != nil {
		t.Errorf("lilo does not read the configuration: %v\n%s", err, text)
	}
}

// checkPods checks what the linter does not: how little a pod may do.
func checkPods(t *testing.T, rendered string) {
	t.Helper()
	for _, set := range objects(t, rendered, "StatefulSet") {
		var pod struct {
			AutomountServiceAccountToken *bool `yaml:"automountServiceAccountToken"`
			SecurityContext              struct {
				RunAsNonRoot   bool                  `yaml:"runAsNonRoot"`
				SeccompProfile struct{ Type string } `yaml:"seccompProfile"`
			} `yaml:"securityContext"`
			TopologySpreadConstraints []any `yaml:"topologySpreadConstraints"`
			Containers                []struct {
				SecurityContext struct {
					AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
					ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
					Capabilities             struct{ Drop []string }
				} `yaml:"securityContext"`
				StartupProbe, LivenessProbe, ReadinessProbe any
			}
		}
		data, err := yaml.Marshal(set["spec"].(map[string]any)["template"].(map[string]any)["spec"])
		if err == nil {
			err = yaml.Unmarshal(data, &pod)
		}
		if err != nil {
			t.Fatal(err)
		}
		if token := pod.AutomountServiceAccountToken; token == nil || *token || !pod.SecurityContext.RunAsNonRoot ||
			pod.SecurityContext.SeccompProfile.Type != "RuntimeDefault" || len(pod.TopologySpreadConstraints) == 0 {
			t.Errorf("a pod may do too much: %+v", pod)
		}
		for _, c := range pod.Containers {
			s := c.SecurityContext
			if s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || !s.ReadOnlyRootFilesystem || strings.Join(s.Capabilities.Drop, "") != "ALL" {
				t.Errorf("a container may do too much: %+v", s)
			}
		}
	}
}

// What cannot work is refused before anything is installed, with the key that is wrong.
func TestChartRefuses(t *testing.T) {
	helm, file := filepath.Join(install(t), "helm"), filepath.Join(t.TempDir(), "values.yaml")
	for name, c := range map[string]struct{ values, want string }{
		"a key that does not exist":        {"replica: 3", "replica"},
		"no node":                          {"replicas: 0", "/replicas"},
		"a setting that the chart sets":    {"config: {listen: ':80'}", "/config"},
		"an image that changes":            {"image: {tag: latest}", "/image/tag"},
		"a port of root's":                 {"port: 443", "/port"},
		"no credentials":                   {"credentials: ''", "/credentials"},
		"TLS to the chart's own etcd":      {"store: {tls: true}", "/store/tls"},
		"a user without password":          {"store: {members: ['a:2379'], user: lilo}", "/store/secret"},
		"a member without port":            {"store: {members: [a]}", "/store/members/0"},
		"an even number of etcd's members": {"etcd: {replicas: 2}", "/etcd/replicas"},
		"a folder without volume":          {"media: [{path: /srv/media}]", "volume"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(c.values), 0o644); err != nil {
				t.Fatal(err)
			}
			out, err := run(t, nil, helm, "template", "tv", chart, "--kube-version", "1.34.4", "--values", file)
			if err == nil || !strings.Contains(out, c.want) {
				t.Errorf("helm says (%v): %s\nwant a mention of %q", err, out, c.want)
			}
		})
	}
}
