package resource

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// Page is a part of a list that is asked for.
type Page struct {
	// MaxResults is how many, 1 to 1000; 0 leaves it to the server.
	MaxResults int
	// NextToken is where the part before ended; empty begins.
	NextToken string
}

// The number of results that may be asked for, and that are given where nothing is said.
const (
	mostResults  = 1000
	usualResults = 100
)

// tokenMark tells our tokens from other text.
const tokenMark = "lilo:"

// cut returns the part of a list, which is in the order of what number
// returns, and the token of the next, nil for none.
func cut[T any](all []T, p Page, number func(T) int64) ([]T, *string, error) {
	if p.MaxResults < 0 || p.MaxResults > mostResults {
		return nil, nil, Refuse(BadRequest, "maxResults is 1 to %d, not %d", mostResults, p.MaxResults)
	}
	after, err := readToken(p.NextToken)
	if err != nil {
		return nil, nil, err
	}
	first, _ := slices.BinarySearchFunc(all, after+1, func(one T, n int64) int { return cmp.Compare(number(one), n) })
	all = all[first:]
	size := cmp.Or(p.MaxResults, usualResults)
	if len(all) <= size {
		return all, nil, nil
	}
	token := base64.RawURLEncoding.EncodeToString([]byte(tokenMark + strconv.FormatInt(number(all[size-1]), 10)))
	return all[:size], &token, nil
}

// readToken returns the number of the last that was given already.
func readToken(token string) (int64, error) {
	if token == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, badToken()
	}
	digits, ok := strings.CutPrefix(string(text), tokenMark)
	if !ok {
		return 0, badToken()
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return 0, badToken()
	}
	return n, nil
}

func badToken() error {
	return Refuse(BadRequest, "Invalid nextToken: give one that the call before answered")
}

// List is a part of a list.
type List[T any] struct {
	Items []T
	// NextToken is nil when nothing follows.
	NextToken *string
}

// Paged cuts a part out of a list that changes only at its end.
func Paged[T any](all []T, p Page) (List[T], error) {
	numbers := make([]int64, len(all))
	for i := range numbers {
		numbers[i] = int64(i) + 1
	}
	part, next, err := cut(numbers, p, func(n int64) int64 { return n })
	if err != nil {
		return List[T]{}, err
	}
	list := List[T]{Items: []T{}, NextToken: next}
	for _, n := range part {
		list.Items = append(list.Items, all[n-1])
	}
	return list, nil
}
