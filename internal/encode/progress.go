package encode

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// Progress is the state of an encoding.
type Progress struct {
	// Fraction is how much of the work is done, 0 to 1.
	Fraction float64
	// Speed is how many seconds of video are encoded per second, 0 if unknown.
	Speed float64
	// Waiting reports that another process encodes.
	Waiting bool
}

// progressReport is one report of ffmpeg's -progress.
type progressReport struct {
	position time.Duration // in the output
	speed    float64
}

// progressWriter reads what ffmpeg writes to -progress: lines of key=value, of
// which the key progress ends a report.
type progressWriter struct {
	handle  func(progressReport)
	partial []byte // a line without its end
	current progressReport
}

// maxProgressLine bounds a line in bytes. Longer ones are cut.
const maxProgressLine = 1 << 10

func (w *progressWriter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		line, after, complete := bytes.Cut(rest, []byte("\n"))
		w.partial = append(w.partial, line[:min(len(line), maxProgressLine-len(w.partial))]...)
		if complete {
			w.parse(string(w.partial))
			w.partial = w.partial[:0]
		}
		rest = after
	}
	return len(p), nil
}

func (w *progressWriter) parse(line string) {
	key, value, _ := strings.Cut(line, "=")
	value = strings.TrimSpace(value)
	switch key {
	case "out_time_us":
		if us, err := strconv.ParseInt(value, 10, 64); err == nil && us > 0 {
			w.current.position = time.Duration(us) * time.Microsecond
		}
	case "speed":
		w.current.speed, _ = strconv.ParseFloat(strings.TrimSuffix(value, "x"), 64)
	case "progress":
		w.handle(w.current)
	}
}
