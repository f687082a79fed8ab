package aws

import (
	"context"
	"errors"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/fault"
)

// callError is the fault of a call that failed, with the kind of the SDK's error.
type callError struct {
	error
	kind awserr.Kind
}

func (e *callError) Unwrap() error { return e.error }

// CredentialsExpired reports whether err is that of a call whose credentials
// expired while a command was running.
func CredentialsExpired(err error) bool {
	e, ok := errors.AsType[*callError](err)
	return ok && e.kind == awserr.Expired
}

// Transient reports whether the call that returned err may succeed later.
func Transient(err error) bool {
	e, ok := errors.AsType[*callError](err)
	return ok && e.kind.Transient()
}

// Conflicts reports whether the state of a resource did not permit the call that
// returned err.
func Conflicts(err error) bool {
	e, ok := errors.AsType[*callError](err)
	return ok && e.kind == awserr.Conflict
}

// fault returns an error of the SDK as a fault that says what failed and what to
// do about it.
func (a *Account) fault(doing string, err error) error {
	kind := awserr.KindOf(err)
	return &callError{a.faultOf(kind, doing, err), kind}
}

func (a *Account) faultOf(kind awserr.Kind, doing string, err error) error {
	switch text := awserr.Message(err); kind {
	case awserr.Canceled:
		return fault.New(fault.Internal, "interrupted while %s: %w", doing, context.Canceled)
	case awserr.Expired:
		return fault.New(fault.Access, "the AWS credentials expired while %s: log in again (aws sso login, or new keys) and repeat the command", doing)
	case awserr.InvalidCredentials:
		return fault.New(fault.Access, "the AWS credentials are not valid (%s): check them with aws sts get-caller-identity", text)
	case awserr.NoCredentials:
		return fault.New(fault.Access, "no AWS credentials were found while %s: log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", doing)
	case awserr.Denied:
		return fault.New(fault.Access, "not permitted while %s: %s; ask the administrator of the account for that permission", doing, text)
	case awserr.Throttled:
		return fault.New(fault.Deploy, "AWS is busy while %s: %s; repeat the command in a minute", doing, text)
	case awserr.Unreachable:
		return fault.New(fault.Access, "AWS in %s cannot be reached while %s: %s; check the network and the region", a.Region, doing, awserr.Cause(err))
	default:
		return fault.New(fault.Deploy, "%s failed: %s", doing, text)
	}
}
