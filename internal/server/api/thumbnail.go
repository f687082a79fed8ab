package api

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/service"
)

// describeThumbnails returns a picture of what a pipeline shows now.
func (h *handler) describeThumbnails(ctx context.Context, in *sdk.DescribeThumbnailsInput) (*sdk.DescribeThumbnailsOutput, error) {
	id := aws.ToString(in.ChannelId)
	if _, err := h.service.Channels.Status(id); err != nil {
		return nil, err
	}
	pipeline := strings.TrimPrefix(aws.ToString(in.PipelineId), "PIPELINE_")
	if pipeline != "0" && pipeline != "1" {
		return nil, service.Errorf(service.BadRequest, "pipelineId must be 0 or 1, not %q", pipeline)
	}
	if kind := aws.ToString(in.ThumbnailType); kind != string(types.ThumbnailTypeCurrentActive) && kind != string(types.ThumbnailTypeUnspecified) {
		return nil, service.Errorf(service.BadRequest, "thumbnailType must be CURRENT_ACTIVE, not %q", kind)
	}
	p := h.service.Channels.Playback(id, int(pipeline[0]-'0'))
	if p == nil || h.o.Thumbnail == nil {
		return nil, noThumbnails()
	}
	jpeg, err := h.o.Thumbnail(ctx, p)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, service.Errorf(service.BadGateway, "The thumbnail cannot be made: %v", err)
	case len(jpeg) == 0:
		return nil, noThumbnails()
	}
	return &sdk.DescribeThumbnailsOutput{ThumbnailDetails: []types.ThumbnailDetail{{PipelineId: &pipeline, Thumbnails: []types.Thumbnail{{
		Body: aws.String(base64.StdEncoding.EncodeToString(jpeg)), ContentType: aws.String("image/jpeg"),
		ThumbnailType: types.ThumbnailTypeCurrentActive, TimeStamp: aws.Time(time.Now().UTC()),
	}}}}}, nil
}

// noThumbnails is the answer while a channel does not run.
func noThumbnails() error { return service.Errorf(service.NotFound, "There are no thumbnails") }
