package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/lilo-live/lilo/internal/doctor"
)

func TestDoctor(t *testing.T) {
	run := func(args ...string) string {
		var out bytes.Buffer
		p := New(&out, &out, func(string) string { return "" })
		p.examine = func(_ context.Context, who doctor.Patient) []doctor.Finding {
			return []doctor.Finding{{Name: "clock", OK: true, Found: "set by NTP"}, {Name: "region", Found: "is " + who.Region, Advice: "do \x1b[2Jthis"}}
		}
		if code := p.Run(t.Context(), append([]string{"doctor"}, args...)); code != 0 {
			t.Errorf("code %d", code)
		}
		return out.String()
	}
	if got := run("--region", "mars"); got != "✓ clock   set by NTP\n✗ region  is mars\n    do  [2Jthis\n" {
		t.Errorf("%q", got)
	}
	var all []doctor.Finding
	if err := json.Unmarshal([]byte(run("--json")), &all); err != nil || len(all) != 2 || !all[0].OK {
		t.Errorf("%+v, %v", all, err)
	}
}
