package encode

import "syscall"

// dieTogether keeps Ctrl-C from reaching the process past this program, and
// the process from living on when this program is killed.
func dieTogether() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
