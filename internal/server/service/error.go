package service

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
)

// Code is the name of an exception of MediaLive, or of the gateway in front of it.
type Code string

// The exceptions. [Code.Status] has the HTTP status of each.
const (
	BadRequest    Code = "BadRequestException"
	Forbidden     Code = "ForbiddenException"
	NotFound      Code = "NotFoundException"
	Conflict      Code = "ConflictException"
	TooLarge      Code = "RequestEntityTooLargeException"
	Unprocessable Code = "UnprocessableEntityException"
	TooMany       Code = "TooManyRequestsException"
	Internal      Code = "InternalServerErrorException"
	BadGateway    Code = "BadGatewayException"
	Timeout       Code = "GatewayTimeoutException"
	// MissingAuthenticationToken is what the gateway says of a path that does not exist.
	MissingAuthenticationToken Code = "MissingAuthenticationTokenException"
)

// Status returns the HTTP status of an exception.
func (c Code) Status() int {
	return cmp.Or(map[Code]int{
		BadRequest:                 http.StatusBadRequest,
		Forbidden:                  http.StatusForbidden,
		MissingAuthenticationToken: http.StatusForbidden,
		NotFound:                   http.StatusNotFound,
		Conflict:                   http.StatusConflict,
		TooLarge:                   http.StatusRequestEntityTooLarge,
		Unprocessable:              http.StatusUnprocessableEntity,
		TooMany:                    http.StatusTooManyRequests,
		BadGateway:                 http.StatusBadGateway,
		Timeout:                    http.StatusGatewayTimeout,
	}[c], http.StatusInternalServerError)
}

// Error is why a call was refused. Nothing has changed.
type Error struct {
	Code    Code
	Message string
	// Elements are the invalid members, for Unprocessable.
	Elements []types.ValidationError
}

func (e *Error) Error() string { return e.Message }

// Status returns the HTTP status of the error.
func (e *Error) Status() int { return e.Code.Status() }

// Errorf returns an Error; format and args are those of fmt.Sprintf.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the Error in err's chain, Internal if there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// maxShown is how many invalid members a message names.
const maxShown = 10

// invalid returns the Error for invalid members. Like MediaLive's, its message has them
// all, since command lines print nothing else: "path text; path text".
func invalid(elements ...types.ValidationError) error {
	var texts []string
	for i, e := range elements {
		path := medialive.ElementPath(*e.ElementPath)
		elements[i].ElementPath = &path
		texts = append(texts, strings.TrimSpace(path+" "+*e.ErrorMessage))
	}
	if n := len(texts) - maxShown; n > 0 {
		texts = append(texts[:maxShown], fmt.Sprintf("and %d more", n))
	}
	return &Error{Code: Unprocessable, Message: strings.Join(texts, "; "), Elements: elements}
}

func invalidMember(path, format string, args ...any) error {
	return invalid(element(path, format, args...))
}

func element(path, format string, args ...any) types.ValidationError {
	text := fmt.Sprintf(format, args...)
	return types.ValidationError{ElementPath: &path, ErrorMessage: &text}
}

// Errors in MediaLive's words.

func noChannel(id string) error { return Errorf(NotFound, "Channel %s not found", id) }
func noInput(id string) error   { return Errorf(NotFound, "Input %s not found", id) }
func noGroup(id string) error   { return Errorf(NotFound, "Input security group %s not found", id) }

func attached(input string) error {
	return Errorf(Conflict, "inputId=%s is already attached", input)
}
