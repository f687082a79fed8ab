#!/bin/sh
# Makes internal/clip/clip.mp4, the clip that `lilo run` plays when no source is
# given: exactly 10 s of 1280x720 at 25 fps, H.264 High with closed GOPs of 1 s
# and two B pictures, and AAC-LC stereo at 48 kHz. Needs Go, and ffmpeg with
# libx264. One thread and no dates, so that one version of ffmpeg always makes
# the same file.
set -eu
cd "$(dirname "$0")"
out=$(pwd)/../internal/clip/clip.mp4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd clip && go build -o "$work/clip" .)
"$work/clip" sound >"$work/clip.pcm"
"$work/clip" picture | ffmpeg -v error -y -fflags +bitexact \
	-f rawvideo -pixel_format yuv420p -video_size 1280x720 -framerate 25 -i - \
	-f s16le -ar 48000 -ac 2 -i "$work/clip.pcm" \
	-map 0:v -map 1:a -map_metadata -1 \
	-c:v libx264 -preset veryslow -tune animation -profile:v high -level 3.1 -threads 1 \
	-b:v 680k -maxrate 800k -bufsize 800k \
	-x264-params keyint=25:min-keyint=25:scenecut=0:open-gop=0:bframes=2:b-pyramid=none:ref=3:aq-mode=3:aq-strength=1.2 \
	-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv \
	-bsf:v filter_units=remove_types=6 \
	-c:a aac -b:a 128k -flags +bitexact \
	-metadata:s:a:0 language=eng \
	-movflags +faststart -f mp4 "$work/clip.mp4"
mkdir -p "$(dirname "$out")"
mv "$work/clip.mp4" "$out"
