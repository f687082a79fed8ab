package auth

import (
	"fmt"
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
		// All services but S3 encode the path once more.
		s.request.Method, escape(path, true), s.canonicalQuery(), s.canonicalHeaders(), strings.Join(s.headers, ";"), payloadHash,
	}, "\n")
}

// canonicalQuery returns the parameters sorted by name, then by value.
func (s *signature) canonicalQuery() string {
	var pairs [][2]string
	for name, values := range s.query {
		for _, value := range values {
			pairs = append(pairs, [2]string{escape(name, false), escape(value, false)})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p[0] + "=" + p[1])
	}
	return b.String()
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
func escape(text string, keepSlash bool) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0, keepSlash && c == '/':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
