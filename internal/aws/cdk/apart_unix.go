//go:build unix

package cdk

import (
	"os/exec"
	"syscall"
)

// apart keeps the terminal's signals from a program: it gets a process group of
// its own, all of which is told to end when its context is done.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
