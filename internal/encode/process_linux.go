package encode

import (
	"os/exec"
	"syscall"
)

// killWithParent has the process, with its children, killed when its context is
// done, and killed by the system when this program ends. Its own process group
// keeps Ctrl-C in a terminal from it: this program decides.
func killWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
