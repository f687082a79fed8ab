//go:build !linux

package encode

import "os/exec"

// killWithParent does nothing on this system: if this program is killed, ffmpeg
// runs to its end.
func killWithParent(*exec.Cmd) {}
