package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// complete returns what the shell offers after a command line.
func complete(t *testing.T, line ...string) string {
	t.Helper()
	r := lilo(t, newFake(), append([]string{"__complete"}, line...)...)
	if r.code != 0 {
		t.Errorf("%q: %+v", line, r)
	}
	return strings.Join(strings.Fields(r.out), " ")
}

// TestCompletions: the last word says what the shell does besides (cobra's directive): 0
// file names, 2 no space, 4 no file names, 8 files with those extensions, 16 folders.
func TestCompletions(t *testing.T) {
	for line, want := range map[string]string{
		"run --log-level |":                     "debug info warn error :4",
		"run --encode |hev":                     "hevc :4",
		"run --encode |avc,prof":                "avc,profile= :6",
		"run --encode |avc,entropyEncoding=CAV": "avc,entropyEncoding=CAVLC :4",
		"run --fec |includeFec=C":               "includeFec=COLUMN includeFec=COLUMN_AND_ROW :4",
		"run --fec |n":                          "none :4",
		"run --m2ts |audioS":                    "audioStreamType= :6",
		"run --m2ts |pmtPid=4":                  ":4",
		"run --to |":                            "rtp:// udp:// :6",
		"run --to |rtp://127.0.0.1:1,u":         "rtp://127.0.0.1:1,udp:// :6",
		"run --to |rtp://127.0.0.1:1?sa":        "rtp://127.0.0.1:1?sap= :6",
		"run --to |udp://127.0.0.1:1?ttl=4&rt":  ":4",
		"run --muxrate |":                       ":4",
		"run --config |":                        "yaml yml :8",
		"run |":                                 "mp4 m4v mov mkv webm ts avi :8",
		"probe |x":                              "mp4 m4v mov mkv webm ts avi :8",
		"render --out |":                        ":0",
		"monitor |":                             ":0",
		"version |":                             ":4",
		"serve --state |":                       ":16",
		"serve --log-format |j":                 "json :4",
		"deploy --region |eu-w":                 "eu-west-1 eu-west-2 eu-west-3 :4",
		"doctor --region |sa":                   "sa-east-1 :4",
	} {
		before, word, _ := strings.Cut(line, "|")
		if got := complete(t, append(strings.Fields(before), word)...); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", line, got, want)
		}
	}
	if got := complete(t, "run", "--to", "udp://127.0.0.1:1?ttl=4&iface="); runtime.GOOS == "linux" && !slices.Contains(strings.Fields(got), "udp://127.0.0.1:1?ttl=4&iface=lo") {
		t.Error(got)
	}
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte("[ci]\n[lab]\n[lab-2]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := complete(t, "serve", "keys", "revoke", "--keys", keys, "la"); got != "lab lab-2 :4" {
		t.Error(got)
	}
}
