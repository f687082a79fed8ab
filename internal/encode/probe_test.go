package encode

import (
	"testing"
)

func TestParseProbe(t *testing.T) {
	const text = `{"streams":[
		{"index":0,"codec_type":"video","width":500,"height":500,"disposition":{"attached_pic":1}},
		{"index":1,"codec_type":"video","width":720,"height":576,"sample_aspect_ratio":"16:15","field_order":"tt",
		 "avg_frame_rate":"25/1","r_frame_rate":"50/1","duration":"4.000000","start_time":"1.5",
		 "side_data_list":[{"rotation":-90}]},
		{"index":2,"codec_type":"audio","channels":6,"tags":{"language":"deu"}}],
		"format":{"duration":"5.0","start_time":"1.0"}}`
	s, err := parseProbe([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := videoInfo{index: 1, width: 576, height: 720, aspect: ratio{15, 16}, rate: ratio{25, 1}, seconds: 4, start: 0.5, interlaced: true}
	if *s.video != want || len(s.audio) != 1 || s.audio[0] != (audioInfo{2, 6, "deu"}) {
		t.Errorf("%+v %+v", *s.video, s.audio)
	}
	for _, bad := range []string{"", "{}", `{"streams":[{"codec_type":"audio","channels":2}]}`, `{"streams":[{"codec_type":"video"}]}`} {
		if _, err := parseProbe([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
