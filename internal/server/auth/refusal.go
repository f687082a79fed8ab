package auth

// Error is why a request is not answered, in the words of AWS.
type Error struct {
	// Code is the error type, such as InvalidSignatureException.
	Code string
	// Message is for people.
	Message string
}

// Error implements error.
func (r *Error) Error() string { return r.Code + ": " + r.Message }

// Codes of refusals, all of which go with the status 403.
const (
	// MissingToken is a request that is not signed.
	MissingToken = "MissingAuthenticationTokenException"
	// IncompleteSignature is a signature whose form is wrong.
	IncompleteSignature = "IncompleteSignatureException"
	// InvalidSignature is a signature that is not that of the request, or of another time.
	InvalidSignature = "InvalidSignatureException"
	// UnrecognizedClient is an access key that is not known.
	UnrecognizedClient = "UnrecognizedClientException"
)

func missing() *Error {
	return &Error{MissingToken, "Missing Authentication Token"}
}

func incomplete(text string) *Error { return &Error{IncompleteSignature, text} }

func invalid(text string) *Error { return &Error{InvalidSignature, text} }

func unrecognized() *Error {
	return &Error{UnrecognizedClient, "The security token included in the request is invalid."}
}
