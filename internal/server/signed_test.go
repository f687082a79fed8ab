package server

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	fixed "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/smithy-go"
)

// sign signs a request with the server's key.
func sign(t *testing.T, s *testServer, r *http.Request) {
	t.Helper()
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			t.Fatal(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	hash := fmt.Sprintf("%x", sha256.Sum256(body))
	r.Header.Set("X-Amz-Content-Sha256", hash)
	who := aws.Credentials{AccessKeyID: s.id, SecretAccessKey: s.key}
	if err := v4.NewSigner().SignHTTP(t.Context(), who, r, hash, signedService, "eu-west-1", time.Now()); err != nil {
		t.Fatal(err)
	}
}

// TestSDKSignature uses a real listener.
func TestSDKSignature(t *testing.T) {
	s := newTestServer(t, true, nil)
	server := httptest.NewServer(s.handler)
	defer server.Close()
	client := func(id, key string) *medialive.Client {
		return medialive.New(medialive.Options{
			Region: "us-west-2", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
			Credentials: fixed.NewStaticCredentialsProvider(id, key, ""),
		})
	}
	if _, err := client(s.id, s.key).ListChannels(t.Context(), &medialive.ListChannelsInput{MaxResults: aws.Int32(5)}); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct{ id, key, want string }{
		"another secret": {s.id, s.key + "x", "InvalidSignatureException"},
		"another id":     {"SOMEBODY", s.key, "UnrecognizedClientException"},
	} {
		_, err := client(c.id, c.key).ListChannels(t.Context(), nil)
		if refused, ok := errors.AsType[smithy.APIError](err); !ok || refused.ErrorCode() != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r := s.do("GET", "/prod/channels", ""); r.Header().Get("X-Amzn-Errortype") != "MissingAuthenticationTokenException" ||
		r.Body.String() != `{"message":"Missing Authentication Token"}`+"\n" {
		t.Errorf("%v", r.Header())
	}
}
