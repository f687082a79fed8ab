//go:build amd64 || arm64

package source

import (
	"os"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cachedRead reads from a file what the kernel has in memory (RWF_NOWAIT). Such a read does
// not block, so it is a raw system call: one that the runtime knows of would wake its
// monitor thread.
type cachedRead struct {
	conn syscall.RawConn
	call func(fd uintptr) // bound once, so that a read allocates nothing
	mu   sync.Mutex
	p    unix.Iovec
	off  int64
	n    int
}

func newCachedRead(f *os.File) (*cachedRead, error) {
	conn, err := f.SyscallConn()
	r := &cachedRead{conn: conn}
	r.call = r.preadv2
	return r, err
}

// readAt returns how much it has read, which may be nothing.
func (r *cachedRead) readAt(p []byte, off int64) int {
	if len(p) == 0 {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p.Base, r.off, r.n = &p[0], off, 0
	r.p.SetLen(len(p))
	_ = r.conn.Control(r.call) // It fails if the file is closed, as the next read tells.
	r.p.Base = nil
	return r.n
}

func (r *cachedRead) preadv2(fd uintptr) {
	n, _, err := syscall.RawSyscall6(unix.SYS_PREADV2, fd, uintptr(unsafe.Pointer(&r.p)), 1, uintptr(r.off), 0, unix.RWF_NOWAIT)
	if err == 0 {
		r.n = int(n)
	}
}
