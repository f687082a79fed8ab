package source

import (
	"context"

	"github.com/lilo-live/lilo/internal/fault"
)

func openS3(_ context.Context, name string, _ Options) (Source, error) {
	return nil, fault.New(fault.Usage, "%s: s3 is not read yet", Display(name))
}
