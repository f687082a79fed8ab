package encode

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"
)

// Progress is how far an encoding is.
type Progress struct {
	// Fraction is how much of the work is done, 0 to 1.
	Fraction float64
	// Speed is how many seconds of pictures are encoded in a second, 0 when not known.
	Speed float64
	// Waiting says that another process encodes.
	Waiting bool
}

// position is one report of ffmpeg's -progress.
type position struct {
	at    time.Duration // of the output
	speed float64
}

// readPositions reads what ffmpeg writes to -progress (key=value lines, a
// report of which ends with the key progress) until its end.
func readPositions(r io.Reader, tell func(position)) {
	var p position
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		value = strings.TrimSpace(value)
		switch key {
		case "out_time_us":
			if us, err := strconv.ParseInt(value, 10, 64); err == nil && us > 0 {
				p.at = time.Duration(us) * time.Microsecond
			}
		case "speed":
			p.speed, _ = strconv.ParseFloat(strings.TrimSuffix(value, "x"), 64)
		case "progress":
			tell(p)
		}
	}
	_, _ = io.Copy(io.Discard, r) // A line that is too long must not block ffmpeg.
}
