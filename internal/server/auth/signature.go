package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	// maxSkew is how far the clock of a caller may be from ours.
	maxSkew = 5 * time.Minute
	// dateLayout is the layout of X-Amz-Date.
	dateLayout = "20060102T150405Z"
	maxExpires = 7 * 24 * 3600 // seconds
	unsigned   = "UNSIGNED-PAYLOAD"
)

// Verifier verifies signatures of AWS Signature Version 4.
type Verifier struct {
	keys    Keys
	service string
}

// NewVerifier returns a verifier of requests to a service in any region.
func NewVerifier(keys Keys, service string) *Verifier { return &Verifier{keys, service} }

// signature is the signature of a request.
type signature struct {
	request   *http.Request
	query     url.Values // without the signature
	id        string     // of the access key
	day       string
	region    string
	headers   []string // the names of the signed headers, lower case and sorted
	sum       []byte
	date      string // as in X-Amz-Date
	at        time.Time
	life      time.Duration // how long it is valid from at on
	presigned bool
}

// Verify verifies the signature of a request at an instant and returns the access
// key id. It reads the body and replaces it by one that can be read again. Errors
// are of type *Error, or come from reading the body.
func (v *Verifier) Verify(r *http.Request, now time.Time) (string, error) {
	s, err := v.parse(r)
	if err != nil {
		return "", err
	}
	secret, ok := v.keys[s.id]
	if !ok || s.hasSessionToken() {
		return "", &Error{"UnrecognizedClientException", "The security token included in the request is invalid."}
	}
	if err := s.check(now); err != nil {
		return "", err
	}
	hash, err := s.payloadHash()
	if err != nil {
		return "", err
	}
	if !hmac.Equal(hmacSHA256(signingKey(secret, s.day, s.region, v.service), s.stringToSign(v.service, hash)), s.sum) {
		return "", invalid("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return s.id, nil
}

func (v *Verifier) parse(r *http.Request) (*signature, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, incomplete("The query string cannot be read.")
	}
	s := &signature{request: r, query: query, life: maxSkew}
	var credential string
	switch header := r.Header.Get("Authorization"); {
	case header != "":
		credential, err = s.parseHeader(header)
	case query.Get("X-Amz-Algorithm") != "":
		credential, err = s.parseQuery()
	default:
		return nil, &Error{"MissingAuthenticationTokenException", "Missing Authentication Token"}
	}
	if err != nil {
		return nil, err
	}
	return s, s.parseCredential(credential, v.service)
}

// parseHeader parses the header Authorization and returns the credential.
func (s *signature) parseHeader(header string) (credential string, err error) {
	name, rest, _ := strings.Cut(header, " ")
	if name != algorithm {
		return "", incomplete("Authorization header requires the algorithm " + algorithm + ".")
	}
	parts := make(map[string]string)
	for part := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[key] = value
	}
	for _, key := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parts[key] == "" {
			return "", incomplete("Authorization header requires '" + key + "' parameter.")
		}
	}
	s.date = s.request.Header.Get("X-Amz-Date")
	return parts["Credential"], s.set(parts["SignedHeaders"], parts["Signature"])
}

// parseQuery parses the parameters of a presigned URL and returns the credential.
func (s *signature) parseQuery() (credential string, err error) {
	q := s.query
	if q.Get("X-Amz-Algorithm") != algorithm {
		return "", incomplete("X-Amz-Algorithm must be " + algorithm + ".")
	}
	for _, key := range []string{"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires"} {
		if len(q[key]) != 1 || q[key][0] == "" {
			return "", incomplete("A presigned URL requires the parameter '" + key + "', once.")
		}
	}
	seconds, err := strconv.Atoi(q.Get("X-Amz-Expires"))
	if err != nil || seconds < 1 || seconds > maxExpires {
		return "", incomplete("X-Amz-Expires must be from 1 to 604800 seconds.")
	}
	s.life, s.date, s.presigned = time.Duration(seconds)*time.Second, q.Get("X-Amz-Date"), true
	sum := q.Get("X-Amz-Signature")
	q.Del("X-Amz-Signature")
	return q.Get("X-Amz-Credential"), s.set(q.Get("X-Amz-SignedHeaders"), sum)
}

func (s *signature) set(headers, sum string) (err error) {
	if s.at, err = time.Parse(dateLayout, s.date); err != nil {
		return incomplete("The request requires an X-Amz-Date of the form 20060102T150405Z.")
	}
	if s.sum, err = hex.DecodeString(sum); err != nil || len(s.sum) != sha256.Size {
		return incomplete("The signature must have 64 hexadecimal digits.")
	}
	s.headers = strings.Split(headers, ";")
	if !slices.IsSorted(s.headers) || strings.ToLower(headers) != headers {
		return incomplete("SignedHeaders must be sorted and in lower case.")
	}
	return nil
}

// parseCredential parses id/day/region/service/aws4_request.
func (s *signature) parseCredential(credential, service string) error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" || parts[0] == "" || parts[2] == "" {
		return incomplete("Credential must have the form ID/DAY/REGION/" + service + "/aws4_request.")
	}
	s.id, s.day, s.region = parts[0], parts[1], parts[2]
	if parts[3] != service {
		return invalid("Credential should be scoped to correct service: '" + service + "'.")
	}
	if s.day != s.at.Format("20060102") {
		return invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")
	}
	return nil
}

// hasSessionToken reports whether the request has a session token, which no key here has.
func (s *signature) hasSessionToken() bool {
	return s.request.Header.Get("X-Amz-Security-Token") != "" || s.query.Get("X-Amz-Security-Token") != ""
}

// check checks the time of the signature, and that it covers the host and all
// X-Amz headers.
func (s *signature) check(now time.Time) error {
	stamp := func(t time.Time) string { return t.UTC().Format(dateLayout) }
	switch {
	case s.at.After(now.Add(maxSkew)):
		return invalid("Signature not yet current: " + s.date + " is still later than " + stamp(now.Add(maxSkew)) + " (" + stamp(now) + " + 5 min.)")
	case now.After(s.at.Add(s.life)):
		return invalid("Signature expired: " + s.date + " is now earlier than " + stamp(now.Add(-s.life)) + " (" + stamp(now) + " - " + s.life.String() + ")")
	case !slices.Contains(s.headers, "host"):
		return invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	for name := range s.request.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") && !slices.Contains(s.headers, lower) {
			return invalid("'" + lower + "' must be a 'SignedHeader' in the AWS Authorization.")
		}
	}
	return nil
}

// payloadHash returns the hash of the body as it stands in the canonical request.
func (s *signature) payloadHash() (string, error) {
	declared := s.request.Header.Get("X-Amz-Content-Sha256")
	if s.presigned && declared == "" {
		declared = s.query.Get("X-Amz-Content-Sha256")
	}
	if declared == unsigned {
		return "", invalid("X-Amz-Content-Sha256 must be the hash of the body: " + unsigned + " is for Amazon S3 only.")
	}
	var body []byte
	if s.request.Body != nil {
		var err error
		if body, err = io.ReadAll(s.request.Body); err != nil {
			return "", err
		}
		s.request.Body = io.NopCloser(bytes.NewReader(body))
	}
	hash := hexSHA256(body)
	if declared != "" && declared != hash {
		return "", invalid("The value of X-Amz-Content-Sha256 is not the hash of the body.")
	}
	return hash, nil
}

func (s *signature) stringToSign(service, payloadHash string) string {
	return strings.Join([]string{
		algorithm, s.date, s.day + "/" + s.region + "/" + service + "/aws4_request", hexSHA256([]byte(s.canonicalRequest(payloadHash))),
	}, "\n")
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// signingKey derives the signing key of a day, a region and a service.
func signingKey(secret, day, region, service string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{day, region, service, "aws4_request"} {
		key = hmacSHA256(key, part)
	}
	return key
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
