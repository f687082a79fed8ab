//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// prometheus is a Prometheus that scrapes a server.
type prometheus struct{ url string }

// query returns how many series a query has, and what Prometheus objects to.
func (p prometheus) query(query string) (series int, err error) {
	answer, err := http.Get(p.url + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var r struct {
		Error string
		Data  struct{ Result []any }
	}
	err = json.NewDecoder(answer.Body).Decode(&r)
	if err == nil && r.Error != "" {
		err = fmt.Errorf("%s: %s", query, r.Error)
	}
	return len(r.Data.Result), err
}

// await fails unless the query has series within a minute.
func (p prometheus) await(t *testing.T, query string) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		var n int
		if n, err = p.query(query); err == nil && n > 0 {
			return
		}
	}
	t.Errorf("no series for %s (%v)", query, err)
}

// expressions returns the queries of the alert rules and of the dashboard, which begin after a word.
func expressions(t *testing.T) (all []string) {
	t.Helper()
	rules, err := os.ReadFile("../../examples/prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, string(rules))
	var board struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	text, err := os.ReadFile("../../examples/grafana/lilo.json")
	if err == nil {
		err = json.Unmarshal(text, &board)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			all = append(all, strings.NewReplacer("$instance", ".*", "$channel", ".*").Replace(target.Expr))
		}
	}
	return all
}

// A real Prometheus loads the alert rules and scrapes a server with a channel on air. Every metric of the
// rules and every query of the dashboard has series, and the death of the server raises the alert.
func TestPrometheus(t *testing.T) {
	long(t)
	dir := t.TempDir()
	r := listen(t)
	configFile(t, filepath.Join(dir, "serve.yaml"), "channels: [{name: News, to: "+r.url("udp")+"}]\n")
	s := serve(t, filepath.Join(dir, "state"), "--config", filepath.Join(dir, "serve.yaml"), "--events-log")
	s.waitReady(t)
	rules, err := os.ReadFile("../../examples/prometheus/alerts.yml")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "alerts.yml"), []byte(regexp.MustCompile(`for: \d+m`).ReplaceAllString(string(rules), "for: 1s")), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	configFile(t, filepath.Join(dir, "prometheus.yml"), "global: {scrape_interval: 500ms, evaluation_interval: 500ms}\nrule_files: [alerts.yml]\n"+
		"scrape_configs: [{job_name: lilo, static_configs: [{targets: [\""+strings.TrimPrefix(s.url, "http://")+"\"]}]}]\n")
	tool(t, "promtool", "check", "config", filepath.Join(dir, "prometheus.yml"))
	port := listen(t).port // Of UDP; nothing else takes that of TCP meanwhile.
	p := prometheus{fmt.Sprintf("http://127.0.0.1:%d", port)}
	cmd := exec.CommandContext(t.Context(), "prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+strings.TrimPrefix(p.url, "http://"), "--log.level=warn")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	p.await(t, `up{job="lilo"} == 1`)
	all := expressions(t)
	var names []string
	for _, e := range all {
		names = append(names, regexp.MustCompile(`\b(?:lilo|aws_medialive|process)_[a-z_]+`).FindAllString(e, -1)...)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) < 10 {
		t.Fatalf("only %q", names)
	}
	for _, query := range slices.Concat(names, all[1:]) {
		p.await(t, query)
	}
	if n, err := p.query(`ALERTS{severity="critical", alertstate="firing"}`); n > 0 || err != nil {
		t.Errorf("%d alerts of a channel on air, %v", n, err)
	}
	s.end(t, syscall.SIGKILL)
	p.await(t, `ALERTS{alertname="LiloDown", alertstate="firing"}`)
}
