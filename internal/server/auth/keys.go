package auth

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// Keys maps access key ids to secret access keys.
type Keys map[string]string

// minSecret is the least number of characters of a secret access key.
const minSecret = 16

// ReadKeys reads a file of key pairs in the form of AWS's credentials file, so that
// a client can use a copy of it. Errors are of kind Usage.
func ReadKeys(path string) (Keys, error) {
	return readSecrets(path, parseKeys)
}

func parseKeys(text string) (Keys, error) {
	keys := make(Keys)
	section := keyPair{line: 1}
	err := eachLine(text, "#;", func(line string, number int) error {
		if line[0] != '[' {
			return section.set(line, number)
		}
		err := section.addTo(keys)
		section = keyPair{line: number}
		return err
	})
	if err == nil {
		err = section.addTo(keys)
	}
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, fault.New(fault.Usage, "it has no key pair: lilo serve add-key makes one")
	}
	return keys, nil
}

// keyPair is a section of the file; line is where it begins.
type keyPair struct {
	line       int
	id, secret string
}

func (p *keyPair) set(line string, number int) error {
	name, value, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok {
		return fault.New(fault.Usage, "line %d: expected name = value", number) // The line may be a secret.
	}
	switch name {
	case "aws_access_key_id":
		p.id = value
	case "aws_secret_access_key":
		p.secret = value
	case "aws_session_token":
		return fault.New(fault.Usage, "line %d: temporary credentials are not supported", number)
	}
	return nil
}

func (p *keyPair) addTo(keys Keys) error {
	switch {
	case p.id == "" && p.secret == "":
		return nil
	case p.id == "":
		return fault.New(fault.Usage, "line %d: this section has no aws_access_key_id", p.line)
	case strings.ContainsFunc(p.id, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }):
		return fault.New(fault.Usage, "line %d: an access key id has letters and digits only", p.line)
	case len(p.secret) < minSecret:
		return fault.New(fault.Usage, "line %d: a secret has %d characters or more", p.line, minSecret)
	case keys[p.id] != "":
		return fault.New(fault.Usage, "line %d: %s is defined twice", p.line, p.id)
	}
	keys[p.id] = p.secret
	return nil
}

// NewKey returns a new key pair and its section in a file, with that name.
func NewKey(name string) (id, secret, section string) {
	id = "LILO" + rand.Text()[:16]
	random := make([]byte, 30)
	_, _ = rand.Read(random) // It never fails.
	secret = base64.StdEncoding.EncodeToString(random)
	return id, secret, fmt.Sprintf("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", name, id, secret)
}
