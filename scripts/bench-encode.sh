#!/bin/bash
# The processor that a channel takes which loops a mezzanine, and the one that
# ffmpeg takes which encodes the same settings live, over and over. Not a part
# of make bench yet: ./scripts/bench-encode.sh [SECONDS], after make build.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-30}
clip=internal/clip/clip.mp4
how=avc,rateControlMode=CBR,bitrate=4M
to=udp://127.0.0.1:59999
TIMEFORMAT='%U %S'

spent() { # the seconds of processor time of a command
	{ time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ print $1 + $2 }'
}

bin/lilo probe "$clip" --encode "$how" >/dev/null # Encodes it, where that was not done.
lilo=$(spent bin/lilo run "$clip" --encode "$how" --to "$to" --for "${seconds}s")
live=$(spent ffmpeg -nostdin -re -stream_loop -1 -i "$clip" -t "$seconds" \
	-c:v libx264 -b:v 4M -maxrate 4M -bufsize 4M -g 50 -bf 2 \
	-x264-params nal-hrd=cbr:b-adapt=0:b-pyramid=none:scenecut=0 \
	-c:a aac -b:a 128k -f mpegts -muxrate 4600000 "$to?pkt_size=1316")
awk -v a="$lilo" -v b="$live" -v s="$seconds" 'BEGIN {
	printf "LILO, looping the mezzanine  %6.2f %% of a core\n", 100 * a / s
	printf "ffmpeg, encoding live        %6.2f %% of a core\n", 100 * b / s
	printf "ratio                        1 : %.0f\n", b / a
}'
