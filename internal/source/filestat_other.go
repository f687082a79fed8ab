//go:build !unix

package source

import "os"

// fileStat reads an open file's size and modification time.
type fileStat struct{ f *os.File }

func newFileStat(f *os.File) (*fileStat, error) { return &fileStat{f}, nil }

func (s *fileStat) read() (sizeAndTime, error) {
	info, err := s.f.Stat()
	if err != nil {
		return sizeAndTime{}, err
	}
	return sizeAndTime{info.Size(), info.ModTime().UnixNano()}, nil
}
