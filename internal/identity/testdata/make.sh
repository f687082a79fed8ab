#!/bin/sh
# Makes the inputs in inputs/ again with ffmpeg 5.1 (libx264, libx265, libmp3lame).
# Another build of ffmpeg makes other bytes, and so other sums: the committed
# files are the inputs, and this script documents how they were made.
set -eu
cd "$(dirname "$0")/inputs"

video='-f lavfi -i testsrc2=size=128x72:duration=3:rate='
tone='-f lavfi -i sine=frequency=440:duration=3:sample_rate='
avc='-c:v libx264 -preset veryfast -threads 1 -pix_fmt yuv420p -crf 34'
hevc='-c:v libx265 -preset ultrafast -pix_fmt yuv420p -crf 36 -x265-params log-level=error:pools=1:frame-threads=1'
aac='-c:a aac -b:a 48k'

# write NAME ARGUMENTS: all files are reproducible with one build of ffmpeg.
write() {
	name=$1
	shift
	# shellcheck disable=SC2086 # The arguments are words.
	ffmpeg -nostdin -v error -y $* -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1 "$name.mp4"
}

write avc-open-gop "${video}25 ${tone}48000 $avc -g 25 -x264-params open-gop=1:bframes=3:b-pyramid=normal $aac"
write avc-29.97-aac-44100 "${video}30000/1001 ${tone}44100 $avc -g 30 -bf 2 $aac"
write hevc-hvc1 "${video}25 ${tone}48000 $hevc:open-gop=0:keyint=25 -tag:v hvc1 $aac"
write hevc-hev1-open-gop "${video}24000/1001 ${tone}48000 $hevc:open-gop=1:keyint=24 -tag:v hev1 $aac"
write mpeg2-mp2 "${video}25 ${tone}48000 -c:v mpeg2video -b:v 150k -g 12 -bf 2 -c:a mp2 -b:a 64k"
write ac3-59.94 "${video}60000/1001 ${tone}48000 $avc -c:a ac3 -b:a 96k"
write eac3-16.67 "${video}50/3 ${tone}48000 $avc -c:a eac3 -b:a 64k"
write mp3-10 "${video}10 ${tone}44100 $avc -c:a libmp3lame -b:a 64k"
write aac-5.1 "${video}30 ${tone}48000 $avc -c:a aac -ac 6 -b:a 128k"
write three-sounds "${video}25 ${tone}48000 ${tone}44100 ${tone}32000 -map 0 -map 1 -map 2 -map 3 $avc -c:a:0 aac -b:a:0 48k -c:a:1 ac3 -b:a:1 64k -c:a:2 mp2 -b:a:2 64k
	-metadata:s:a:0 language=fra -metadata:s:a:1 language=deu"
write hevc-two-aac "${video}50 ${tone}48000 ${tone}48000 -map 0 -map 1 -map 2 $hevc:keyint=50 $aac"
write sound-only-aac "${tone}48000 $aac"
write sound-only-mp2 "${tone}32000 -c:a mp2 -b:a 64k"
write picture-only "${video}25 $avc -bf 0"
write fragmented "${video}25 ${tone}48000 $avc -g 25 $aac -movflags frag_keyframe+empty_moov+default_base_moof"
write edit-delayed-sound "${video}25 -itsoffset 0.3 ${tone}48000 $avc $aac"
write edit-delayed-picture "-itsoffset 0.21 ${video}25 ${tone}48000 $avc $aac"
write variable-rate "${video}30 ${tone}48000 -vf select=not(mod(n\\,7))+not(mod(n\\,3)) -fps_mode vfr $avc $aac"
write sound-short "${video}25 ${tone}48000 -af atrim=duration=1 $avc $aac"
write sound-long "${video}25 ${tone}48000 -vf trim=duration=2 $avc $aac"
write sound-short-ac3 "${video}25 ${tone}48000 -af atrim=duration=1 $avc -c:a ac3 -b:a 64k"
write interlaced "${video}50 ${tone}48000 -vf interlace $avc -flags +ildct+ilme -x264opts tff=1 $aac"
write tiny "${video}24 ${tone}48000 $avc -bf 0 -frames:v 24 $aac -t 1"
write fifth-of-a-second "${video}25 ${tone}48000 $avc $aac -t 0.2"
write one-picture "${video}25 $avc -frames:v 1"
write avc3 "${video}25 ${tone}48000 $avc -g 25 -tag:v avc3 -bsf:v dump_extra $aac"
write faststart-long-gop "-f lavfi -i testsrc2=size=128x72:duration=10:rate=60 ${tone}48000 $avc -g 600 -sc_threshold 0 $aac -movflags faststart"
write hrd-cbr "${video}25 ${tone}48000 $avc -b:v 400k -minrate 400k -maxrate 400k -bufsize 200k -nal-hrd cbr $aac -t 2"
write breaks-its-level "-f lavfi -i nullsrc=size=96x64:duration=2:rate=25 ${tone}48000 -vf geq=random(1)*255:128:128 $avc -g 12 -crf 20 -level 1 $aac -t 1.2"
write not-playable "${video}25 ${tone}48000 -c:v mpeg4 -b:v 60k -c:a libopus -b:a 32k -t 1"

# copy SOURCE NAME ARGUMENTS cuts one of the files above without encoding it again.
copy() {
	from=$1
	name=$2
	shift 2
	# shellcheck disable=SC2086 # The arguments are words.
	ffmpeg -nostdin -v error -y $1 -i "$from.mp4" $2 -c copy -fflags +bitexact -map_metadata -1 "$name.mp4"
}

write avc-422-10-bit "${video}25 ${tone}48000 -ac 2 ${avc%-pix_fmt*} -crf 34 -pix_fmt yuv422p10le -x264-params cqm=jvt $aac -t 2"
write avc-intra "${video}25 $avc -g 1 -t 1"
write hevc-10-bit-hrd "${video}25 ${tone}48000 ${hevc%-pix_fmt*} -pix_fmt yuv420p10le -crf 36 -x265-params log-level=error:pools=1:frame-threads=1:scaling-list=default:hrd=1:vbv-maxrate=200:vbv-bufsize=200:repeat-headers=1 $aac -t 2"
write ac3-5.1-short "${video}25 ${tone}48000 -af atrim=duration=1 $avc -c:a ac3 -ac 6 -b:a 192k"
write eac3-5.1-short "${video}25 ${tone}48000 -af atrim=duration=1 $avc -c:a eac3 -ac 6 -b:a 160k -t 2"
write mp2-stereo-short "${video}25 ${tone}44100 -af atrim=duration=1 -c:v mpeg2video -b:v 100k -g 15 -bf 2 -flags +cgop -c:a mp2 -ac 2 -b:a 96k -t 2"
write mpeg2-interlaced "${video}30000/1001 ${tone}48000 -c:v mpeg2video -b:v 100k -g 15 -bf 2 -flags +ildct+ilme -top 1 -c:a ac3 -b:a 64k -t 2"
write quicktime "${video}25 ${tone}48000 $avc $aac -metadata:s:a:0 language=eng -f mov -t 2"
write cmaf "${video}25 ${tone}48000 $avc -g 25 $aac -movflags cmaf+separate_moof+global_sidx -frag_duration 500000"
copy avc-open-gop avc-begins-with-leading-pictures "-ss 1" "-t 2"
copy hevc-hev1-open-gop hevc-begins-with-leading-pictures "-ss 1.001" "-t 2"
copy avc-29.97-aac-44100 edit-cut-in-a-gop "-ss 0.5" "-t 1.7"
