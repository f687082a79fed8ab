//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// machineFacts describes the machine without naming it.
func machineFacts(ctx context.Context) []string {
	facts := []string{fmt.Sprintf("%s, %d cores in use", processorModel(), runtime.NumCPU())}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		facts = append(facts, "Linux "+kernelVersion(unix.ByteSliceToString(name.Release[:])))
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		facts = append(facts, fmt.Sprintf("%.0f GB of memory", float64(info.Totalram)*float64(info.Unit)/1e9))
	}
	facts = append(facts, runtime.Version()+" "+runtime.GOARCH)
	for _, tool := range [][]string{
		{"ffmpeg", "-version"}, {"tsp", "--version"}, {"gst-launch-1.0", "--version"},
	} {
		// TSDuck writes its version to the error output.
		out, err := exec.CommandContext(ctx, tool[0], tool[1:]...).CombinedOutput()
		if first, _, _ := strings.Cut(string(out), "\n"); err == nil && first != "" {
			first, _, _ = strings.Cut(first, " Copyright")
			facts = append(facts, strings.TrimPrefix(strings.TrimSpace(first), tool[0]+": "))
		}
	}
	return facts
}

// kernelVersion returns the numbers of a kernel release, without a distributor's suffix.
func kernelVersion(release string) string {
	number, _, _ := strings.Cut(release, "-")
	return number
}

func processorModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
