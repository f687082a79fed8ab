package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

// TestServeStore follows the advice that the errors about a damaged state give.
func TestServeStore(t *testing.T) {
	dir := t.TempDir()
	s, err := bolt.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"1", "2"} {
		if _, err := s.Commit(t.Context(), store.Txn{Writes: []store.Write{{Key: store.Key{Kind: "channels", ID: id}, Value: []byte("{}")}}}); err != nil {
			t.Fatal(err)
		}
		if id == "1" {
			err = s.Copy()
		}
	}
	if err != nil || s.Close() != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, bolt.FileName)
	run := func(line string) result {
		return lilo(t, newFake(), strings.Fields(strings.TrimPrefix(line, "lilo "))...)
	}
	if r := run("serve store check --state " + dir); r.code != 0 || !strings.Contains(r.out, "2 channels\n  whole\n") || !strings.Contains(r.out, "1 channels\n  whole\n") {
		t.Errorf("check: %+v", r)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for verb, want := range map[string]string{"repair": "holds 1 channels\n", "restore": "holds 1 channels, as of "} {
		damaged := append([]byte(nil), data...)
		damaged[len(damaged)-1] ^= 1
		for i := 2 * 4096; i < len(damaged); i += 4096 {
			if strings.Contains(string(damaged[i:i+4096]), "{}") {
				copy(damaged[i+8:], "no page") // The pages of the last commit, or of the one before.
				break
			}
		}
		if err := os.WriteFile(file, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := run("serve store check --state " + dir); r.code == 0 {
			continue // Those of the one before.
		}
		r := run("serve --listen 127.0.0.1:0 --state " + dir)
		text := oneLineOf(t, r)
		_, advice, ok := strings.Cut(text, "lilo serve store "+verb)
		advice, _, _ = strings.Cut(advice, " puts")
		advice, _, _ = strings.Cut(advice, " keeps")
		if r.code != int(fault.State) || !ok {
			t.Fatalf("serve: %+v", r)
		}
		if r := run("serve store " + verb + advice); r.code != 0 || !strings.Contains(r.out, want) && verb == "restore" {
			t.Errorf("%s: %+v", verb, r)
		}
		if r := run("serve store check --state " + dir); r.code != 0 {
			t.Errorf("after %s: %+v", verb, r)
		}
	}
	for _, line := range []string{"serve store", "serve store mend", "serve store check x", "serve store check --state " + filepath.Join(dir, "none"), "serve store repair --state " + filepath.Join(dir, "none"), "serve store restore --state " + filepath.Join(dir, "none")} {
		if r := run(line); r.code != 2 {
			t.Errorf("%s: %+v", line, r)
		} else {
			oneLineOf(t, r)
		}
	}
}
