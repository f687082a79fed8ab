package source

// errorKind classifies fetch errors by what can be done about them.
type errorKind int

const (
	// temporary: the network or the server may be better at the next attempt.
	temporary errorKind = iota
	// refused: the server does not serve the object, or the name is wrong.
	// Opening fails at once; a channel on air keeps asking, because a credential
	// may be renewed.
	refused
	// unknownHost: the host name has no address. It is refused, unless the cache
	// is complete: a machine without a network resolves no names.
	unknownHost
	// changed: the object was replaced or removed.
	changed
	// notModified: the object is the one in the cache, and nothing was sent.
	notModified
	// noSpace: the cache could not be written.
	noSpace
)

// fetchError is why an object's bytes did not arrive.
type fetchError struct {
	kind errorKind
	// reason is a sentence without its subject, the object: "answers 404 Not Found: …".
	reason string
}

func (e *fetchError) Error() string { return e.reason }
