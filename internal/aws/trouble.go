package aws

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/lilo-live/lilo/internal/fault"
)

// trouble is why a call failed.
type trouble int

const (
	refused     trouble = iota // the service says what is wrong
	expired                    // the credentials were good once
	invalid                    // the credentials are not good
	missing                    // there are no credentials
	denied                     // the identity may not do that
	absent                     // what was asked for is not there
	conflict                   // not in the state it is in
	throttled                  // asked too often, or the service fails for now
	unreachable                // nobody answers
	interrupted                // the caller does not want to know any more
)

// troubleOf sorts an error of the SDK.
func troubleOf(err error) trouble {
	if errors.Is(err, context.Canceled) {
		return interrupted
	}
	code, status := codeOf(err), statusOf(err)
	switch {
	case has(code, "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "UnauthorizedSSOToken", "InvalidGrantException"),
		code == "" && strings.Contains(err.Error(), "expired"):
		return expired
	case has(code, "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", "InvalidAccessKeyId", "IncompleteSignature", "MissingAuthenticationToken"):
		return invalid
	case has(code, "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ForbiddenException", "NotAuthorized", "Forbidden"), status == http.StatusForbidden:
		return denied
	case has(code, "NotFoundException", "NotFound", "ResourceNotFoundException", "ParameterNotFound", "NoSuchBucket"), status == http.StatusNotFound,
		code == "ValidationError" && strings.Contains(err.Error(), "does not exist"):
		return absent
	case status == http.StatusConflict:
		return conflict
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError, strings.Contains(code, "Throttl"), has(code, "RequestLimitExceeded", "TooManyRequestsException", "SlowDown"):
		return throttled
	}
	return unanswered(err, status)
}

// unanswered sorts an error that no service gave.
func unanswered(err error, status int) trouble {
	text := err.Error()
	switch {
	case status != 0:
		return refused
	case strings.Contains(text, "get credentials") || strings.Contains(text, "retrieve credentials") || strings.Contains(text, "get identity"):
		return missing
	case sendError(err):
		return unreachable
	}
	return refused
}

func sendError(err error) bool {
	_, ok := errors.AsType[*sdk.RequestCanceledError](err)
	_, sent := errors.AsType[*awshttp.ResponseError](err)
	return ok || sent || strings.Contains(err.Error(), "request send failed")
}

func has(code string, codes ...string) bool { return slices.Contains(codes, code) }

func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func statusOf(err error) int {
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok && r.Response != nil {
		return r.HTTPStatusCode()
	}
	return 0
}

// plain is what an error says, on one line and without the SDK's own words around it.
func plain(err error) string {
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

// fault says what went wrong while doing what, and what to do about it.
func (a *Account) fault(doing string, err error) error {
	switch troubleOf(err) {
	case interrupted:
		return fault.New(fault.Internal, "interrupted while %s: %w", doing, context.Canceled)
	case expired:
		return &ExpiredCredentialsError{fault.New(fault.Access, "the AWS credentials expired while %s: log in again (aws sso login, or new keys) and repeat the command", doing)}
	case invalid:
		return fault.New(fault.Access, "the AWS credentials are not valid (%s): check them with aws sts get-caller-identity", plain(err))
	case missing:
		return fault.New(fault.Access, "no AWS credentials were found while %s: log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", doing)
	case denied:
		return fault.New(fault.Access, "not permitted while %s: %s; ask who administers the account for that right", doing, plain(err))
	case throttled:
		return &passingError{fault.New(fault.Deploy, "AWS did not serve us while %s: %s; repeat the command in a minute", doing, plain(err))}
	case unreachable:
		return &passingError{fault.New(fault.Access, "AWS in %s cannot be reached while %s: %s; check the network and the region", a.Region, doing, cause(err))}
	case absent, conflict, refused:
	}
	return fault.New(fault.Deploy, "%s failed: %s", doing, plain(err))
}

// cause is the innermost error, which says why nobody answered.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// ExpiredCredentialsError is the fault of credentials that were good when the command began.
type ExpiredCredentialsError struct{ err error }

// Error is one line, with what to do.
func (e *ExpiredCredentialsError) Error() string { return e.err.Error() }

// Unwrap returns the fault.
func (e *ExpiredCredentialsError) Unwrap() error { return e.err }

// passingError is a fault that may be gone when asked again.
type passingError struct{ error }

func (e *passingError) Unwrap() error { return e.error }

// Transient reports whether the same call may go well in a while.
func Transient(err error) bool {
	_, ok := errors.AsType[*passingError](err)
	return ok
}

// passing reports the same of an error of the SDK.
func passing(err error) bool {
	t := troubleOf(err)
	return t == throttled || t == unreachable
}

// CredentialsExpired reports whether an error is that of credentials which expired on the way.
func CredentialsExpired(err error) bool {
	_, ok := errors.AsType[*ExpiredCredentialsError](err)
	return ok
}
