// Package awserr classifies the errors of AWS's SDK by what a caller can do
// about them. The lilo commands and the functions of a deployment share it. It
// must import nothing of LILO.
package awserr

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Kind is why a call failed.
type Kind int

// The kinds of errors.
const (
	None               Kind = iota // no error
	Refused                        // the service does not accept the request
	Expired                        // the credentials are no longer valid
	InvalidCredentials             // the credentials were never valid
	NoCredentials                  // there are no credentials
	Denied                         // a permission is missing, or has not propagated yet
	NotFound                       // the resource does not exist
	Conflict                       // the state of the resource does not permit the call
	Throttled                      // too many requests, or a temporary failure of the service
	Unreachable                    // no answer came back
	Unknown                        // the error did not come from a service
	Canceled                       // the caller gave up
)

// Transient reports whether the same call may succeed later.
func (k Kind) Transient() bool { return k == Throttled || k == Unreachable }

// KindOf classifies an error of the SDK.
func KindOf(err error) Kind {
	if err == nil {
		return None
	}
	if errors.Is(err, context.Canceled) {
		return Canceled
	}
	code, status := "", StatusOf(err)
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	if k := kindOfCode(code); k != None {
		return k
	}
	switch {
	case code == "" && strings.Contains(err.Error(), "expired"):
		return Expired
	case code == "ValidationError" && strings.Contains(err.Error(), "does not exist"): // CloudFormation has no code for it.
		return NotFound
	case code == "ValidationError" && strings.Contains(err.Error(), "cannot be deleted while in status"): // Nor for this.
		return Conflict
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Denied
	case status == http.StatusNotFound:
		return NotFound
	case status == http.StatusConflict:
		return Conflict
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= http.StatusInternalServerError, strings.Contains(code, "Throttl"):
		return Throttled
	case status != 0, code != "":
		return Refused
	}
	return kindOfUnanswered(err)
}

func kindOfCode(code string) Kind {
	for kind, codes := range map[Kind][]string{
		Expired:            {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "UnauthorizedSSOToken", "InvalidGrantException"},
		InvalidCredentials: {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", "InvalidAccessKeyId", "IncompleteSignature", "MissingAuthenticationToken"},
		Denied:             {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ForbiddenException", "NotAuthorized", "Forbidden"},
		NotFound:           {"NotFoundException", "NotFound", "ResourceNotFoundException", "ParameterNotFound", "NoSuchBucket", "NoSuchKey", "NoSuchUpload"},
		Throttled:          {"RequestLimitExceeded", "TooManyRequestsException", "SlowDown"},
	} {
		if slices.Contains(codes, code) {
			return kind
		}
	}
	return None
}

// kindOfUnanswered classifies an error that no service returned.
func kindOfUnanswered(err error) Kind {
	text := err.Error()
	_, canceled := errors.AsType[*sdk.RequestCanceledError](err)
	_, response := errors.AsType[*awshttp.ResponseError](err)
	switch {
	case strings.Contains(text, "get credentials"), strings.Contains(text, "retrieve credentials"), strings.Contains(text, "get identity"):
		return NoCredentials
	case canceled, response, strings.Contains(text, "request send failed"):
		return Unreachable
	}
	return Unknown
}

// StatusOf returns the HTTP status of the answer, 0 without one.
func StatusOf(err error) int {
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok && r.Response != nil {
		return r.HTTPStatusCode()
	}
	return 0
}

// Message returns the service's message on one line, without the SDK's own words.
func Message(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		text := strings.Join(strings.Fields(api.ErrorMessage()), " ")
		if text == "" {
			return api.ErrorCode()
		}
		return strings.TrimSuffix(text, ".")
	}
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		err = op.Err
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// Cause returns the text of the innermost error: why no answer came back.
func Cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
