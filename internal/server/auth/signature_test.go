package auth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

const (
	testID     = "LILOTESTTESTTEST"
	testSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

func testVerifier() *Verifier { return NewVerifier(Keys{testID: testSecret}, "medialive") }

func noon() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

// request returns a request as a server gets it.
func request(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "lilo.example:8080"
	return r
}

// sign signs a request with the SDK's own signer.
func sign(t *testing.T, r *http.Request, secret, region, payload string, at time.Time) {
	t.Helper()
	creds := aws.Credentials{AccessKeyID: testID, SecretAccessKey: secret}
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, payload, "medialive", region, at); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyAcceptsSDK(t *testing.T) {
	const body = `{"name":"é"}`
	cases := map[string]*http.Request{
		"a GET":               request("GET", "/prod/channels", ""),
		"parameters":          request("GET", "/prod/channels?nextToken=a%2Fb%20c&maxResults=20&b=2&b=1&empty=", ""),
		"an escaped path":     request("GET", "/prod/tags/arn%3Aaws%3Amedialive%3Aeu-west-1%3A0%3Achannel%3A1", ""),
		"a body":              request("POST", "/prod/channels", body),
		"spaces in a header":  request("DELETE", "/prod/channels/1", ""),
		"a letter not of URL": request("GET", "/prod/inputs/%C3%A9%20x~", ""),
	}
	cases["spaces in a header"].Header.Set("X-Amz-Meta", "  a   b ")
	for name, r := range cases {
		t.Run(name, func(t *testing.T) {
			payload := ""
			if r.Method == "POST" {
				payload = body
			}
			sign(t, r, testSecret, "eu-west-1", hexSHA256([]byte(payload)), noon())
			id, err := testVerifier().Verify(r, noon().Add(4*time.Minute))
			if err != nil || id != testID {
				t.Fatalf("%q, %v", id, err)
			}
			if got, _ := io.ReadAll(r.Body); string(got) != payload {
				t.Errorf("the body is %q afterwards", got)
			}
		})
	}
}

func TestVerifyPresignedURL(t *testing.T) {
	for name, payload := range map[string]string{"a hash": hexSHA256([]byte(""))} {
		t.Run(name, func(t *testing.T) {
			r := request("GET", "/prod/channels?maxResults=5&X-Amz-Expires=600", "")
			creds := aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret}
			signed, headers, err := v4.NewSigner().PresignHTTP(t.Context(), creds, r, payload, "medialive", "us-east-1", noon())
			if err != nil {
				t.Fatal(err)
			}
			for after, ok := range map[time.Duration]bool{0: true, 599 * time.Second: true, 601 * time.Second: false, -6 * time.Minute: false} {
				u, _ := url.Parse(signed)
				again := request("GET", u.RequestURI(), "")
				again.Header = headers
				if _, err := testVerifier().Verify(again, noon().Add(after)); (err == nil) != ok {
					t.Errorf("after %s: %v", after, err)
				}
			}
		})
	}
}

func TestVerifyUnsignedPayload(t *testing.T) {
	r := request("POST", "/prod/channels", "anything")
	r.Header.Set("X-Amz-Content-Sha256", unsigned)
	sign(t, r, testSecret, "x", unsigned, noon())
	_, err := testVerifier().Verify(r, noon())
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != "InvalidSignatureException" || !strings.Contains(e.Message, "hash of the body") {
		t.Errorf("a body that nobody signed: %v", err)
	}
	presigned := request("GET", "/prod/channels?X-Amz-Expires=600", "")
	presigned.Header.Set("X-Amz-Content-Sha256", unsigned)
	creds := aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret}
	signed, headers, err := v4.NewSigner().PresignHTTP(t.Context(), creds, presigned, unsigned, "medialive", "us-east-1", noon())
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(signed)
	again := request("GET", u.RequestURI(), "")
	again.Header = headers
	if _, err := testVerifier().Verify(again, noon()); err == nil {
		t.Error("a presigned URL lets any body pass")
	}
}

func TestVerifyErrors(t *testing.T) {
	const day = "20261125"
	scope := testID + "/" + day + "/eu-west-1/medialive/aws4_request"
	good := strings.Repeat("0", 64)
	header := func(credential, headers, signature string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("X-Amz-Date", day+"T120000Z")
			r.Header.Set("Authorization", algorithm+" Credential="+credential+", SignedHeaders="+headers+", Signature="+signature)
		}
	}
	signedAt := func(at time.Time, after func(*http.Request)) func(*http.Request) {
		return func(r *http.Request) {
			sign(t, r, testSecret, "eu-west-1", hexSHA256([]byte("body")), at)
			after(r)
		}
	}
	nothing := func(*http.Request) {}
	cases := []struct {
		name    string
		change  func(*http.Request)
		code    string
		message string
	}{
		{"not signed", nothing, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"another scheme", func(r *http.Request) { r.Header.Set("Authorization", "Basic eDp5") }, "IncompleteSignatureException", "algorithm"},
		{"no signature", func(r *http.Request) { r.Header.Set("Authorization", algorithm+" Credential=a") }, "IncompleteSignatureException", "'Signature'"},
		{"a short signature", header(scope, "host", "00"), "IncompleteSignatureException", "64 hexadecimal"},
		{"no date", func(r *http.Request) { header(scope, "host", good)(r); r.Header.Del("X-Amz-Date") }, "IncompleteSignatureException", "X-Amz-Date"},
		{"headers out of order", header(scope, "x-amz-date;host", good), "IncompleteSignatureException", "sorted"},
		{"half a scope", header(testID+"/"+day, "host;x-amz-date", good), "IncompleteSignatureException", "Credential must"},
		{"another service", header(strings.Replace(scope, "medialive", "s3", 1), "host;x-amz-date", good), "InvalidSignatureException", "correct service: 'medialive'"},
		{"another day", header(strings.Replace(scope, day, "20261124", 1), "host;x-amz-date", good), "InvalidSignatureException", "Date in Credential scope"},
		{"an unknown key", header("SOMEBODY"+scope, "host;x-amz-date", good), "UnrecognizedClientException", "security token"},
		{"a session token", signedAt(noon(), func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") }), "UnrecognizedClientException", "security token"},
		{"the host not signed", header(scope, "x-amz-date", good), "InvalidSignatureException", "'Host' must be"},
		{"a header not signed", signedAt(noon(), func(r *http.Request) { r.Header.Set("X-Amz-Target", "x") }), "InvalidSignatureException", "'x-amz-target' must be"},
		{"too late", signedAt(noon().Add(-5*time.Minute-time.Second), nothing), "InvalidSignatureException", "Signature expired: 20261125T115459Z is now earlier than 20261125T115500Z"},
		{"too early", signedAt(noon().Add(5*time.Minute+time.Second), nothing), "InvalidSignatureException", "Signature not yet current"},
		{"another method", signedAt(noon(), func(r *http.Request) { r.Method = "DELETE" }), "InvalidSignatureException", "does not match"},
		{"another path", signedAt(noon(), func(r *http.Request) { r.URL.Path = "/prod/inputs" }), "InvalidSignatureException", "does not match"},
		{"another parameter", signedAt(noon(), func(r *http.Request) { r.URL.RawQuery = "a=2" }), "InvalidSignatureException", "does not match"},
		{"another host", signedAt(noon(), func(r *http.Request) { r.Host = "other" }), "InvalidSignatureException", "does not match"},
		{"another body", signedAt(noon(), func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("yet!")) }), "InvalidSignatureException", "does not match"},
		{"another secret", func(r *http.Request) {
			sign(t, r, testSecret+"x", "eu-west-1", hexSHA256([]byte("body")), noon())
		}, "InvalidSignatureException", "does not match"},
		{"a query that cannot be read", func(r *http.Request) { r.URL.RawQuery = "a=%zz" }, "IncompleteSignatureException", "query string"},
		{"half a presigned URL", func(r *http.Request) { r.URL.RawQuery = "X-Amz-Algorithm=" + algorithm }, "IncompleteSignatureException", "'X-Amz-Credential'"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := request("POST", "/prod/channels?a=1", "body")
			c.change(r)
			_, err := testVerifier().Verify(r, noon())
			refusal, ok := errors.AsType[*Error](err)
			if !ok || refusal.Code != c.code || !strings.Contains(refusal.Message, c.message) {
				t.Errorf("got %v, want %s with %q", err, c.code, c.message)
			}
			if ok && strings.Contains(refusal.Error(), testSecret) {
				t.Error("it contains the secret")
			}
		})
	}
}

func TestVerifyChecksPayloadHash(t *testing.T) {
	r := request("POST", "/prod/channels", "body")
	r.Header.Set("X-Amz-Content-Sha256", hexSHA256([]byte("other")))
	sign(t, r, testSecret, "eu-west-1", hexSHA256([]byte("other")), noon())
	if _, err := testVerifier().Verify(r, noon()); err == nil {
		t.Error("accepted")
	}
}

// TestVerifySDKClient verifies what the SDK's client sends to a real server.
func TestVerifySDKClient(t *testing.T) {
	var refused error
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := testVerifier().Verify(r, time.Now()); err != nil {
			refused = err
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}))
	defer server.Close()
	client := medialive.New(medialive.Options{
		Region: "eu-west-3", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(testID, testSecret, ""),
	})
	arn := "arn:aws:medialive:eu-west-3:000000000000:channel:1234567"
	calls := map[string]func(context.Context) error{
		"create": func(ctx context.Context) error {
			_, err := client.CreateInput(ctx, &medialive.CreateInputInput{Name: aws.String("näme"), Type: types.InputTypeMp4File})
			return err
		},
		"list": func(ctx context.Context) error {
			_, err := client.ListChannels(ctx, &medialive.ListChannelsInput{MaxResults: aws.Int32(3), NextToken: aws.String("a b/c+d=")})
			return err
		},
		"tags": func(ctx context.Context) error {
			_, err := client.DeleteTags(ctx, &medialive.DeleteTagsInput{ResourceArn: &arn, TagKeys: []string{"b c", "a"}})
			return err
		},
		"start": func(ctx context.Context) error {
			_, err := client.StartChannel(ctx, &medialive.StartChannelInput{ChannelId: aws.String("1 2")})
			return err
		},
	}
	for name, call := range calls {
		if err := call(t.Context()); err != nil {
			t.Errorf("%s: %v (%v)", name, err, refused)
		}
	}
}

func FuzzVerify(f *testing.F) {
	r := request("POST", "/prod/channels?a=1", "body")
	creds := aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret}
	if err := v4.NewSigner().SignHTTP(context.Background(), creds, r, hexSHA256([]byte("body")), "medialive", "eu-west-1", noon()); err != nil {
		f.Fatal(err)
	}
	good := r.Header.Get("Authorization")
	f.Add(good, r.Header.Get("X-Amz-Date"), "a=1", "body")
	f.Add("", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b/c/d/e&X-Amz-Date=20261125T120000Z&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=00", "")
	f.Add("AWS4-HMAC-SHA256 Credential=,SignedHeaders=;;,Signature==", "x", "%", "\x00")
	f.Fuzz(func(t *testing.T, header, date, query, body string) {
		r := request("POST", "/prod/channels", body)
		r.URL.RawQuery = query
		r.Header = http.Header{"Authorization": {header}, "X-Amz-Date": {date}}
		id, err := testVerifier().Verify(r, noon())
		_, refusal := errors.AsType[*Error](err)
		if err != nil && !refusal {
			t.Errorf("%T %v", err, err)
		}
		if err == nil && (id != testID || body != "body") {
			t.Errorf("accepted %q %q %q %q", header, date, query, body)
		}
	})
}
