package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// ask makes one call and returns its status, its answer and its header.
func ask(t testing.TB, h http.Handler, method, path, body string) (int, map[string]any, http.Header) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body)))
	answer := map[string]any{}
	if text := w.Body.String(); text != "" {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatalf("%s %s answers %q: %v", method, path, text, err)
		}
	}
	return w.Code, answer, w.Header()
}

// wire writes a request as the SDK does.
func wire(t testing.TB, v any) string {
	t.Helper()
	data, err := medialive.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fixture is an API with an input that is free, one of a channel on air, and one of a channel that rests.
func fixture(t testing.TB, o Options) (h http.Handler, free, running, idle string) {
	t.Helper()
	r := newService(t)
	o.Log = slog.New(slog.DiscardHandler)
	h = New(r, o)
	made := func() string {
		_, answer, _ := ask(t, h, "POST", "/prod/inputs", wire(t, input("https://example.com/a.mp4")))
		return answer["input"].(map[string]any)["id"].(string)
	}
	channel := func() string {
		status, answer, _ := ask(t, h, "POST", "/prod/channels", wire(t, channelOf(made())))
		if status != 201 {
			t.Fatal(answer)
		}
		id := answer["channel"].(map[string]any)["id"].(string)
		become(t, r, id, "IDLE")
		return id
	}
	running, idle = channel(), channel()
	if status, answer, _ := ask(t, h, "POST", "/prod/channels/"+running+"/start", ""); status != 200 {
		t.Fatal(answer)
	}
	become(t, r, running, "RUNNING")
	return h, made(), running, idle
}

func become(t testing.TB, r *service.Service, id, state string) {
	t.Helper()
	for range 1000 {
		if doc, err := r.Channels.Describe(t.Context(), id); err == nil && string(doc.State) == state {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("channel %s does not become %s", id, state)
}

func TestErrors(t *testing.T) {
	h, free, running, idle := fixture(t, Options{
		MaxBody: 100_000, Timeout: time.Second,
		Thumbnail: func(ctx context.Context, _ supervisor.Playback) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() },
	})
	nameless := channelOf(free)
	nameless.Name = nil
	thief := channelOf(free)
	thief.InputAttachments = channelOf(attachedTo(t, h, idle)).InputAttachments
	foreign := input("file:///etc/passwd")
	push := input("https://example.com/a.mp4")
	push.Type = "AWS_CDI"
	many := map[string]map[string]string{"tags": {"aws:x": "y"}}
	reserved, _ := json.Marshal(many)
	cases := []struct {
		name, method, path, body string
		status                   int
		kind, text               string
		element                  string
	}{
		{"400 no name", "POST", "/prod/channels", wire(t, nameless), 400, "BadRequestException", "^Non-empty channel name required$", ""},
		{"400 not JSON", "POST", "/prod/channels", "{", 400, "BadRequestException", "^Could not parse request body into json: ", ""},
		{"400 wrong type", "POST", "/prod/channels", `{"name":5}`, 400, "BadRequestException", "/name: expected a string", ""},
		{"400 a list", "POST", "/prod/inputs", `[]`, 400, "BadRequestException", "expected an object", ""},
		{"400 maxResults", "GET", "/prod/channels?maxResults=0", "", 400, "BadRequestException", "maxResults", ""},
		{"400 maxResults of text", "GET", "/prod/inputs?maxResults=x", "", 400, "BadRequestException", "maxResults", ""},
		{"400 nextToken", "GET", "/prod/channels?nextToken=x", "", 400, "BadRequestException", "nextToken", ""},
		{"400 reserved tag", "POST", "/prod/tags/arn:aws:medialive:eu-west-1:123456789012:channel:" + idle, string(reserved), 400, "BadRequestException", "aws:", ""},
		{"400 tagKeys", "DELETE", "/prod/tags/arn:aws:medialive:eu-west-1:123456789012:channel:" + idle, "", 400, "BadRequestException", "tagKeys", ""},
		{"400 stateFilter", "GET", "/prod/channels/" + idle + "/alerts?stateFilter=x", "", 400, "BadRequestException", "SET or CLEARED", ""},
		{"400 thumbnails", "GET", "/prod/channels/" + running + "/thumbnails?pipelineId=2&thumbnailType=CURRENT_ACTIVE", "", 400, "BadRequestException", "pipelineId", ""},
		{"403 no such path", "GET", "/prod/nothing", "", 403, "MissingAuthenticationTokenException", "^Missing Authentication Token$", ""},
		{"403 wrong method", "PATCH", "/prod/channels", "", 403, "MissingAuthenticationTokenException", "^Missing Authentication Token$", ""},
		{"403 elsewhere", "GET", "/channels", "", 403, "MissingAuthenticationTokenException", "^Missing Authentication Token$", ""},
		{"403 not served", "POST", "/prod/multiplexes", "{}", 403, "ForbiddenException", "^CreateMultiplex is not served here", ""},
		{"404 channel", "GET", "/prod/channels/7", "", 404, "NotFoundException", "^Channel 7 not found$", ""},
		{"404 input", "GET", "/prod/inputs/7", "", 404, "NotFoundException", "^Input 7 not found$", ""},
		{"404 group", "GET", "/prod/inputSecurityGroups/7", "", 404, "NotFoundException", "^Input security group 7 not found$", ""},
		{"404 multiplex", "GET", "/prod/multiplexes/7", "", 404, "NotFoundException", "^Multiplex 7 not found$", ""},
		{"404 thumbnails", "GET", "/prod/channels/" + idle + "/thumbnails?pipelineId=0&thumbnailType=CURRENT_ACTIVE", "", 404, "NotFoundException", "^There are no thumbnails$", ""},
		{"404 tags", "GET", "/prod/tags/arn:aws:medialive:eu-west-1:123456789012:channel:7", "", 404, "NotFoundException", "", ""},
		{"404 start", "POST", "/prod/channels/7/start", "", 404, "NotFoundException", "", ""},
		{"409 delete on air", "DELETE", "/prod/channels/" + running, "", 409, "ConflictException", "^Cannot delete a channel that has not been stopped yet$", ""},
		{"409 start twice", "POST", "/prod/channels/" + running + "/start", "", 409, "ConflictException", "RUNNING", ""},
		{"409 stop idle", "POST", "/prod/channels/" + idle + "/stop", "", 409, "ConflictException", "IDLE", ""},
		{"409 update on air", "PUT", "/prod/channels/" + running, `{"name":"x"}`, 409, "ConflictException", "RUNNING", ""},
		{"409 attached", "POST", "/prod/channels", wire(t, thief), 409, "ConflictException", `^inputId=\d{7} is already attached$`, ""},
		{"409 delete attached", "DELETE", "/prod/inputs/" + attachedTo(t, h, idle), "", 409, "ConflictException", `is already attached$`, ""},
		{"413 too long", "POST", "/prod/channels", strings.Repeat(" ", 100_001), 413, "RequestEntityTooLargeException", "100000", ""},
		{"400 file", "POST", "/prod/inputs", wire(t, foreign), 400, "BadRequestException", `^sources\[0\]\.url .*--allow-files`, ""},
		{"400 type", "POST", "/prod/inputs", wire(t, push), 400, "BadRequestException", "^type .*MP4_FILE", ""},
		{"422 class", "PUT", "/prod/channels/" + idle + "/channelClass", `{"channelClass":"x"}`, 422, "UnprocessableEntityException", "^channelClass .*STANDARD", "channelClass"},
		{"504 too slow", "GET", "/prod/channels/" + running + "/thumbnails?pipelineId=0&thumbnailType=CURRENT_ACTIVE", "", 504, "GatewayTimeoutException", "DescribeThumbnails", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, answer, header := ask(t, h, c.method, c.path, c.body)
			text, _ := answer["message"].(string)
			if status != c.status || header.Get("X-Amzn-ErrorType") != c.kind || !regexp.MustCompile(c.text).MatchString(text) {
				t.Fatalf("answered %d %s %v", status, header.Get("X-Amzn-ErrorType"), answer)
			}
			if c.element != "" {
				first := answer["validationErrors"].([]any)[0].(map[string]any)
				if first["elementPath"] != c.element || first["errorMessage"] == "" {
					t.Errorf("it names %v", first)
				}
			}
			if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(header.Get("x-amzn-RequestId")) {
				t.Errorf("the request's id is %q", header.Get("x-amzn-RequestId"))
			}
		})
	}
}

// attachedTo returns the input of a channel.
func attachedTo(t testing.TB, h http.Handler, channel string) string {
	t.Helper()
	_, answer, _ := ask(t, h, "GET", "/prod/channels/"+channel, "")
	return answer["inputAttachments"].([]any)[0].(map[string]any)["inputId"].(string)
}

func TestStatusOfOtherErrors(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		kind   string
	}{
		{service.Errorf(service.TooMany, "later"), 429, "TooManyRequestsException"},
		{service.Errorf(service.Internal, "disk"), 500, "InternalServerErrorException"},
		{errors.New("anything"), 500, "InternalServerErrorException"},
		{service.Errorf(service.BadGateway, "ffmpeg"), 502, "BadGatewayException"},
		{service.Errorf(service.Forbidden, "no"), 403, "ForbiddenException"},
	} {
		w := httptest.NewRecorder()
		if n := writeError(w, c.err); n != c.status || w.Code != c.status || w.Header().Get("X-Amzn-ErrorType") != c.kind {
			t.Errorf("%v is answered %d %s", c.err, w.Code, w.Header().Get("X-Amzn-ErrorType"))
		}
	}
}

func TestAnswers(t *testing.T) {
	h, free, running, idle := fixture(t, Options{})
	group := func() string {
		_, answer, _ := ask(t, h, "POST", "/prod/inputSecurityGroups", `{"whitelistRules":[{"cidr":"10.0.0.0/8"}]}`)
		return answer["securityGroup"].(map[string]any)["id"].(string)
	}()
	for _, c := range []struct {
		method, path, body string
		status             int
		has                []string
	}{
		{"GET", "/prod/channels/" + running, "", 200, []string{"id", "arn", "state", "encoderSettings", "pipelineDetails", "pipelinesRunningCount", "inputAttachments", "egressEndpoints", "tags"}},
		{"GET", "/prod/channels", "", 200, []string{"channels"}},
		{"PUT", "/prod/channels/" + idle, `{"name":"x"}`, 200, []string{"channel"}},
		{"POST", "/prod/channels/" + running + "/stop", "", 200, []string{"id", "arn", "state"}},
		{"GET", "/prod/channels/" + running + "/schedule", "", 200, []string{"scheduleActions"}},
		{"PUT", "/prod/channels/" + running + "/schedule", "{}", 200, []string{"creates", "deletes"}},
		{"DELETE", "/prod/channels/" + running + "/schedule", "", 200, nil},
		{"GET", "/prod/channels/" + running + "/alerts", "", 200, []string{"alerts"}},
		{"GET", "/prod/inputs/" + free, "", 200, []string{"id", "arn", "state", "sources", "attachedChannels", "inputClass", "inputSourceType", "type"}},
		{"PUT", "/prod/inputs/" + free, `{"name":"x"}`, 200, []string{"input"}},
		{"DELETE", "/prod/inputs/" + free, "", 200, nil},
		{"GET", "/prod/inputSecurityGroups/" + group, "", 200, []string{"id", "arn", "state", "whitelistRules", "inputs"}},
		{"DELETE", "/prod/inputSecurityGroups/" + group, "", 200, nil},
		{"GET", "/prod/offerings", "", 200, []string{"offerings"}},
		{"GET", "/prod/signal-maps", "", 200, []string{"signalMaps"}},
		{"GET", "/prod/accountConfiguration", "", 200, []string{"accountConfiguration"}},
		{"POST", "/prod/batch/start", "{}", 200, []string{"successful", "failed"}},
		{"POST", "/prod/tags/arn%3Aaws%3Amedialive%3Aeu-west-1%3A123456789012%3Achannel%3A" + idle, `{"tags":{"a":"b"}}`, 204, nil},
		{"GET", "/prod/tags/arn%3Aaws%3Amedialive%3Aeu-west-1%3A123456789012%3Achannel%3A" + idle, "", 200, []string{"tags"}},
		{"DELETE", "/prod/tags/arn%3Aaws%3Amedialive%3Aeu-west-1%3A123456789012%3Achannel%3A" + idle + "?tagKeys=a&tagKeys=b", "", 204, nil},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			status, answer, _ := ask(t, h, c.method, c.path, c.body)
			if status != c.status {
				t.Fatalf("answered %d %v", status, answer)
			}
			for _, name := range c.has {
				if _, ok := answer[name]; !ok {
					t.Errorf("there is no %s", name)
				}
			}
			if c.has == nil && len(answer) != 0 {
				t.Errorf("answered %v", answer)
			}
		})
	}
}

func TestPanicIsAnswered(t *testing.T) {
	h, _, running, _ := fixture(t, Options{Thumbnail: func(context.Context, supervisor.Playback) ([]byte, error) { panic("boom") }})
	if status, answer, _ := ask(t, h, "GET", "/prod/channels/"+running+"/thumbnails?pipelineId=0&thumbnailType=CURRENT_ACTIVE", ""); status != 500 {
		t.Errorf("answered %d %v", status, answer)
	}
}

// FuzzBodies has any body sent to whatever reads one: it is answered, and no
// channel is harmed.
func FuzzBodies(f *testing.F) {
	h, free, _, idle := fixture(f, Options{})
	f.Add(uint8(0), wire(f, channelOf(free)))
	f.Add(uint8(1), wire(f, input("https://example.com/a.mp4")))
	f.Add(uint8(2), `{"name":"x","encoderSettings":{"outputGroups":[{}],"videoDescriptions":[{}]}}`)
	f.Add(uint8(3), `{"creates":{"scheduleActions":[{"actionName":"a","scheduleActionSettings":{"inputSwitchSettings":{}},"scheduleActionStartSettings":{"followModeScheduleActionStartSettings":{}}}]}}`)
	f.Add(uint8(4), `{"channelClass":"STANDARD","destinations":[{}]}`)
	f.Add(uint8(5), `{"channelIds":["`+idle+`"]}`)
	f.Add(uint8(6), `{"sources":[{},{}]}`)
	f.Add(uint8(7), `{"whitelistRules":[{}],"tags":{"":""}}`)
	f.Add(uint8(8), `{"tags":null}`)
	targets := []struct{ method, path string }{
		{"POST", "/prod/channels"},
		{"POST", "/prod/inputs"},
		{"PUT", "/prod/channels/" + idle},
		{"PUT", "/prod/channels/" + idle + "/schedule"},
		{"PUT", "/prod/channels/" + idle + "/channelClass"},
		{"POST", "/prod/batch/stop"},
		{"PUT", "/prod/inputs/" + free},
		{"POST", "/prod/inputSecurityGroups"},
		{"PUT", "/prod/accountConfiguration"},
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		target := targets[int(which)%len(targets)]
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), target.method, target.path, strings.NewReader(body)))
		answer, err := io.ReadAll(w.Body)
		if err != nil || w.Code >= 500 || !json.Valid(answer) {
			t.Errorf("%s %s answers %d %s", target.method, target.path, w.Code, answer)
		}
	})
}
