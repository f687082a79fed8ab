package resource

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// Code is the name of one of MediaLive's exceptions.
type Code string

// MediaLive's exceptions, with the HTTP status each is answered with.
const (
	BadRequest    Code = "BadRequestException"          // 400
	Forbidden     Code = "ForbiddenException"           // 403
	NotFound      Code = "NotFoundException"            // 404
	Conflict      Code = "ConflictException"            // 409
	Unprocessable Code = "UnprocessableEntityException" // 422
	TooMany       Code = "TooManyRequestsException"     // 429
	Internal      Code = "InternalServerErrorException" // 500
	BadGateway    Code = "BadGatewayException"          // 502
	Timeout       Code = "GatewayTimeoutException"      // 504
)

// Refusal is a call that was not done; nothing has changed.
type Refusal struct { //nolint:errname // A refusal is what it is: the answer to a call.
	Code    Code
	Message string
	// Elements are the members that are wrong, of an Unprocessable.
	Elements []types.ValidationError
}

func (r *Refusal) Error() string { return r.Message }

// Refuse returns a Refusal; format and args are those of fmt.Sprintf.
func Refuse(code Code, format string, args ...any) error {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the refusal in err's chain, Internal where there is none.
func CodeOf(err error) Code {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Code
	}
	return Internal
}

// invalid refuses a document for what is wrong with its members. The message
// is that of the first, as MediaLive's is.
func invalid(elements ...types.ValidationError) error {
	return &Refusal{Code: Unprocessable, Message: *elements[0].ErrorMessage, Elements: elements}
}

// element says what is wrong with a member.
func element(path, format string, args ...any) types.ValidationError {
	text := fmt.Sprintf(format, args...)
	return types.ValidationError{ElementPath: &path, ErrorMessage: &text}
}
