package aws

import (
	"context"
	"errors"
	"testing"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestFaultsSayWhatToDo(t *testing.T) {
	a := &Account{Region: "eu-west-1"}
	cases := []struct {
		err  error
		kind fault.Kind
		want string
	}{
		{answer(403, "ExpiredToken", "The security token included in the request is expired"), fault.Access, "the AWS credentials expired while looking: log in again (aws sso login, or new keys) and repeat the command"},
		{errors.New("refresh cached SSO token failed: token has expired"), fault.Access, "the AWS credentials expired while looking: log in again (aws sso login, or new keys) and repeat the command"},
		{answer(403, "InvalidClientTokenId", "The security token is invalid."), fault.Access, "the AWS credentials are not valid (The security token is invalid): check them with aws sts get-caller-identity"},
		{answer(403, "AccessDenied", "User: x is not authorized\nto perform: y"), fault.Access, "not permitted while looking: User: x is not authorized to perform: y; ask the administrator of the account for that permission"},
		{errors.New("get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found"), fault.Access, "no AWS credentials were found while looking: log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"},
		{answer(429, "TooManyRequestsException", "slow down"), fault.Deploy, "AWS is busy while looking: slow down; repeat the command in a minute"},
		{answer(400, "Throttling", "Rate exceeded"), fault.Deploy, "AWS is busy while looking: Rate exceeded; repeat the command in a minute"},
		{answer(422, "UnprocessableEntityException", "bad"), fault.Deploy, "looking failed: bad"},
		{&smithyhttp.RequestSendError{Err: errors.New("dial tcp: lookup medialive.xx-none-1.amazonaws.com: no such host")}, fault.Access, "AWS in eu-west-1 cannot be reached while looking: dial tcp: lookup medialive.xx-none-1.amazonaws.com: no such host; check the network and the region"},
		{context.Canceled, fault.Internal, "interrupted while looking: context canceled"},
	}
	for _, c := range cases {
		got := a.fault("looking", c.err)
		if got.Error() != c.want || fault.KindOf(got) != c.kind {
			t.Errorf("%d %s\nwant %d %s", fault.KindOf(got), got, c.kind, c.want)
		}
	}
}

func TestExpiredAndTransientFaults(t *testing.T) {
	a := &Account{}
	for _, c := range []struct {
		err                error
		expired, transient bool
	}{
		{answer(403, "ExpiredToken", "x"), true, false},
		{answer(503, "ServiceUnavailable", "x"), false, true},
		{&smithyhttp.RequestSendError{Err: errors.New("x")}, false, true},
		{answer(403, "AccessDenied", "x"), false, false},
	} {
		err := a.fault("looking", c.err)
		if CredentialsExpired(err) != c.expired || Transient(err) != c.transient {
			t.Errorf("%v: expired %v, transient %v", err, CredentialsExpired(err), Transient(err))
		}
	}
}
