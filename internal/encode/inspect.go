package encode

import (
	"fmt"
	"os"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mp4"
)

// inspect looks at what ffmpeg does not tell of an MP4. It returns the address at which
// ffmpeg reads the file: of a recording behind the first one, ffmpeg would take the
// samples for those of the first. An encrypted file is an error, because ffmpeg would
// decode it to noise without one.
func inspect(path string) (address string, notes []media.Note, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", nil, fault.New(fault.Source, "%s cannot be opened: %w", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", nil, fault.New(fault.Source, "%s cannot be opened: %w", path, err)
	}
	if kind := mp4.EncryptedFormat(f, info.Size()); kind != "" {
		return "", nil, fault.New(fault.Media, "it is encrypted (%s), and LILO has no keys: use the unencrypted file", kind)
	}
	end, notes := mp4.BeyondFFmpeg(f, info.Size())
	if end < info.Size() {
		return fmt.Sprintf("subfile,,start,0,end,%d,,:%s", end, path), notes, nil
	}
	return "file:" + path, notes, nil
}
