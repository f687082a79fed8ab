//go:build e2e

package mp4

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// shapes are files of every shape that ffmpeg writes, by its arguments.
func shapes() map[string][]string {
	f := strings.Fields
	return map[string][]string{
		"faststart":             f("-c:v libx264 -bf 2 -c:a aac -movflags faststart"),
		"moov last":             f("-c:v libx264 -bf 2 -c:a aac"),
		"no B-frames":           f("-c:v libx264 -bf 0 -c:a aac"),
		"open GOP":              f("-c:v libx264 -bf 3 -x264-params open-gop=1:keyint=20 -c:a aac"),
		"no edit list":          f("-c:v libx264 -bf 2 -c:a aac -use_editlist 0"),
		"negative offsets":      f("-c:v libx264 -bf 2 -c:a aac -movflags negative_cts_offsets"),
		"fragmented":            f("-c:v libx264 -bf 2 -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof"),
		"fragmented, delayed":   f("-c:v libx264 -bf 2 -c:a aac -movflags frag_keyframe+delay_moov+default_base_moof"),
		"fragmented, offsets":   f("-c:v libx264 -bf 2 -c:a aac -movflags frag_keyframe+empty_moov"),
		"fragmented, no tfhd":   f("-c:v libx264 -bf 2 -c:a aac -movflags frag_keyframe+empty_moov+omit_tfhd_offset"),
		"hybrid":                f("-c:v libx264 -bf 2 -c:a aac -movflags frag_keyframe"),
		"CMAF":                  f("-c:v libx264 -bf 2 -c:a aac -movflags cmaf+frag_keyframe"),
		"every frame":           f("-c:v libx264 -bf 2 -an -movflags frag_every_frame+empty_moov+default_base_moof+negative_cts_offsets"),
		"separate moof":         f("-c:v libx264 -bf 2 -c:a aac -movflags separate_moof+frag_keyframe+empty_moov"),
		"global sidx":           f("-c:v libx264 -bf 2 -c:a aac -movflags dash+global_sidx+frag_keyframe"),
		"MPEG-2":                f("-c:v mpeg2video -bf 2 -g 12 -c:a mp2"),
		"MPEG-1, MP3":           f("-c:v mpeg1video -g 12 -c:a libmp3lame"),
		"HEVC, E-AC-3":          f("-c:v libx265 -x265-params log-level=error:bframes=3 -tag:v hvc1 -c:a eac3"),
		"HEVC hev1, AC-3":       f("-c:v libx265 -x265-params log-level=error:bframes=3 -tag:v hev1 -c:a ac3"),
		"delayed sound":         f("-c:v libx264 -bf 2 -c:a aac -af adelay=0 -output_ts_offset 1.5"),
		"29.97":                 f("-r 30000/1001 -c:v libx264 -bf 2 -c:a aac"),
		"small timescale":       f("-video_track_timescale 25 -c:v libx264 -bf 2 -c:a aac -movie_timescale 25"),
		"several languages":     f("-map 0 -map 1 -map 1 -c:v libx264 -c:a aac -metadata:s:a:0 language=deu -metadata:s:a:1 language=fra"),
		"VFR":                   f("-vf select='not(mod(n\\,3))+not(mod(n\\,7))' -fps_mode vfr -c:v libx264 -bf 2 -c:a aac"),
		"sound only":            f("-map 1 -c:a aac"),
		"unsupported sound":     f("-c:v libx264 -c:a libopus -strict -2"),
		"QuickTime sound 1":     f("-f mov -c:v libx264 -bf 2 -c:a aac"),
		"QuickTime, MPEG-2 GOP": f("-f mov -c:v mpeg2video -bf 2 -g 12 -c:a mp2"),
		"QuickTime PCM":         f("-f mov -c:v libx264 -bf 2 -c:a pcm_s16le"),
		"QuickTime timecode":    f("-f mov -timecode 10:00:00:00 -c:v libx264 -bf 2 -c:a aac"),
	}
}

func TestFFmpeg(t *testing.T) {
	for name, args := range shapes() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out.mp4")
			in := strings.Fields("-y -v error -f lavfi -i testsrc2=s=160x96:r=25:d=4 -f lavfi -i sine=r=48000:d=4.1")
			ffmpeg(t, append(append(in, args...), path))
			compare(t, path)
		})
	}
}

// TestFFmpegCopies compares files that copying makes: cuts leave edit lists behind.
func TestFFmpegCopies(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join(dir, "source.mp4")
	ffmpeg(t, strings.Fields("-y -v error -f lavfi -i testsrc2=s=160x96:r=25:d=6 -f lavfi -i sine=r=44100:d=6 -c:v libx264 -bf 3 -g 30 -c:a aac "+source))
	for i, args := range []string{
		"-ss 1.7 -i SRC -c copy",
		"-ss 1.7 -t 2.33 -i SRC -c copy",
		"-i SRC -ss 1.7 -c copy",
		"-i SRC -itsoffset 0.5 -i SRC -map 0:v -map 1:a -c copy",
		"-itsoffset 0.7331 -i SRC -i SRC -map 0:v -map 1:a -c copy",
		"-ss 1.7 -i SRC -c copy -movflags frag_keyframe+empty_moov",
		"-itsoffset 0.5 -i SRC -i SRC -map 0:v -map 1:a -c copy -movflags frag_keyframe+delay_moov",
		"-t 2.345 -i SRC -c copy",
		"-i SRC -c copy -bsf:v setts=ts=TS+100000",
	} {
		t.Run(args, func(t *testing.T) {
			path := filepath.Join(dir, fmt.Sprintf("copy%d.mp4", i))
			ffmpeg(t, append([]string{"-y", "-v", "error"}, append(strings.Fields(strings.ReplaceAll(args, "SRC", source)), path)...))
			compare(t, path)
		})
	}
}

func ffmpeg(t *testing.T, args []string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %v: %v\n%s", args, err, out)
	}
}

// compare opens the file at path and holds it against what ffprobe says.
func compare(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	stat, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(file, stat.Size())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(f.Asset.Notes)
	tracks := f.Asset.Audio
	if f.Asset.Video != nil {
		tracks = append([]*media.Track{f.Asset.Video}, tracks...)
	}
	raw, edited := probe(t, path, "-ignore_editlist", "1"), probe(t, path)
	for _, tr := range tracks {
		lift := comparePackets(t, tr, raw[tr.ID])
		compareShown(t, tr, edited[tr.ID], lift)
	}
}

// comparePackets compares every access unit, edit lists aside. It returns by how
// much ffprobe moves all PTS up, which it does in fragmented files with negative offsets.
func comparePackets(t *testing.T, tr *media.Track, packets []packet) (lift int64) {
	t.Helper()
	if len(packets) != len(tr.Units) {
		t.Fatalf("track %d: %d units, ffprobe has %d", tr.ID, len(tr.Units), len(packets))
	}
	shift := packets[0].DTS - tr.Units[0].DTS
	lift = packets[0].PTS - tr.Units[0].PTS()
	if shift > 0 || lift < 0 {
		t.Fatalf("track %d: times are %d and %d off ffprobe's", tr.ID, shift, lift)
	}
	for i, u := range tr.Units {
		p := packets[i]
		sync := strings.HasPrefix(p.Flags, "K")
		if p.pos() != u.Offset || p.size() != u.Size() || p.DTS != u.DTS+shift || p.PTS != u.PTS()+lift || sync != u.RandomAccess() {
			t.Fatalf("track %d, sample %d: %+v, ffprobe %+v", tr.ID, i+1, u, p)
		}
	}
	return lift
}

// compareShown compares the units that are shown and when.
func compareShown(t *testing.T, tr *media.Track, packets []packet, lift int64) {
	t.Helper()
	shown := map[int64]int64{}
	for _, p := range packets {
		if len(p.Flags) < 2 || p.Flags[1] != 'D' {
			shown[p.pos()] = p.PTS
		}
	}
	shift := int64(-1)
	for i, u := range tr.Units {
		pts, want := shown[u.Offset]
		if u.PTS() < tr.From || u.PTS() >= tr.To {
			if want {
				t.Logf("track %d (%d..%d), unit %d of %d at %d is shown by ffprobe only", tr.ID, tr.From, tr.To, i, len(tr.Units), u.PTS())
			}
			continue
		}
		at := tr.Start + u.PTS() - tr.From + lift
		if shift < 0 {
			shift = at - pts // Where an edit begins within a picture, ffprobe moves the next one up.
		}
		if !want || at != pts+shift || shift < 0 || shift >= tr.Duration(i) {
			t.Fatalf("track %d (%d..%d at %d), unit %d of %d is shown at %d, by ffprobe %v at %d", tr.ID, tr.From, tr.To, tr.Start, i, len(tr.Units), at, want, pts)
		}
	}
}

type packet struct {
	Stream    int   `json:"stream_index"`
	PTS       int64 `json:"pts"`
	DTS       int64 `json:"dts"`
	Duration  int64 `json:"duration"`
	Size, Pos string
	Flags     string `json:"flags"`
}

func (p packet) size() int  { n, _ := strconv.Atoi(p.Size); return n }
func (p packet) pos() int64 { n, _ := strconv.ParseInt(p.Pos, 10, 64); return n }

// probe returns the packets of each track_ID.
func probe(t *testing.T, path string, args ...string) map[uint32][]packet {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", append(args, "-v", "error", "-of", "json", "-show_packets", "-show_streams", path)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Packets []packet
		Streams []struct{ ID string }
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	tracks := map[uint32][]packet{}
	for _, p := range doc.Packets {
		id, err := strconv.ParseUint(doc.Streams[p.Stream].ID, 0, 32)
		if err != nil {
			t.Fatal(err)
		}
		tracks[uint32(id)] = append(tracks[uint32(id)], p)
	}
	return tracks
}
