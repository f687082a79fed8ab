package encode

import (
	"os/exec"
	"syscall"
)

// dieTogether keeps Ctrl-C from reaching the process past this program, and
// the process and what it started from living on when it is cancelled or this
// program is killed.
func dieTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
