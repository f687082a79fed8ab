package encode

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestCheckVersion(t *testing.T) {
	for line, want := range map[string]string{
		"ffmpeg version 5.1.9-0+deb12u1 Copyright": "",
		"ffmpeg version n7.1 Copyright":            "",
		"ffmpeg version N-109542-g8a5896ec1f":      "",
		"ffmpeg version 4.4.2-0ubuntu0.22.04.1":    "",
		"ffmpeg version 4.3.7-0+deb11u1":           "is version 4.3, and --encode needs 4.4",
		"ffmpeg version 3.4":                       "needs 4.4",
		"GNU bash, version 5":                      "is not ffmpeg",
	} {
		err := checkVersion("/x/ffmpeg", line)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Usage) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestWithoutFFmpeg(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := findFFmpeg(t.Context(), func(string) string { return "" })
	if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "install ffmpeg") || !strings.Contains(err.Error(), pathVariable) {
		t.Error(err)
	}
}
