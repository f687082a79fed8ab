package auth

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// Keys are secret access keys by their access key ids.
type Keys map[string]string

// ReadKeys reads a file of key pairs, which has the form of AWS's own file of
// credentials: sections of aws_access_key_id and aws_secret_access_key. A
// client may so be given a copy. Faults are of kind Usage.
func ReadKeys(path string) (Keys, error) {
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(string(text))
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", path, err)
	}
	return keys, nil
}

func parseKeys(text string) (Keys, error) {
	keys := make(Keys)
	section := pair{line: 1}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
			continue
		case line[0] == '[':
			if err := section.into(keys); err != nil {
				return nil, err
			}
			section = pair{line: i + 1}
			continue
		}
		if err := section.set(line, i+1); err != nil {
			return nil, err
		}
	}
	if err := section.into(keys); err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, fault.New(fault.Usage, "there is no key pair in it: lilo serve add-key makes one")
	}
	return keys, nil
}

// pair is a section of the file.
type pair struct {
	line       int
	id, secret string
}

func (p *pair) set(line string, number int) error {
	name, value, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok {
		return fault.New(fault.Usage, "line %d: a name = value is wanted here", number) // The line may be a secret.
	}
	switch name {
	case "aws_access_key_id":
		p.id = value
	case "aws_secret_access_key":
		p.secret = value
	case "aws_session_token":
		return fault.New(fault.Usage, "line %d: temporary credentials are not taken", number)
	}
	return nil
}

// minSecret is the shortest secret that is taken, in characters: shorter ones can be guessed.
const minSecret = 16

func (p *pair) into(keys Keys) error {
	switch {
	case p.id == "" && p.secret == "":
		return nil
	case p.id == "":
		return fault.New(fault.Usage, "line %d: this section has no aws_access_key_id", p.line)
	case strings.ContainsFunc(p.id, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }):
		return fault.New(fault.Usage, "line %d: an access key id has letters and digits", p.line)
	case len(p.secret) < minSecret:
		return fault.New(fault.Usage, "line %d: a secret has %d characters or more", p.line, minSecret)
	case keys[p.id] != "":
		return fault.New(fault.Usage, "line %d: %s is there twice", p.line, p.id)
	}
	keys[p.id] = p.secret
	return nil
}

// NewKey returns a key pair of its own, and the section of that name which
// holds it in a file.
func NewKey(name string) (id, secret, section string) {
	id = "LILO" + rand.Text()[:16]
	random := make([]byte, 30)
	_, _ = rand.Read(random) // It never fails.
	secret = base64.StdEncoding.EncodeToString(random)
	return id, secret, fmt.Sprintf("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", name, id, secret)
}
