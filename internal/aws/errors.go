package aws

import (
	"context"
	"errors"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/fault"
)

// fault returns an error of the SDK as a fault that says what failed and what to
// do about it.
func (a *Account) fault(doing string, err error) error {
	switch text := awserr.Message(err); awserr.KindOf(err) {
	case awserr.Canceled:
		return fault.New(fault.Internal, "interrupted while %s: %w", doing, context.Canceled)
	case awserr.Expired:
		return &ExpiredCredentialsError{fault.New(fault.Access, "the AWS credentials expired while %s: log in again (aws sso login, or new keys) and repeat the command", doing)}
	case awserr.InvalidCredentials:
		return fault.New(fault.Access, "the AWS credentials are not valid (%s): check them with aws sts get-caller-identity", text)
	case awserr.NoCredentials:
		return fault.New(fault.Access, "no AWS credentials were found while %s: log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", doing)
	case awserr.Denied:
		return fault.New(fault.Access, "not permitted while %s: %s; ask the administrator of the account for that permission", doing, text)
	case awserr.Throttled:
		return &transientError{fault.New(fault.Deploy, "AWS is busy while %s: %s; repeat the command in a minute", doing, text)}
	case awserr.Unreachable:
		return &transientError{fault.New(fault.Access, "AWS in %s cannot be reached while %s: %s; check the network and the region", a.Region, doing, awserr.Cause(err))}
	default:
		return fault.New(fault.Deploy, "%s failed: %s", doing, text)
	}
}

// ExpiredCredentialsError is the fault of credentials that expired while a
// command was running.
type ExpiredCredentialsError struct{ err error }

// Error returns one line that says what to do.
func (e *ExpiredCredentialsError) Error() string { return e.err.Error() }

// Unwrap returns the fault.
func (e *ExpiredCredentialsError) Unwrap() error { return e.err }

// CredentialsExpired reports whether err is an ExpiredCredentialsError.
func CredentialsExpired(err error) bool {
	_, ok := errors.AsType[*ExpiredCredentialsError](err)
	return ok
}

// transientError is a fault that may be gone when the call is repeated.
type transientError struct{ error }

func (e *transientError) Unwrap() error { return e.error }

// Transient reports whether the call that returned err may succeed later.
func Transient(err error) bool {
	_, ok := errors.AsType[*transientError](err)
	return ok
}
