//go:build e2e

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
)

// awsCLI is the AWS command line, configured for a server.
type awsCLI struct {
	t   *testing.T
	url string
	env []string
}

func newAWSCLI(t *testing.T, url string) *awsCLI {
	t.Helper()
	return &awsCLI{t, url, append(os.Environ(),
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", "AWS_PAGER=",
	)}
}

// call runs `aws medialive` and returns its output.
func (c *awsCLI) call(args ...string) map[string]any {
	c.t.Helper()
	out, err := c.run(args...)
	if err != nil {
		c.t.Fatalf("aws medialive %s: %v", strings.Join(args, " "), err)
	}
	answer := map[string]any{}
	if len(strings.TrimSpace(string(out))) > 0 {
		if err := json.Unmarshal(out, &answer); err != nil {
			c.t.Fatalf("aws medialive %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	return answer
}

func (c *awsCLI) run(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(c.t.Context(), "aws", append([]string{"medialive", "--endpoint-url", c.url, "--output", "json"}, args...)...)
	cmd.Env = c.env
	out, err := cmd.Output()
	if e, ok := err.(*exec.ExitError); ok { //nolint:errorlint // exec returns it as it is.
		err = fmt.Errorf("%w: %s", err, e.Stderr)
	}
	return out, err
}

// document writes the input of a call to a file, and returns the argument that names it.
func (c *awsCLI) document(v any) string {
	c.t.Helper()
	data, err := json.Marshal(capitalize(v))
	if err != nil {
		c.t.Fatal(err)
	}
	file := filepath.Join(c.t.TempDir(), "request.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		c.t.Fatal(err)
	}
	return "file://" + file
}

type object = map[string]any

// capitalize returns a JSON document with the names of the command line.
func capitalize(v any) any {
	switch v := v.(type) {
	case object:
		all := object{}
		for name, one := range v {
			all[strings.ToUpper(name[:1])+name[1:]] = capitalize(one)
		}
		return all
	case []object:
		all := []any{}
		for _, one := range v {
			all = append(all, capitalize(one))
		}
		return all
	}
	return v
}

// inputDocument returns the input of CreateInput for a file.
func inputDocument(name, file string) object {
	if !strings.Contains(file, "://") {
		file = "file://" + file
	}
	return object{"name": name, "type": "MP4_FILE", "sources": []object{{"url": file}}}
}

// channelDocument returns the input of CreateChannel for a channel with one pipeline, without encoding.
func channelDocument(name, to string, inputs ...string) object {
	attachments := []object{}
	for i, id := range inputs {
		attachments = append(attachments, object{
			"inputAttachmentName": fmt.Sprint("in", i), "inputId": id, "inputSettings": object{"sourceEndBehavior": "LOOP"},
		})
	}
	return object{
		"name": name, "channelClass": "SINGLE_PIPELINE", "roleArn": "arn:aws:iam::000000000000:role/lilo",
		"inputSpecification": object{"codec": "AVC", "maximumBitrate": "MAX_10_MBPS", "resolution": "HD"},
		"inputAttachments":   attachments,
		"destinations":       []object{{"id": "rtp", "settings": []object{{"url": to}}}},
		"encoderSettings": object{
			"timecodeConfig":    object{"source": "SYSTEMCLOCK"},
			"videoDescriptions": []object{{"name": "video"}},
			"audioDescriptions": []object{{"name": "audio", "audioSelectorName": "audio"}},
			"outputGroups": []object{{
				"outputGroupSettings": object{"udpGroupSettings": object{}},
				"outputs": []object{{
					"outputName": "out", "videoDescriptionName": "video", "audioDescriptionNames": []string{"audio"},
					"outputSettings": object{"udpOutputSettings": object{
						"destination":       object{"destinationRefId": "rtp"},
						"containerSettings": object{"m2tsSettings": object{"pcrPeriod": 30, "videoPid": "481", "pmtPid": "480", "audioPids": "482"}},
					}},
				}},
			}},
		},
	}
}

// TestAWSCommandLine creates, runs and deletes an input and a channel with the AWS
// command line, including its waiters, and receives the channel.
func TestAWSCommandLine(t *testing.T) {
	long(t)
	if _, err := exec.LookPath("aws"); err != nil {
		t.Fatal("the AWS command line is missing: scripts/test-tools.sh installs it")
	}
	file, other := movie(t), movie(t, "-vf", "negate")
	s := serve(t, t.TempDir(), "--allow-files", filepath.Dir(file), "--allow-files", filepath.Dir(other))
	c := newAWSCLI(t, s.url)
	one := c.call("create-input", "--cli-input-json", c.document(inputDocument("one", file)))["Input"].(object)["Id"].(string)
	two := c.call("create-input", "--cli-input-json", c.document(inputDocument("two", other)))["Input"].(object)["Id"].(string)
	r := listen(t)
	r.conn.Close()
	channel := c.call("create-channel", "--cli-input-json", c.document(channelDocument("news", r.url("rtp"), one, two)))["Channel"].(object)
	if channel["State"] != "CREATING" {
		t.Errorf("a new channel is %v", channel["State"])
	}
	id := channel["Id"].(string)
	c.call("wait", "channel-created", "--channel-id", id)
	c.call("wait", "input-attached", "--input-id", one)
	if got := c.call("start-channel", "--channel-id", id)["State"]; got != "STARTING" {
		t.Errorf("a channel that is started is %v", got)
	}
	c.call("wait", "channel-running", "--channel-id", id)
	if got := c.call("describe-channel", "--channel-id", id); got["PipelinesRunningCount"] != 1.0 {
		t.Errorf("%v pipelines run", got["PipelinesRunningCount"])
	}

	var report struct {
		Verdict string
		RTP     struct{ Lost, Reordered int64 }
	}
	s.undisturbed(t, func() {
		p := start(t, "monitor", "--json", "--for", "6s", r.url("rtp"))
		p.wait(t) // The report says what the exit code does.
		if err := json.Unmarshal(p.out.Bytes(), &report); err != nil {
			t.Fatalf("%v: %s", err, &p.err)
		}
	})
	if report.Verdict != "no errors" || report.RTP.Lost+report.RTP.Reordered != 0 {
		t.Errorf("the monitor says %+v", report)
	}
	var out, errs []byte
	s.undisturbed(t, func() {
		out, errs = tool(t, "ffmpeg", "-v", "error", "-i", r.url("rtp"), "-t", "6", "-f", "framecrc", "-")
	})
	if len(out) < 1000 || strings.Contains(string(errs), "discontinuity") {
		t.Errorf("ffmpeg decoded %d bytes: %s", len(out), errs)
	}

	// Command lines of before 2023 do not know thumbnails.
	thumbs, err := mediaLive(s.url).DescribeThumbnails(t.Context(), &sdk.DescribeThumbnailsInput{ChannelId: &id, PipelineId: new("0"), ThumbnailType: new("CURRENT_ACTIVE")})
	if err != nil || len(thumbs.ThumbnailDetails) != 1 {
		t.Fatalf("the thumbnails are %+v, %v", thumbs, err)
	}
	if jpeg, err := base64.StdEncoding.DecodeString(*thumbs.ThumbnailDetails[0].Thumbnails[0].Body); err != nil || !strings.HasPrefix(string(jpeg), "\xff\xd8\xff") {
		t.Errorf("the thumbnail is no JPEG: %v", err)
	}
	actions := object{"scheduleActions": []object{{
		"actionName": "to two", "scheduleActionSettings": object{"inputSwitchSettings": object{"inputAttachmentNameReference": "in1"}},
		"scheduleActionStartSettings": object{"immediateModeScheduleActionStartSettings": object{}},
	}}}
	c.call("batch-update-schedule", "--channel-id", id, "--creates", c.document(actions))
	active := func() any {
		return c.call("describe-channel", "--channel-id", id)["PipelineDetails"].([]any)[0].(object)["ActiveInputAttachmentName"]
	}
	for deadline := time.Now().Add(20 * time.Second); active() != "in1"; {
		if time.Now().After(deadline) {
			t.Fatalf("the switch does not come: %v plays", active())
		}
	}
	if got := c.call("describe-schedule", "--channel-id", id)["ScheduleActions"].([]any); len(got) != 1 {
		t.Errorf("the schedule is %v", got)
	}

	if _, err := c.run("delete-channel", "--channel-id", id); err == nil || !strings.Contains(err.Error(), "(ConflictException)") ||
		!strings.Contains(err.Error(), "Cannot delete a channel that has not been stopped yet") {
		t.Errorf("deleting a channel on air answers %v", err)
	}
	if _, err := c.run("describe-channel", "--channel-id", "7"); err == nil || !strings.Contains(err.Error(), "(NotFoundException)") {
		t.Errorf("a channel that is not there answers %v", err)
	}
	if got := c.call("stop-channel", "--channel-id", id)["State"]; got != "STOPPING" {
		t.Errorf("a channel that is stopped is %v", got)
	}
	c.call("wait", "channel-stopped", "--channel-id", id)
	c.call("update-channel", "--channel-id", id, "--name", "other")
	c.call("wait", "channel-stopped", "--channel-id", id)
	c.call("delete-channel", "--channel-id", id)
	c.call("wait", "channel-deleted", "--channel-id", id)
	for _, in := range []string{one, two} {
		c.call("wait", "input-detached", "--input-id", in)
		c.call("delete-input", "--input-id", in)
		c.call("wait", "input-deleted", "--input-id", in)
	}
	if got := c.call("list-channels")["Channels"].([]any); len(got) != 0 {
		t.Errorf("%v is still listed", got)
	}
}
