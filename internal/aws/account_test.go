package aws

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/aws/deployment"
	"github.com/lilo-live/lilo/internal/fault"
)

func TestRegions(t *testing.T) {
	for region, ok := range map[string]bool{"eu-west-1": true, "us-gov-east-1": true, "ap-southeast-2": true, "eusc-de-east-1": true, "": false, "Ireland": false, "eu-west-1.evil.example": false, "eu-west": false} {
		if err := CheckRegion(region); (err == nil) != ok {
			t.Errorf("%q: %v", region, err)
		}
	}
}

// connectTo returns an account whose real clients call a server on this machine.
func connectTo(t *testing.T, handler http.HandlerFunc) *Account {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	for key, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-west-1",
		"AWS_CONFIG_FILE": t.TempDir() + "/none", "AWS_SHARED_CREDENTIALS_FILE": t.TempDir() + "/none", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(key, value)
	}
	a, err := Connect(t.Context(), Options{Clock: &clock{}, Backoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const identityAnswer = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::1234:assumed-role/ops/anna</Arn>` +
	`<UserId>x</UserId><Account>1234</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

func queryError(code, message string) string {
	return fmt.Sprintf("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, message)
}

// TestThrottledCallsAreRepeated has STS throttle a call a number of times.
func TestThrottledCallsAreRepeated(t *testing.T) {
	for _, throttled := range []int{0, attempts - 1, attempts} {
		calls := 0
		a := connectTo(t, func(w http.ResponseWriter, _ *http.Request) {
			if calls++; calls <= throttled {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, queryError("Throttling", "Rate exceeded"))
				return
			}
			fmt.Fprint(w, identityAnswer)
		})
		id, err := a.Identity(t.Context())
		if throttled < attempts {
			if err != nil || id.String() != "account 1234 as assumed-role/ops/anna" || calls != throttled+1 {
				t.Errorf("throttled %d times: %v, %v after %d calls", throttled, id, err, calls)
			}
		} else if !Transient(err) || calls != attempts {
			t.Errorf("throttled for ever: %v after %d calls, want %d", err, calls, attempts)
		}
	}
}

func TestCheckIdentity(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		result Result
		want   string
	}{
		"good":    {http.StatusOK, identityAnswer, OK, "account 1234 as assumed-role/ops/anna"},
		"expired": {http.StatusForbidden, queryError("ExpiredToken", "x"), Failing, "the AWS credentials expired"},
		"invalid": {http.StatusForbidden, queryError("InvalidClientTokenId", "The security token is invalid."), Failing, "the AWS credentials are not valid (The security token is invalid)"},
	} {
		a := connectTo(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		})
		_, check := a.CheckIdentity(t.Context())
		if check.Result != c.result || !strings.HasPrefix(check.Text, c.want) {
			t.Errorf("%s: %+v", name, check)
		}
	}
}

// TestErrorsOfRealClients: what the SDK makes of answers of each protocol.
func TestErrorsOfRealClients(t *testing.T) {
	a := connectTo(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/prod/channels/gone"):
			w.Header().Set("X-Amzn-Errortype", "NotFoundException")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"message":"no channel"}`)
		case strings.HasPrefix(r.URL.Path, "/prod/channels/"):
			fmt.Fprint(w, `{"id":"7","state":"RUNNING"}`)
		case r.Method == http.MethodHead && r.URL.Path == "/there":
			w.Header().Set("X-Amz-Bucket-Region", "us-east-1")
		case r.Method == http.MethodHead:
			w.WriteHeader(http.StatusNotFound)
		case r.Header.Get("X-Amz-Target") == "AmazonSSM.GetParameter":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ParameterNotFound","message":""}`)
		default:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, queryError("ValidationError", "Stack with id S does not exist"))
		}
	})
	ctx := t.Context()
	if state, err := deployment.ChannelState(ctx, a.Channels, "gone"); state != "DELETED" || err != nil {
		t.Errorf("a channel that is gone: %s, %v", state, err)
	}
	if state, err := deployment.ChannelState(ctx, a.Channels, "7"); state != Running || err != nil {
		t.Errorf("a channel: %s, %v", state, err)
	}
	if s, err := a.Stack(ctx, "S"); s.Phase() != Absent || err != nil {
		t.Errorf("no stack: %+v, %v", s, err)
	}
	if c := a.CheckBucket(ctx, "there"); c.Result != Warning || !strings.Contains(c.Text, "us-east-1") {
		t.Errorf("a bucket elsewhere: %+v", c)
	}
	if c := a.CheckBucket(ctx, "nowhere"); c.Result != Failing || c.Kind != fault.Source {
		t.Errorf("no bucket: %+v", c)
	}
	if c := a.CheckBootstrap(ctx); c.Result != Pending {
		t.Errorf("no bootstrap: %+v", c)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := a.Identity(canceled); fault.KindOf(err) != fault.Internal || !strings.Contains(err.Error(), "interrupted while") {
		t.Errorf("canceled: %v", err)
	}
}

func TestConnectNeedsARegion(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	if _, err := Connect(t.Context(), Options{}); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
	if a, err := Connect(t.Context(), Options{Region: "us-east-1"}); err != nil || a.Region != "us-east-1" {
		t.Error(a, err)
	}
	t.Setenv("AWS_PROFILE", "nosuch")
	if _, err := Connect(t.Context(), Options{Region: "us-east-1"}); fault.KindOf(err) != fault.Access || !strings.Contains(err.Error(), "AWS_PROFILE") {
		t.Error(err)
	}
}
