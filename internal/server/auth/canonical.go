package auth

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest returns the request in the form whose hash is signed.
func (s *signature) canonicalRequest(payloadHash string) string {
	path := s.request.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return strings.Join([]string{
		// All services but S3 escape the path once more.
		s.request.Method, strings.ReplaceAll(escape(path), "%2F", "/"), s.canonicalQuery(), s.canonicalHeaders(), strings.Join(s.headers, ";"), payloadHash,
	}, "\n")
}

// canonicalQuery returns the parameters sorted by name, then by value.
func (s *signature) canonicalQuery() string {
	var pairs [][2]string
	for name, values := range s.query {
		for _, value := range values {
			pairs = append(pairs, [2]string{escape(name), escape(value)})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	texts := make([]string, len(pairs))
	for i, p := range pairs {
		texts[i] = p[0] + "=" + p[1]
	}
	return strings.Join(texts, "&")
}

func (s *signature) canonicalHeaders() string {
	var b strings.Builder
	for _, name := range s.headers {
		b.WriteString(name + ":" + s.headerValue(name) + "\n")
	}
	return b.String()
}

// headerValue returns the values of a header in one line, without superfluous
// spaces. net/http keeps two headers in fields of the request.
func (s *signature) headerValue(name string) string {
	values := s.request.Header.Values(name)
	switch {
	case name == "host":
		values = []string{s.request.Host}
	case name == "content-length" && s.request.ContentLength >= 0:
		values = []string{strconv.FormatInt(s.request.ContentLength, 10)}
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ",")
}

// escape percent-encodes all but the unreserved characters of RFC 3986, 2.3.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
