package aws

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

func TestDestinations(t *testing.T) {
	cases := []struct {
		to      string
		aws     channel.AWS
		fec     *channel.FEC
		verdict Result
		want    string
	}{
		{"rtp://203.0.113.7:5000", channel.AWS{}, nil, OK, "rtp://203.0.113.7:5000"},
		{"", channel.AWS{}, nil, Failing, "none is given"},
		{"rtp://127.0.0.1:5000", channel.AWS{}, nil, Failing, "is a loopback address"},
		{"rtp://[::1]:5000", channel.AWS{}, nil, Failing, "is a loopback address"},
		{"rtp://[::ffff:127.0.0.1]:5000", channel.AWS{}, nil, Failing, "is a loopback address"},
		{"rtp://239.1.1.1:5000", channel.AWS{}, nil, Failing, "multicast"},
		{"rtp://255.255.255.255:5000", channel.AWS{}, nil, Failing, "is not an address"},
		{"rtp://169.254.1.1:5000", channel.AWS{}, nil, Failing, "link-local"},
		{"rtp://10.1.2.3:5000", channel.AWS{}, nil, Warning, "private address"},
		{"rtp://100.64.2.3:5000", channel.AWS{}, nil, Warning, "private address"},
		{"rtp://receiver.example:5000", channel.AWS{}, nil, Warning, "is a name"},
		{"rtp://203.0.113.7:5000?ttl=4", channel.AWS{}, nil, Warning, "no such options"},
		{"rtp://203.0.113.7:5000", channel.AWS{Standard: true}, nil, Failing, "1 for a channel of two pipelines"},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5000", channel.AWS{Standard: true}, nil, Failing, "would receive the stream"},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5002", channel.AWS{Standard: true}, nil, OK, ""},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5002", channel.AWS{Standard: true}, &channel.FEC{IncludeFec: "COLUMN"}, Failing, "the column FEC of rtp://203.0.113.7:5000"},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5004", channel.AWS{Standard: true}, &channel.FEC{IncludeFec: "COLUMN"}, OK, ""},
		{"rtp://203.0.113.7:5000 rtp://203.0.113.7:5004", channel.AWS{Standard: true}, &channel.FEC{IncludeFec: "COLUMN_AND_ROW"}, Failing, "the row FEC"},
		{"rtp://203.0.113.7:65534", channel.AWS{}, &channel.FEC{IncludeFec: "COLUMN"}, Failing, "needs port 65536"},
	}
	for _, c := range cases {
		s := channel.Spec{AWS: c.aws, FEC: c.fec}
		for text := range strings.FieldsSeq(c.to) {
			d, err := channel.ParseDestination(text)
			if err != nil {
				t.Fatal(err)
			}
			s.To = append(s.To, d)
		}
		worst := Check{Result: OK}
		for _, got := range CheckDestinations(s) {
			if got.Result == Failing || got.Result == Warning && worst.Result == OK || worst.Text == "" {
				worst = got
			}
		}
		if worst.Result != c.verdict || !strings.Contains(worst.Text, c.want) {
			t.Errorf("%s %+v: %s %q", c.to, c.aws, worst.Result, worst.Text)
		}
	}
}
