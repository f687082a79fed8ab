package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// stateFormat is the version of the format of state files.
const stateFormat = 1

// state is the content of a state file: the version of the object, and the
// blocks that have been written and synced.
type state struct {
	Format  int     `json:"format"`
	Version version `json:"version"`
	// Block is the size of a block in bytes.
	Block int          `json:"block"`
	Have  []blockRange `json:"have"`
	// Sum is the CRC-32 (IEEE) of the fields above.
	Sum uint32 `json:"sum"`
}

var errState = errors.New("the state of the cache entry is damaged")

func (s state) sum() uint32 {
	return crc32.ChecksumIEEE(fmt.Appendf(nil, "%d %q %q %d %d %v", s.Format, s.Version.Tag, s.Version.Modified, s.Version.Size, s.Block, s.Have))
}

func (s state) marshal() ([]byte, error) {
	s.Format, s.Block = stateFormat, blockSize
	s.Sum = s.sum()
	return json.Marshal(s)
}

// parseState parses a state file. It rejects one that is not consistent.
func parseState(text []byte) (state, error) {
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return state{}, errState
	}
	if s.Format != stateFormat || s.Block != blockSize || s.Version.Size < 0 || s.Sum != s.sum() {
		return state{}, errState
	}
	last := 0
	for _, r := range s.Have {
		if r[0] < last || r[1] <= r[0] || r[1] > blocksOf(0, s.Version.Size)[1] {
			return state{}, errState
		}
		last = r[1]
	}
	return s, nil
}

func (s state) complete() bool {
	return s.Version.Size == 0 || len(s.Have) == 1 && s.Have[0] == blocksOf(0, s.Version.Size)
}
