package encode

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestProgressWriter(t *testing.T) {
	text := "frame=1\nout_time_us=N/A\nspeed=N/A\nprogress=continue\n" + strings.Repeat("x", 3*maxProgressLine) + "\n" +
		"frame=50\nfps=10.0\nout_time_us=2000000\nspeed= 1.25x\nprogress=continue\nout_time_us=4000000\nspeed=2x\nprogress=end\n"
	want := []progressReport{{0, 0}, {2 * time.Second, 1.25}, {4 * time.Second, 2}}
	for _, size := range []int{1, 7, len(text)} {
		var got []progressReport
		w := &progressWriter{handle: func(r progressReport) { got = append(got, r) }}
		for rest := text; rest != ""; rest = rest[min(size, len(rest)):] {
			if n, err := w.Write([]byte(rest[:min(size, len(rest))])); n != min(size, len(rest)) || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in writes of %d bytes: got %v, want %v", size, got, want)
		}
	}
}
