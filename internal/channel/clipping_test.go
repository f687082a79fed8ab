package channel

import "testing"

func TestClipping(t *testing.T) {
	for _, c := range []struct {
		clipping Clipping
		want     string
	}{
		{Clipping{}, ""},
		{Clipping{Start: "00:00:10:00", Stop: "23:59:59;29"}, ""},
		{Clipping{Start: "00:00:10:00", Stop: "00:00:10:00", IncludeLast: true}, ""},
		{Clipping{Start: "00:00:10:00", Stop: "00:00:10:00"}, "no picture is left: it stops at 00:00:10:00, and starts at 00:00:10:00"},
		{Clipping{Start: "00:01:00:00", Stop: "00:00:59:24", IncludeLast: true}, "no picture is left: it stops at 00:00:59:24, and starts at 00:01:00:00"},
		{Clipping{Start: "10 s"}, `"10 s" is not a timecode: write HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame counting`},
		{Clipping{Stop: "00:60:00:00"}, `"00:60:00:00" is not a timecode: the last second of a day is 23:59:59`},
	} {
		got := ""
		if err := c.clipping.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.clipping, got, c.want)
		}
	}
	if at, err := (Clipping{Start: "01:02:03;04"}).StartTimecode(); err != nil || *at != (Timecode{1, 2, 3, 4, true}) {
		t.Errorf("%+v, %v", at, err)
	}
}
