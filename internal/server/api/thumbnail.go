package api

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/resource"
)

func (h *handler) describeThumbnails(ctx context.Context, c *call) (any, error) {
	if _, err := h.registry.Status(c.id); err != nil {
		return nil, err
	}
	pipeline := strings.TrimPrefix(c.query.Get("pipelineId"), "PIPELINE_")
	if pipeline != "0" && pipeline != "1" {
		return nil, resource.Refuse(resource.BadRequest, "pipelineId is 0 or 1, not %q", pipeline)
	}
	if kind := c.query.Get("thumbnailType"); kind != string(types.ThumbnailTypeCurrentActive) && kind != string(types.ThumbnailTypeUnspecified) {
		return nil, resource.Refuse(resource.BadRequest, "thumbnailType is CURRENT_ACTIVE, not %q", kind)
	}
	out := sdk.DescribeThumbnailsOutput{ThumbnailDetails: []types.ThumbnailDetail{}}
	b := h.registry.Broadcast(c.id, int(pipeline[0]-'0'))
	if b == nil || h.o.Snap == nil {
		return out, nil
	}
	jpeg, err := h.o.Snap(ctx, b)
	if err != nil {
		return nil, failedSnap(ctx, err)
	}
	if len(jpeg) > 0 {
		out.ThumbnailDetails = append(out.ThumbnailDetails, detail(pipeline, jpeg))
	}
	return out, nil
}

// failedSnap says what became of a picture: ffmpeg is not part of us.
func failedSnap(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return resource.Refuse(resource.BadGateway, "The picture could not be made: %v", err)
}

func detail(pipeline string, jpeg []byte) types.ThumbnailDetail {
	body, kind, now := base64.StdEncoding.EncodeToString(jpeg), "image/jpeg", time.Now().UTC()
	return types.ThumbnailDetail{PipelineId: &pipeline, Thumbnails: []types.Thumbnail{{
		Body: &body, ContentType: &kind, ThumbnailType: types.ThumbnailTypeCurrentActive, TimeStamp: &now,
	}}}
}
