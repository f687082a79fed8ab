package app_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"

	"github.com/lilo-live/lilo/deploy/aws/internal/app"
)

// variants returns deployments in which every setting that changes the templates has
// every value.
func variants(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{"plain": plain(), "everything": everything(t)}
	for name, change := range map[string]map[string]string{
		"no-auto-start": {"LILO_AUTO_START": "false"},
		"no-log":        {"LILO_LOG_LEVEL": "DISABLED"},
		"https":         {"LILO_SOURCE": "https://example.com/a.mp4"},
		"key":           {"LILO_SOURCE_KEY": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
		"long-names":    {"LILO_PROJECT": "Project-1234567890123456", "LILO_CUSTOMER": "Customer-123456789012345", "LILO_STACK": "Stack-123456789012345678"},
		"region":        {"LILO_REGION": "ap-southeast-4"},
		"ttl":           {"LILO_TTL": "30m"},
		"schedule":      {"LILO_SCHEDULE": "22:00-02:00"},
		"retain":        {"LILO_SOURCE": everything(t)["LILO_SOURCE"], "LILO_RETAIN": "true"},
		"mpeg2":         {"LILO_ENCODE": "mpeg2,framerate=25"},
		"hevc":          {"LILO_ENCODE": "hevc,framerate=50,width=1280,height=720", "LILO_TO": "udp://198.51.100.10:5000"},
	} {
		v := plain()
		maps.Copy(v, change)
		all[name] = v
	}
	return all
}

// TestSameTemplates checks that lilo, which writes the templates itself, and the CDK
// write the same.
func TestSameTemplates(t *testing.T) {
	for name, variables := range variants(t) {
		t.Run(name, func(t *testing.T) {
			a := synth(t, variables)
			own, err := app.Stack(t.Context(), func(name string) string { return variables[name] }, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			written, err := own.Write()
			if err != nil {
				t.Fatal(err)
			}
			if len(written) != len(a.files) {
				t.Errorf("%d templates, the CDK writes %d", len(written), len(a.files))
			}
			for _, one := range written {
				var got, want any
				for into, body := range map[*any]string{&got: string(one.Text), &want: a.files[stackOf(one.File.Path)]} {
					if err := json.Unmarshal([]byte(steady(body)), into); err != nil {
						t.Fatal(err)
					}
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s:\n%s\nthe CDK writes\n%s", one.File.Path, text(got), text(want))
				}
			}
		})
	}
}
