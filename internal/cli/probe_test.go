package cli

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
)

var update = flag.Bool("update", false, "write what the tests found to their golden files")

func TestProbeTable(t *testing.T) {
	r := lilo(t, newFake(), "probe", "movie.mp4")
	if r.code != 0 || r.err != "" {
		t.Fatalf("%+v", r)
	}
	golden(t, "testdata/probe.txt", r.out)
}

func TestProbeNamesThePIDOfAPCRApart(t *testing.T) {
	f := newFake()
	f.report.PCRPID = 483
	if r := lilo(t, f, "probe", "movie.mp4"); !strings.Contains(r.out, "PCR        on PID 483: ") {
		t.Errorf("%+v", r)
	}
}

func TestProbeJSONIsTheReport(t *testing.T) {
	r := lilo(t, newFake(), "probe", "--json", "movie.mp4")
	var got player.Report
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != 0 {
		t.Fatalf("%v: %+v", err, r)
	}
	if got.MuxRate != newFake().report.MuxRate || len(got.Tracks) != 2 {
		t.Errorf("%+v", got)
	}
}

// TestProbeOfWhatCannotLoop reports all the same, and the exit code says that it cannot.
func TestProbeOfWhatCannotLoop(t *testing.T) {
	f := newFake()
	f.report.Loops, f.report.Error, f.report.Notes = false, "video track 1 has no picture to begin with", nil
	f.fails = fault.New(fault.Media, "movie.mp4: video track 1 has no picture to begin with")
	r := lilo(t, f, "probe", "movie.mp4")
	if r.code != int(fault.Media) || oneLineOf(t, r) != "movie.mp4: video track 1 has no picture to begin with" {
		t.Errorf("%+v", r)
	}
	golden(t, "testdata/probe-no.txt", r.out)
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		writeFile(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s (go test -update writes it)\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}
