// Package trouble tells what an error of AWS is to somebody who may try again.
package trouble

import (
	"context"
	"errors"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Kind is what an error asks of the caller.
type Kind int

// The kinds of trouble.
const (
	// None is no error.
	None Kind = iota
	// Later passes by itself: throttling, a fault of the service, a state that
	// changes just now (409), credentials that are renewed, a broken connection.
	Later
	// Denied is a right that is missing, or that has not spread through AWS yet.
	Denied
	// Absent is a thing that is not there.
	Absent
	// Lasting comes back however often one tries.
	Lasting
)

// Of returns the kind of an error that a client of the SDK returned.
func Of(err error) Kind {
	if err == nil {
		return None
	}
	if errors.Is(err, context.Canceled) {
		return Lasting
	}
	if named, ok := errors.AsType[smithy.APIError](err); ok {
		if k, ok := byCode(named.ErrorCode()); ok {
			return k
		}
	}
	answer, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok {
		return Later // Nothing came back.
	}
	return byStatus(answer.HTTPStatusCode())
}

func byCode(code string) (Kind, bool) {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", "Throttling", "ThrottlingException", "TooManyRequestsException", "SlowDown":
		return Later, true
	case "ParameterNotFound", "NoSuchKey", "NoSuchBucket", "NoSuchUpload":
		return Absent, true
	}
	return None, false
}

func byStatus(status int) Kind {
	switch {
	case status == 404:
		return Absent
	case status == 401, status == 403:
		return Denied
	case status == 408, status == 409, status == 429, status >= 500:
		return Later
	}
	return Lasting
}
