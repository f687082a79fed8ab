package auth

// RefusalError is why a request is not answered, in the words of AWS.
type RefusalError struct {
	// Code is the error type, such as InvalidSignatureException.
	Code string
	// Message is for people.
	Message string
}

// Error implements error.
func (r *RefusalError) Error() string { return r.Code + ": " + r.Message }

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

func missing() *RefusalError {
	return &RefusalError{MissingToken, "Missing Authentication Token"}
}

func incomplete(text string) *RefusalError { return &RefusalError{IncompleteSignature, text} }

func invalid(text string) *RefusalError { return &RefusalError{InvalidSignature, text} }

func unrecognized() *RefusalError {
	return &RefusalError{UnrecognizedClient, "The security token included in the request is invalid."}
}
