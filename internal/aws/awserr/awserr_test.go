package awserr

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// answer returns an error as the SDK returns it for an answer with that status.
func answer(status int, code, message string) error {
	return &smithy.OperationError{ServiceID: "S", OperationName: "O", Err: &awshttp.ResponseError{
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: &smithy.GenericAPIError{Code: code, Message: message},
		},
	}}
}

func TestKindOf(t *testing.T) {
	send := &smithyhttp.RequestSendError{Err: errors.New("connection refused")}
	for _, c := range []struct {
		err  error
		want Kind
	}{
		{nil, None},
		{fmt.Errorf("x: %w", context.Canceled), Canceled},
		{answer(400, "ExpiredToken", ""), Expired},
		{errors.New("refresh cached SSO token failed: token has expired"), Expired},
		{answer(403, "InvalidClientTokenId", ""), InvalidCredentials},
		{errors.New("get identity: get credentials: no EC2 IMDS role found"), NoCredentials},
		{answer(400, "AccessDeniedException", ""), Denied},
		{answer(401, "", ""), Denied},
		{answer(403, "Whatever", ""), Denied},
		{answer(404, "", ""), NotFound},
		{answer(400, "ParameterNotFound", ""), NotFound},
		{answer(404, "NoSuchUpload", ""), NotFound},
		{answer(400, "ValidationError", "Stack with id x does not exist"), NotFound},
		{answer(400, "ValidationError", "No updates are to be performed."), Refused},
		{answer(400, "ValidationError", "Stack [x] cannot be deleted while in status UPDATE_IN_PROGRESS"), Conflict},
		{answer(409, "ConflictException", ""), Conflict},
		{answer(408, "", ""), Throttled},
		{answer(429, "", ""), Throttled},
		{answer(500, "", ""), Throttled},
		{answer(400, "ThrottlingException", ""), Throttled},
		{answer(503, "SlowDown", ""), Throttled},
		{answer(422, "UnprocessableEntityException", ""), Refused},
		{&smithy.OperationError{Err: send}, Unreachable},
		{&smithy.OperationError{Err: fmt.Errorf("request send failed: %w", errors.New("EOF"))}, Unreachable},
		{errors.New("deserialization failed"), Unknown},
	} {
		if got := KindOf(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
	for k := None; k <= Canceled; k++ {
		if want := k == Throttled || k == Unreachable; k.Transient() != want {
			t.Errorf("kind %d: transient is %v", k, !want)
		}
	}
}

func TestMessage(t *testing.T) {
	for want, err := range map[string]error{
		"User: x is not authorized to do y": answer(403, "AccessDenied", "User: x is not authorized\nto do y."),
		"ParameterNotFound":                 answer(400, "ParameterNotFound", ""),
		"connection refused":                &smithy.OperationError{Err: errors.New("connection\n refused")},
	} {
		if got := Message(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Cause(fmt.Errorf("a: %w", fmt.Errorf("b: %w", errors.New("c")))); got != "c" {
		t.Errorf("cause %q, want c", got)
	}
	if StatusOf(answer(301, "", "")) != 301 || StatusOf(errors.New("x")) != 0 {
		t.Error("the status of the answer is lost")
	}
}
