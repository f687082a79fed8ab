//go:build !unix

package source

import "os"

// stamper tells an open file's stamp.
type stamper struct{ f *os.File }

func newStamper(f *os.File) (*stamper, error) { return &stamper{f}, nil }

func (s *stamper) stamp() (stamp, error) {
	info, err := s.f.Stat()
	if err != nil {
		return stamp{}, err
	}
	return stamp{info.Size(), info.ModTime().UnixNano()}, nil
}
