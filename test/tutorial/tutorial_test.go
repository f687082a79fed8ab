package tutorial

import (
	"strings"
	"testing"
)

const page = "# T\n\n<!-- not run: no screen -->\n\n```sh\nffplay x\n```\n\n```text\nignored\n```\n\n<!-- background -->\n\n```sh\nserve\n```\n\n" +
	"```sh\necho a\necho b 12 c\n```\n\n```text\na\nb … c\n```\n"

func TestParse(t *testing.T) {
	steps := Parse(page)
	if len(steps) != 2 || !steps[0].Background || steps[1].Background || len(steps[0].Output) != 0 || len(steps[1].Output) != 2 {
		t.Fatalf("%+v", steps)
	}
	if s := Script(steps); strings.Contains(s, "ffplay") || !strings.Contains(s, "{\nserve\n} >background-0.log 2>&1 &\n") {
		t.Error(s)
	}
}

func TestCheck(t *testing.T) {
	steps := Parse(page)
	if err := Check(steps, "== step 0 ==\n== step 1 ==\na\nb 12 c\n"); err != nil {
		t.Error(err)
	}
	for _, printed := range []string{"== step 0 ==\n", "== step 0 ==\n== step 1 ==\na\n", "== step 0 ==\na\nb c\n== step 1 ==\nb 12 c\na\n"} {
		if Check(steps, printed) == nil {
			t.Errorf("%q passes", printed)
		}
	}
}
