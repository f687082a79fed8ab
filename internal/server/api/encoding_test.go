package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/servicetest"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// codings returns how often do encodes to JSON or decodes from it. The heap profile
// tells: each such call of encoding/json allocates in a place of its own once.
func codings(do func()) int {
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	runtime.MemProfileRate = 1
	before := profiled()
	do()
	return profiled() - before
}

// profiled returns how many allocations below codings the heap profile holds that are
// one of a call of encoding/json.
func profiled() int {
	runtime.GC()
	runtime.GC() // The profile is that of the collection before the last.
	records := make([]runtime.MemProfileRecord, 200_000)
	n, ok := runtime.MemProfile(records, true)
	if !ok {
		panic("the heap profile is too long")
	}
	calls := 0
	for _, r := range records[:n] {
		if isCoding(r.Stack()) {
			calls += int(r.AllocObjects)
		}
	}
	return calls
}

// isCoding reports whether an allocation is that of the answer of json.Marshal, of
// what an Encoder writes, of a Decoder, or of the state of json.Unmarshal.
func isCoding(stack []uintptr) bool {
	var names []string
	frames := runtime.CallersFrames(stack)
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		names = append(names, f.Function)
	}
	if !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, "api.codings") }) {
		return false
	}
	i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, "encoding/json.") })
	return i > 0 && names[1] != "runtime.makeslice" && slices.Contains([]string{
		"runtime.growslice encoding/json.Marshal", "bytes.(*Buffer).Write encoding/json.(*Encoder).Encode",
		"runtime.newobject encoding/json.NewDecoder", "runtime.newobject encoding/json.Unmarshal",
	}, names[i-1]+" "+names[i])
}

func TestCodingsAreCounted(t *testing.T) {
	var doc types.Channel
	n := codings(func() {
		data, err := medialive.Marshal(&types.Channel{Name: aws.String(strings.Repeat("long ", 1000))})
		if err != nil || medialive.Unmarshal(data, &doc) != nil {
			t.Error(err)
		}
		var raw json.RawMessage
		if json.Unmarshal(data, &raw) != nil {
			t.Error("it cannot be read")
		}
		if _, err := json.Marshal(raw); err != nil {
			t.Error(err)
		}
	})
	if n != 4 {
		t.Errorf("%d calls were counted, want 4", n)
	}
}

// The request is decoded, the record encoded, and the answer encoded.
func TestCreateChannelCodesThreeTimes(t *testing.T) {
	s := servicetest.Run(t, t.TempDir(), service.Options{Sources: service.SourcePolicy{Folders: []string{"/media"}}}, supervisor.Delays{Creating: time.Hour})
	h := New(s, Options{Log: slog.New(slog.DiscardHandler)})
	_, answer, _ := ask(t, h, "POST", "/prod/inputs", wire(t, input("file:///media/a.mp4")))
	request := channelOf(answer["input"].(map[string]any)["id"].(string))
	request.RequestId = aws.String("token")
	body := wire(t, request)
	w := &recorder{header: http.Header{}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/prod/channels", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if n := codings(func() { h.ServeHTTP(w, r) }); n != 3 || w.status != http.StatusCreated {
		t.Errorf("JSON was coded %d times, want 3; answered %d %s", n, w.status, &w.body)
	}
}
