package encode

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzProbe reads what ffprobe says of a file that somebody made.
func FuzzProbe(f *testing.F) {
	f.Add([]byte(`{"streams":[{"index":0,"codec_name":"h264","codec_type":"video","width":64,"height":64,"avg_frame_rate":"25/1","r_frame_rate":"25/1","sample_aspect_ratio":"1:1"},{"index":1,"codec_type":"audio","channels":2}],"format":{"format_name":"mov,mp4","duration":"2.0","start_time":"0.0"}}`), 50, 0.0, 2.0)
	f.Add([]byte(`{"streams":[{"codec_type":"video","width":-1,"height":99999999,"avg_frame_rate":"0/0","sample_aspect_ratio":"0:1"}],"format":{"duration":"NaN"}}`), 1, -1.0, 1e300)
	f.Fuzz(func(t *testing.T, answer []byte, packets int, start, end float64) {
		var p ffprobeOutput
		if json.Unmarshal(answer, &p) != nil {
			return
		}
		spans := make([]span, len(p.Streams))
		for i := range spans {
			spans[i] = span{packets: packets, start: start, end: end}
		}
		in, err := p.input(spans)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		if !(in.length() > 0) || in.length() > maxSeconds {
			t.Errorf("a lap of %v s", in.length())
		}
	})
}
