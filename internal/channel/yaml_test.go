package channel

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

var update = flag.Bool("update", false, "write what the tests found to testdata")

// TestBadYAML reads every file of testdata/bad: each must be refused with the
// one line that stands in the .want file beside it.
func TestBadYAML(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			spec := Default()
			err := read(t, file, &spec)
			if err == nil {
				t.Fatalf("accepted as %+v", spec)
			}
			if fault.KindOf(err) != fault.Usage || strings.Contains(err.Error(), "\n") {
				t.Errorf("not one line of kind Usage: %q", err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".want", err.Error()+"\n")
		})
	}
}

// TestGoodYAML reads every file of testdata/good.
func TestGoodYAML(t *testing.T) {
	cases := map[string]string{
		"full":    "movie.mp4|News|rtp://239.1.1.1:5000?ttl=4&iface=eth0 udp://[ff15::1]:5000?pkt=4|6500k|2026-01-31T19:00:00Z|4ms|1h30m0s",
		"empty":   "|LILO|rtp://127.0.0.1:5000|auto|now|8ms|0s",
		"numbers": "2026|on|udp://127.0.0.1:5000|6M|now|8ms|0s",
		"words":   "/media/a b.mp4|a b|rtp://127.0.0.1:5000 udp://127.0.0.1:6000|auto|now|8ms|60h30m0s",
		"alias":   "news|news|rtp://127.0.0.1:5000|auto|now|8ms|0s",
	}
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			spec := Default()
			if err := read(t, "testdata/good/"+name+".yaml", &spec); err != nil {
				t.Fatal(err)
			}
			spec, err := spec.Complete()
			if err != nil {
				t.Fatal(err)
			}
			if got := line(spec); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestLongYAMLIsRefused(t *testing.T) {
	spec := Default()
	err := spec.Read(strings.NewReader(strings.Repeat("#\n", setting.MaxYAML)))
	if err == nil || fault.KindOf(err) != fault.Usage {
		t.Errorf("got %v", err)
	}
}

// FuzzRead reads any text: what is accepted must be complete and say itself
// back through Set.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.yaml")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		spec := Default()
		if spec.Read(strings.NewReader(text)) != nil {
			return
		}
		spec, err := spec.Complete()
		if fault.KindOf(err) == fault.Usage {
			return // One setting does not go with another.
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for _, d := range spec.To {
			if again, err := ParseDestination(d.String()); err != nil || again != d {
				t.Errorf("%+v became %+v (%v)", d, again, err)
			}
		}
	})
}

func read(t *testing.T, file string, spec *Spec) error {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return spec.Read(f)
}

// line shows every field of a spec on one line.
func line(s Spec) string {
	var to []string
	for _, d := range s.To {
		to = append(to, d.String())
	}
	return strings.Join([]string{
		s.Source, s.Name, strings.Join(to, " "), FormatRate(s.MuxRate), FormatEpoch(s.Epoch), s.Pacing.String(), s.For.String(),
	}, "|")
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got  %swant %s", got, want)
	}
}
