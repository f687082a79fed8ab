package auth

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// canonical is the request in the form whose hash is signed.
func (s *signed) canonical(payload string) string {
	return strings.Join([]string{
		s.request.Method, s.path(), s.queryText(), s.headerText(), strings.Join(s.headers, ";"), payload,
	}, "\n")
}

// path is the path as it was sent, encoded once more: all services but S3 want it so.
func (s *signed) path() string {
	path := s.request.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return escape(path, true)
}

// queryText is the parameters in order, those of the same name in the order of their values.
func (s *signed) queryText() string {
	var pairs []string
	for name, values := range s.query {
		for _, value := range values {
			pairs = append(pairs, escape(name, false)+"="+escape(value, false))
		}
	}
	slices.SortFunc(pairs, func(a, b string) int {
		nameA, valueA, _ := strings.Cut(a, "=")
		nameB, valueB, _ := strings.Cut(b, "=")
		if c := strings.Compare(nameA, nameB); c != 0 {
			return c
		}
		return strings.Compare(valueA, valueB)
	})
	return strings.Join(pairs, "&")
}

func (s *signed) headerText() string {
	var b strings.Builder
	for _, name := range s.headers {
		b.WriteString(name + ":" + s.header(name) + "\n")
	}
	return b.String()
}

// header is the value of a header, in one line and without needless spaces.
// The server keeps two of them elsewhere.
func (s *signed) header(name string) string {
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

// escape encodes all but the unreserved characters of RFC 3986, 2.3.
func escape(text string, slashes bool) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0, slashes && c == '/':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
