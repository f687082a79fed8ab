package encode

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"
)

// parse returns what ffprobe's JSON says of streams whose packets cover four
// seconds from 1.5 s on.
func parse(text string) (inputInfo, error) {
	var p ffprobeOutput
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return inputInfo{}, err
	}
	spans := make([]span, len(p.Streams))
	for i := range spans {
		spans[i] = span{packets: 100, start: 1.5, last: 5.46, end: 5.5}
	}
	return p.input(spans)
}

func TestProbeOutput(t *testing.T) {
	s, err := parse(`{"streams":[
		{"index":0,"codec_type":"video","codec_name":"mjpeg","width":500,"height":500,"duration":"4.0","disposition":{"attached_pic":1}},
		{"index":1,"id":"0x7","codec_type":"video","width":720,"height":576,"sample_aspect_ratio":"16:15","field_order":"bb",
		 "avg_frame_rate":"25/1","r_frame_rate":"50/1","duration":"3.500000","start_time":"1.5","pix_fmt":"yuv420p",
		 "side_data_list":[{"rotation":-90,"displaymatrix":"\n00000000:            0      -65536           0\n00000001:        65536           0           0\n00000002:            0           0  1073741824\n"}]},
		{"index":2,"codec_type":"audio","channels":6,"start_time":"1.0","duration":"2.0","tags":{"language":"deu"}},
		{"index":3,"codec_type":"subtitle","codec_name":"mov_text","start_time":"1.0","duration":"4.0"}],
		"format":{"format_name":"mov,mp4,m4a","duration":"5.0","start_time":"1.0"}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := videoInfo{
		index: 1, id: 7, width: 576, height: 720, aspect: ratio{15, 16}, rate: ratio{25, 1}, base: ratio{50, 1}, packets: 100,
		seconds: 4, start: 1.5, interlaced: true, bottomFirst: true, turned: true, format: "yuv420p",
	}
	if !reflect.DeepEqual(*s.video, want) || !s.seekable {
		t.Errorf("%+v", *s.video)
	}
	if len(s.audio) != 1 || s.audio[0] != (audioInfo{index: 2, id: 3, channels: 6, language: "deu", start: 1.5, seconds: 4, clock: 1}) {
		t.Errorf("%+v", s.audio)
	}
	if len(s.others) != 2 || s.others[0] != (otherStream{1, "cover art", "mjpeg"}) || s.others[1] != (otherStream{4, "subtitles", "mov_text"}) {
		t.Errorf("%+v", s.others)
	}
	if s.promised != 4 {
		t.Errorf("%v s are promised", s.promised)
	}
	for _, bad := range []string{
		"", "{}", `{"streams":[{"codec_type":"video"}]}`, `{"streams":[{"codec_type":"data"}]}`,
		`{"streams":[{"codec_type":"video","width":16384,"height":16384}]}`,
	} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestPackets holds what packets say of a stream that begins inside a GOP, has
// pictures that an edit list hides, and a gap.
func TestPackets(t *testing.T) {
	p := packetScanner{spans: []span{{key: math.NaN(), video: true}, {key: math.NaN()}}}
	for _, part := range []string{
		"0,0.00,0.04,__\n0,0.2,0.04,K_\n0,0.16,0.04,__\n0,0.24,0.0", "4,_D\n", "0,N/A,N/A,K_\n7,1,1,K_\nrubbish\n1,0.5,0.02,K_\n", "1,0.52,0.02,K_\n0,0.28,0.04,__\n1,1.0,0.02,K_\n1,1.05,N/A,K_\n",
	} {
		if n, err := p.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	v, a := p.spans[0], p.spans[1]
	if v.early != 2 || !slices.Equal(v.times, []float64{0.2, 0.28}) {
		t.Errorf("%d before pictures at %v", v.early, v.times)
	}
	if v.packets != 3 || v.start != 0.2 || math.Abs(v.length(1)-0.12) > 1e-9 {
		t.Errorf("video %+v", v)
	}
	if a.packets != 4 || a.start != 0.5 || math.Abs(a.gaps-0.46) > 1e-9 || math.Abs(a.length(0.02)-0.57) > 1e-9 {
		t.Errorf("audio %+v, %v", a, a.length(0.02))
	}
}
