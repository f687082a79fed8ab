package loop

import "github.com/lilo-live/lilo/internal/fault"

// The bounds of a lap. Planning takes time and memory in proportion to the
// length of a lap and to the pictures in a second of it, whatever the file's
// size: a few damaged bytes in its tables must not ask for a year of silence.
const (
	maxSeconds     = 72 * 3600
	maxPictureRate = 1000 // pictures a second on average; HEVC ends at 300 (A.4.2)
	// A lap of more than sparseSeconds must have a picture a minute on average.
	sparseSeconds  = 3600
	pictureSeconds = 60
)

// retime is what helps against wrong times.
const retime = "if its times are wrong, write it again with the right ones: ffmpeg -r 25 -i IN OUT.mp4"

// checkBounds reports a lap that is too long or too short to be planned.
func (l *Loop) checkBounds() error {
	seconds := l.Length.Seconds()
	if seconds > maxSeconds {
		return fault.New(fault.Media, "the lap lasts %.0f hours, more than the %d that can repeat: cut the file, or %s", seconds/3600, maxSeconds/3600, retime)
	}
	if l.Video == nil {
		return nil
	}
	id, n := l.Video.Track.ID, l.Video.Len()
	if float64(n) > seconds*maxPictureRate {
		return fault.New(fault.Media, "video track %d has %d pictures in %.3g s, more than %d a second: %s", id, n, seconds, maxPictureRate, retime)
	}
	if seconds > max(sparseSeconds, float64(n)*pictureSeconds) {
		return fault.New(fault.Media, "video track %d has %d pictures in %.1f hours, less than one a minute: %s", id, n, seconds/3600, retime)
	}
	return nil
}
