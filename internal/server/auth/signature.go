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
	// Skew is how far the clock of a caller may be off.
	Skew = 5 * time.Minute
	// stampLayout is that of X-Amz-Date.
	stampLayout = "20060102T150405Z"
	maxExpires  = 7 * 24 * 3600 // seconds
	unsigned    = "UNSIGNED-PAYLOAD"
)

// Verifier checks signatures of AWS Signature Version 4.
type Verifier struct {
	keys    Keys
	service string
}

// NewVerifier returns a verifier of requests to a service that one of the keys
// signed, for whichever region.
func NewVerifier(keys Keys, service string) *Verifier { return &Verifier{keys, service} }

// signed is a request with its signature.
type signed struct {
	request   *http.Request
	query     url.Values // without the signature
	id, day   string
	region    string
	headers   []string // their names, in small letters and sorted
	signature []byte
	stamp     string
	at        time.Time
	life      time.Duration // how long it holds from at on
	presigned bool
}

// Verify checks the signature of a request at the time given by the server's
// clock. It returns the access key id. The body is read, and stands in the
// request again. Errors are *Error, or what reading the body says.
func (v *Verifier) Verify(r *http.Request, now time.Time) (string, error) {
	s, err := v.parse(r)
	if err != nil {
		return "", err
	}
	secret, ok := v.keys[s.id]
	if !ok || s.token() {
		return "", unrecognized()
	}
	if err := s.check(now); err != nil {
		return "", err
	}
	hash, err := s.payload()
	if err != nil {
		return "", err
	}
	want := sign(derive(secret, s.day, s.region, v.service), s.text(v.service, hash))
	if !hmac.Equal(want, s.signature) {
		return "", invalid("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return s.id, nil
}

func (v *Verifier) parse(r *http.Request) (*signed, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, incomplete("The query string cannot be read.")
	}
	s := &signed{request: r, query: query, life: Skew}
	switch header := r.Header.Get("Authorization"); {
	case header != "":
		err = s.fromHeader(header)
	case query.Get("X-Amz-Algorithm") != "":
		err = s.fromQuery()
	default:
		return nil, missing()
	}
	if err != nil {
		return nil, err
	}
	return s, s.scope(v.service)
}

// fromHeader reads the header Authorization. What was the credential's scope
// stays in region until scope has looked at it.
func (s *signed) fromHeader(header string) error {
	name, rest, _ := strings.Cut(header, " ")
	if name != algorithm {
		return incomplete("Authorization header requires the algorithm " + algorithm + ".")
	}
	parts := make(map[string]string)
	for part := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[key] = value
	}
	for _, key := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parts[key] == "" {
			return incomplete("Authorization header requires '" + key + "' parameter.")
		}
	}
	s.stamp = s.request.Header.Get("X-Amz-Date")
	return s.take(parts["Credential"], parts["SignedHeaders"], parts["Signature"])
}

// fromQuery reads the parameters of a presigned URL.
func (s *signed) fromQuery() error {
	q := s.query
	if q.Get("X-Amz-Algorithm") != algorithm {
		return incomplete("X-Amz-Algorithm must be " + algorithm + ".")
	}
	for _, key := range []string{"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires"} {
		if len(q[key]) != 1 || q[key][0] == "" {
			return incomplete("A presigned URL requires the parameter '" + key + "', once.")
		}
	}
	seconds, err := strconv.Atoi(q.Get("X-Amz-Expires"))
	if err != nil || seconds < 1 || seconds > maxExpires {
		return incomplete("X-Amz-Expires must be from 1 to 604800 seconds.")
	}
	s.life, s.stamp, s.presigned = time.Duration(seconds)*time.Second, q.Get("X-Amz-Date"), true
	signature := q.Get("X-Amz-Signature")
	q.Del("X-Amz-Signature")
	return s.take(q.Get("X-Amz-Credential"), q.Get("X-Amz-SignedHeaders"), signature)
}

func (s *signed) take(credential, headers, signature string) (err error) {
	if s.at, err = time.Parse(stampLayout, s.stamp); err != nil {
		return incomplete("The request requires an X-Amz-Date of the form 20060102T150405Z.")
	}
	if s.signature, err = hex.DecodeString(signature); err != nil || len(s.signature) != sha256.Size {
		return incomplete("The signature must have 64 hexadecimal digits.")
	}
	s.region = credential
	s.headers = strings.Split(headers, ";")
	if !slices.IsSorted(s.headers) || strings.ToLower(headers) != headers {
		return incomplete("SignedHeaders must be sorted and in lower case.")
	}
	return nil
}

// scope takes the credential apart: id/day/region/service/aws4_request.
func (s *signed) scope(service string) error {
	parts := strings.Split(s.region, "/")
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

// token tells whether the request has a session token: our keys have none.
func (s *signed) token() bool {
	return s.request.Header.Get("X-Amz-Security-Token") != "" || s.query.Get("X-Amz-Security-Token") != ""
}

// check refuses what was signed at another time, and what lets too much be changed.
func (s *signed) check(now time.Time) error {
	switch {
	case s.at.After(now.Add(Skew)):
		return invalid("Signature not yet current: " + s.stamp + " is still later than " +
			now.Add(Skew).UTC().Format(stampLayout) + " (" + now.UTC().Format(stampLayout) + " + 5 min.)")
	case now.After(s.at.Add(s.life)):
		return invalid("Signature expired: " + s.stamp + " is now earlier than " +
			now.Add(-s.life).UTC().Format(stampLayout) + " (" + now.UTC().Format(stampLayout) + " - " + s.life.String() + ")")
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

// payload returns the hash of the body as the canonical request has it.
func (s *signed) payload() (string, error) {
	said := s.request.Header.Get("X-Amz-Content-Sha256")
	if s.presigned && said == "" {
		said = s.query.Get("X-Amz-Content-Sha256")
	}
	if said == unsigned {
		return unsigned, nil
	}
	var body []byte
	if s.request.Body != nil {
		var err error
		if body, err = io.ReadAll(s.request.Body); err != nil {
			return "", err
		}
		s.request.Body = io.NopCloser(bytes.NewReader(body))
	}
	hash := hexHash(body)
	if said != "" && said != hash {
		return "", invalid("The value of X-Amz-Content-Sha256 is not the hash of the body.")
	}
	return hash, nil
}

// text is what is signed.
func (s *signed) text(service, payload string) string {
	return strings.Join([]string{
		algorithm, s.stamp, s.day + "/" + s.region + "/" + service + "/aws4_request", hexHash([]byte(s.canonical(payload))),
	}, "\n")
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// derive makes the signing key of a day, a region and a service.
func derive(secret string, scope ...string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range append(scope, "aws4_request") {
		key = sign(key, part)
	}
	return key
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
