package monitor

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"github.com/lilo-live/lilo/internal/fault"
)

// ReadFile measures a transport stream in a file, or on standard input for "-",
// to its end or until ctx is done. The report is valid beside an error too.
func ReadFile(ctx context.Context, path string, opts Options) (Report, error) {
	if opts.Source == "" {
		opts.Source = path
	}
	file := os.Stdin
	if path != "-" {
		var err error
		if file, err = os.Open(path); err != nil {
			return Report{}, fault.New(fault.Source, "%w: give the path of a transport stream, or rtp:// or udp://", err)
		}
		defer file.Close()
	}
	a := NewAnalyzer(opts)
	err := copyTo(ctx, a, bufio.NewReaderSize(file, 1<<20))
	switch {
	case err != nil:
		return a.Report(), fault.New(fault.Source, "reading %s: %w", path, err)
	case a.packets == 0:
		return a.Report(), notTS(path)
	default:
		return a.Report(), nil
	}
}

// copyTo measures what r holds.
func copyTo(ctx context.Context, a *Analyzer, r io.Reader) error {
	buf := make([]byte, 1<<17)
	for ctx.Err() == nil {
		n, err := r.Read(buf)
		a.Packets(buf[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	a.flush()
	return nil
}

func notTS(what string) error {
	return fault.New(fault.Stream, "%s is not an MPEG transport stream: no packets of 188 bytes that begin with 0x47 were found", what)
}
