package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/source"
)

// encodeHere encodes the source on this machine and deploys the result in its place.
func (r *deployRun) encodeHere(ctx context.Context) error {
	file := filepath.Join(r.work, "encoded.mp4")
	s := r.spec
	s.Encode = r.encoding
	if err := r.encode(ctx, s, file); err != nil {
		return err
	}
	r.encodedFrom, r.spec.Source = r.spec.Source, file
	return nil
}

// encodeTo encodes the source of a spec and writes the mezzanine to a file.
func encodeTo(ctx context.Context, s channel.Spec, file string, o player.Options) error {
	src, err := source.Open(ctx, s.Source, o.Source)
	if err != nil {
		return err
	}
	mezzanine, err := encode.OpenMezzanine(ctx, src, s.Source, s.Encode, o.Encoding)
	if err != nil {
		return errors.Join(err, src.Close())
	}
	defer mezzanine.Close()
	out, err := os.Create(file)
	if err == nil {
		_, err = io.Copy(out, io.NewSectionReader(mezzanine, 0, mezzanine.Size()))
		err = errors.Join(err, out.Close())
	}
	if err != nil {
		return fault.New(fault.Destination, "%s cannot be written: %w", file, fault.Reason(err))
	}
	return nil
}
