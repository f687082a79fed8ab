package auth

// Error is why a signature is refused, in AWS's words. Its HTTP status is 403.
type Error struct {
	// Code is the error type, such as InvalidSignatureException.
	Code string
	// Message is for people.
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// incomplete is the error for a signature whose form is wrong.
func incomplete(text string) *Error { return &Error{"IncompleteSignatureException", text} }

// invalid is the error for a signature that does not match the request or its time.
func invalid(text string) *Error { return &Error{"InvalidSignatureException", text} }
