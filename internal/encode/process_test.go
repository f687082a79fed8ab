package encode

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

// TestFailureSaysWhatToDo holds what ffmpeg says against the error that a person reads.
func TestFailureSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		stderr string
		kind   fault.Kind
		want   string
	}{
		{"Unknown encoder 'libx264'\n", fault.Usage, "ffmpeg: Unknown encoder 'libx264': this one was built without it; name another in LILO_FFMPEG"},
		{
			"[libx265 @ 0x55cc3a5f0000] Image size is too small (2x2).\nError initializing output stream 0:0 -- Error while opening encoder for output stream #0:0\n",
			fault.Media, "ffmpeg: Image size is too small (2x2).: choose other settings of --encode",
		},
		{"av_interleaved_write_frame(): No space left on device\nConversion failed!\n", fault.Source, "No space left on device: free some, or set LILO_CACHE"},
		{"Decoder (codec vvc) not found for input stream #0:0", fault.Media, "this one cannot decode it"},
		{"x.webm: Invalid data found when processing input", fault.Media, "if the file is damaged, get it again"},
		{"", fault.Media, "without a message"},
	} {
		heard := lastBytes{[]byte(c.stderr)}
		if err := failure(heard.reason(), nil); fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %s", c.stderr, err, c.want)
		}
	}
	heard := lastBytes{[]byte("[h264 @ 0x55c22ff77380] co located POCs unavailable\n[h264 @ 0x558137c79ac0] error while decoding MB 12 8, bytestream 299\n")}
	if got := heard.damage(); got != "error while decoding MB 12 8, bytestream 299" {
		t.Errorf("got %q", got)
	}
}
