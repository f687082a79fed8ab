package resource

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/lilo-live/lilo/internal/medialive"
)

// overlay fills into, a pointer to an SDK type, with the members of the
// documents; of those that several have, the last wins as a whole.
func overlay(into any, documents ...any) error {
	members := map[string]json.RawMessage{}
	for _, document := range documents {
		data, err := medialive.Marshal(document)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(data, &members); err != nil {
			return err
		}
	}
	data, err := json.Marshal(members)
	if err != nil {
		return err
	}
	return medialive.Unmarshal(data, into)
}

// digest tells requests with the same token apart that ask for different things.
func digest(request any) (string, error) {
	data, err := medialive.Marshal(request)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
