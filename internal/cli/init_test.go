package cli

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
)

func TestInitWritesAFileThatRunTakes(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, file := range map[string]string{"init": "lilo.yaml", "init mine.yaml": "mine.yaml", "init --serve": "serve.yaml"} {
		r := lilo(t, newFake(), strings.Fields(args)...)
		if r.code != 0 || r.out != "wrote "+file+"\n" {
			t.Fatalf("%s: %+v", args, r)
		}
		before, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(string(before), "# yaml-language-server: $schema=https://") {
			t.Errorf("%s: %v, %.80s", args, err, before)
		}
		r = lilo(t, newFake(), strings.Fields(args)...)
		if got := oneLineOf(t, r); r.code != int(fault.Usage) || got != file+" exists: name another file, or remove it first" {
			t.Errorf("%s again: %d %s", args, r.code, got)
		}
		if after, _ := os.ReadFile(file); string(after) != string(before) {
			t.Errorf("%s has written over %s", args, file)
		}
	}
	f := newFake()
	if r := lilo(t, f, "render", "--out", "-", "--config", "lilo.yaml"); r.code != 0 || f.spec.Source != "" || f.spec.Name != "LILO" {
		t.Errorf("%+v, %+v", r, f.spec)
	}
	file, err := os.ReadFile("serve.yaml")
	if r := lilo(t, newFake(), "init", "--serve", "-"); err != nil || r.code != 0 || r.out != string(file) {
		t.Errorf("init --serve - prints %.80s", r.out)
	}
	r := lilo(t, newFake(), "init", "")
	if got := oneLineOf(t, r); r.code != int(fault.Usage) || !strings.HasPrefix(got, "FILE is empty: name the file") {
		t.Errorf("%d %s", r.code, got)
	}
	r = lilo(t, newFake(), "init", "none/lilo.yaml")
	if got := oneLineOf(t, r); r.code != int(fault.Destination) || got != "cannot write none/lilo.yaml: no such file or directory" {
		t.Errorf("%d %s", r.code, got)
	}
}

func TestAFullDiskIsADestination(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	for _, args := range []string{"init -", "init " + t.TempDir() + "/a.yaml", "schema", "probe", "version", "render --out -"} {
		var said strings.Builder
		p := New(full, &said, func(string) string { return "" })
		p.open = func(context.Context, channel.Spec) (playlist, error) { return newFake(), nil }
		p.probe = func(context.Context, channel.Spec) (player.Report, error) { return newFake().report, nil }
		if code := p.Run(t.Context(), strings.Fields(args)); code != int(fault.Destination) || said.String() != "lilo: cannot write to the standard output: no space left on device\n" {
			t.Errorf("%s: %d %s", args, code, said.String())
		}
	}
}

func TestSchemaPrintsWhatIsPublished(t *testing.T) {
	for args, file := range map[string]string{"schema": "lilo.json", "schema serve": "serve.json"} {
		want, err := os.ReadFile("../../docs/schema/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if r := lilo(t, newFake(), strings.Fields(args)...); r.code != 0 || r.out != string(want) {
			t.Errorf("%s: %d, %d bytes, want %d", args, r.code, len(r.out), len(want))
		}
	}
	if r := lilo(t, newFake(), "schema", "lab"); r.code != int(fault.Usage) {
		t.Errorf("%+v", r)
	}
}
