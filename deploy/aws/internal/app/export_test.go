package app

import (
	"context"

	"github.com/lilo-live/lilo/internal/aws/template"
)

// Stack returns the core stack that the variables say, before the CDK has it.
func Stack(ctx context.Context, getenv func(string) string, out string) (*template.Stack, error) {
	w, err := read(getenv)
	if err != nil {
		return nil, err
	}
	return w.stack(ctx, out)
}
