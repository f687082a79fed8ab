package mp4

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/fault"
)

// damaged returns an error about a file that contradicts itself. The text says
// what is wrong and where.
func damaged(format string, args ...any) error {
	return fault.New(fault.Media, "%s: the file is damaged; get it again, or repair it with ffmpeg -i IN -c copy OUT.mp4", fmt.Sprintf(format, args...))
}
