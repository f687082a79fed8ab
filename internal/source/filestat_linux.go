package source

import (
	"os"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fileStat reads an open file's size and modification time, as far as this machine knows them
// (AT_STATX_DONT_SYNC). That does not block, so it is a raw system call, as in [cachedRead].
type fileStat struct {
	conn  syscall.RawConn
	statx func(fd uintptr) // bound once
	mu    sync.Mutex
	stat  unix.Statx_t
	err   error
}

func newFileStat(f *os.File) (*fileStat, error) {
	conn, err := f.SyscallConn()
	s := &fileStat{conn: conn}
	s.statx = func(fd uintptr) {
		const flags, mask = unix.AT_EMPTY_PATH | unix.AT_STATX_DONT_SYNC, unix.STATX_SIZE | unix.STATX_MTIME
		var path byte // an empty string: the file itself
		s.err = nil
		if _, _, err := syscall.RawSyscall6(unix.SYS_STATX, fd, uintptr(unsafe.Pointer(&path)), flags, mask, uintptr(unsafe.Pointer(&s.stat)), 0); err != 0 {
			s.err = err
		}
	}
	return s, err
}

func (s *fileStat) read() (sizeAndTime, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.Control(s.statx); err != nil {
		return sizeAndTime{}, err
	}
	return sizeAndTime{int64(s.stat.Size), s.stat.Mtime.Sec*1e9 + int64(s.stat.Mtime.Nsec)}, s.err
}
