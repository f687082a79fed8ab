//go:build unix

package cdk

import (
	"os/exec"
	"syscall"
)

// separate keeps the signals of the terminal from a program: it gives it a process
// group of its own, all of which is interrupted when its context is done.
func separate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
