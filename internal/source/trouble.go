package source

// kind sorts what can go wrong by what can be done about it.
type kind int

const (
	// passing: try again; the network or the server may be better then.
	passing kind = iota
	// refused: the server does not want to, or cannot be meant. Who opens a
	// source is told at once; a channel on air keeps asking, for a credential
	// may be renewed.
	refused
	// unknown: the name leads to no machine. It is refused, unless all is here:
	// a machine without a network knows no names.
	unknown
	// changed: the object is another than it was, or gone.
	changed
	// same: the object is as it was, so there is nothing to send.
	same
	// full: there is no room to keep it in.
	full
)

// trouble is why an object's bytes did not come.
type trouble struct {
	kind kind
	// why is a sentence without its subject, the object: "answers 404 Not Found: …".
	why string
}

// Error implements error.
func (t *trouble) Error() string { return t.why }
