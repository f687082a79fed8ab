package service

import (
	"cmp"
	"encoding/base64"
	"sort"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The most results that may be asked for, and how many are given by default.
const (
	maxResults     = 1000
	defaultResults = 100
)

// tokenPrefix marks tokens of this package.
const tokenPrefix = "lilo:"

// page returns the part of a list after the token next, and the token of the part
// after that, nil if none follows. position returns a number of each item that never
// changes and rises along the list.
func page[T any](all []T, results *int32, next *string, position func(i int) int64) ([]T, *string, error) {
	if err := CheckPage(results, next); err != nil {
		return nil, nil, err
	}
	after, _ := readToken(aws.ToString(next))
	first := sort.Search(len(all), func(i int) bool { return position(i) > after })
	last := min(first+cmp.Or(int(aws.ToInt32(results)), defaultResults), len(all))
	part := append([]T{}, all[first:last]...)
	if last == len(all) {
		return part, nil, nil
	}
	token := base64.RawURLEncoding.EncodeToString([]byte(tokenPrefix + strconv.FormatInt(position(last-1), 10)))
	return part, &token, nil
}

// CheckPage validates the paging parameters of a request.
func CheckPage(results *int32, next *string) error {
	if n := aws.ToInt32(results); n < 0 || n > maxResults {
		return Errorf(BadRequest, "maxResults must be 1 to %d, not %d", maxResults, n)
	}
	if _, ok := readToken(aws.ToString(next)); !ok {
		return Errorf(BadRequest, "Invalid nextToken: use the one that the previous call returned")
	}
	return nil
}

// readToken returns the position of the last item of the previous part.
func readToken(token string) (int64, bool) {
	if token == "" {
		return 0, true
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	digits, ok := strings.CutPrefix(string(text), tokenPrefix)
	n, bad := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && ok && bad == nil && n >= 0
}
