package fault_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestKindIsTheOutermost(t *testing.T) {
	inner := fault.New(fault.Changed, "movie.mp4 changed: %w", fs.ErrInvalid)
	cases := map[string]struct {
		err  error
		want fault.Kind
	}{
		"no fault":        {fs.ErrInvalid, fault.Internal},
		"no error":        {nil, fault.Internal},
		"plain":           {inner, fault.Changed},
		"wrapped":         {fmt.Errorf("track 1: %w", inner), fault.Changed},
		"wrapped anew":    {fault.New(fault.Media, "track 1: %w", inner), fault.Media},
		"among others":    {errors.Join(fs.ErrClosed, inner), fault.Changed},
		"given a kind":    {fault.Of(fault.Source, fs.ErrInvalid), fault.Source},
		"keeps its kind":  {fault.Of(fault.Source, inner), fault.Changed},
		"the first joins": {errors.Join(inner, fault.New(fault.Usage, "no")), fault.Changed},
	}
	for name, c := range cases {
		if got := fault.KindOf(c.err); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
	if !errors.Is(inner, fs.ErrInvalid) || inner.Error() != "movie.mp4 changed: invalid argument" {
		t.Errorf("%v", inner)
	}
}

func TestReason(t *testing.T) {
	for want, err := range map[string]error{
		"file does not exist":  fmt.Errorf("x: %w", &fs.PathError{Op: "open", Path: "a", Err: fs.ErrNotExist}),
		"file already exists":  &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", fs.ErrExist)},
		"x: permission denied": fmt.Errorf("x: %w", fs.ErrPermission),
	} {
		if got := fault.Reason(err).Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
