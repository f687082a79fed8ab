package channel

import (
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestName(t *testing.T) {
	long := strings.Repeat("é", 150)
	cases := map[string]string{
		"":                                   "LILO",
		"movie.mp4":                          "movie",
		"/films/The Movie (1).mp4":           "The Movie (1)",
		"films/movie.final.mp4":              "movie.final",
		"movie":                              "movie",
		".mp4":                               "LILO",
		"..":                                 "LILO",
		"/":                                  "LILO",
		"https://host.example/a/news.mp4?x=": "news",
		"https://host.example/":              "LILO",
		"s3://bucket/films/news.mp4":         "news",
		"ne\x05ws\n.mp4":                     "news",
		"n\xffews.mp4":                       "news",
		long + ".mp4":                        strings.Repeat("é", MaxName/2),
	}
	for source, want := range cases {
		spec := Spec{Source: source, Pacing: DefaultPacing}
		got, err := spec.Complete()
		if err != nil || got.Name != want {
			t.Errorf("%q: got %q (%v), want %q", source, got.Name, err, want)
		}
	}
}

func TestValidateNamesTheKey(t *testing.T) {
	good := func() Spec {
		s, err := Default().Complete()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	cases := map[string]func(*Spec){
		"name: ":    func(s *Spec) { s.Name = "\x00" },
		"to: ":      func(s *Spec) { s.To[0].Packets = 8 },
		"muxrate: ": func(s *Spec) { s.MuxRate = -1 },
		"epoch: ":   func(s *Spec) { s.Epoch = time.Unix(-1, 0) },
		"pacing: ":  func(s *Spec) { s.Pacing = 0 },
		"for: ":     func(s *Spec) { s.For = -1 },
	}
	for prefix, spoil := range cases {
		s := good()
		spoil(&s)
		err := s.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), prefix) || fault.KindOf(err) != fault.Usage {
			t.Errorf("%s got %v", prefix, err)
		}
	}
}

func TestSetTakesOneValue(t *testing.T) {
	s := Default()
	for _, err := range []error{s.Set("muxrate", "6M", "7M"), s.Set("muxrate"), s.Set("speed", "1")} {
		if fault.KindOf(err) != fault.Usage {
			t.Errorf("got %v", err)
		}
	}
	if err := s.Set("to", "rtp://127.0.0.1:1", "rtp://127.0.0.1:2"); err != nil || len(s.To) != 2 {
		t.Errorf("got %v, %v", s.To, err)
	}
}

func TestFormatsAreReadBack(t *testing.T) {
	for _, rate := range []int64{0, MinMuxRate, 6_000_000, 6_500_000, 6_543_210, MaxMuxRate} {
		if got, err := ParseRate(FormatRate(rate)); err != nil || got != rate {
			t.Errorf("%d became %d (%v)", rate, got, err)
		}
	}
	for _, epoch := range []time.Time{{}, time.Unix(0, 0).UTC(), time.Unix(1, 1).UTC()} {
		if got, err := ParseEpoch(FormatEpoch(epoch)); err != nil || !got.Equal(epoch) {
			t.Errorf("%s became %s (%v)", epoch, got, err)
		}
	}
}

func TestRatesAreExact(t *testing.T) {
	cases := map[string]int64{
		"auto": 0, "6M": 6_000_000, "6.1M": 6_100_000, "4.123457M": 4_123_457, "6500k": 6_500_000,
		"0.5M": 500_000, "1000M": 1_000_000_000, "5000001": 5_000_001, "64.5k": 64_500,
	}
	for text, want := range cases {
		if got, err := ParseRate(text); err != nil || got != want {
			t.Errorf("%s: got %d (%v), want %d", text, got, err, want)
		}
	}
}

func TestDestinations(t *testing.T) {
	cases := map[string]Destination{
		"rtp://127.0.0.1:5000":                          {Scheme: "rtp", Host: "127.0.0.1", Port: 5000},
		"udp://host.example:1/":                         {Scheme: "udp", Host: "host.example", Port: 1},
		"RTP://127.0.0.1:5000":                          {Scheme: "rtp", Host: "127.0.0.1", Port: 5000},
		"rtp://239.1.1.1:5000?ttl=255&iface=eth0&pkt=1": {Scheme: "rtp", Host: "239.1.1.1", Port: 5000, TTL: 255, Interface: "eth0", Packets: 1},
		"udp://[::1]:65535":                             {Scheme: "udp", Host: "::1", Port: 65535},
		"udp://[fe80::1%25eth0]:5000?iface=vlan%2E5":    {Scheme: "udp", Host: "fe80::1%eth0", Port: 5000, Interface: "vlan.5"},
		"udp://[fe80::1%eth0]:5000":                     {Scheme: "udp", Host: "fe80::1%eth0", Port: 5000},
		"rtp://[ff02::7%25vlan.5]:5000?pkt=7":           {Scheme: "rtp", Host: "ff02::7%vlan.5", Port: 5000, Packets: 7},
		"rtp://192.0.2.1:5000?dscp=AF41&localport=4000&localaddr=192.0.2.9&sndbuf=65536": {
			Scheme: "rtp", Host: "192.0.2.1", Port: 5000, DSCP: 34, LocalPort: 4000, LocalAddr: "192.0.2.9", SendBuffer: 65536,
		},
		"udp://192.0.2.1:5000?iface=192.0.2.9&dscp=ef":    {Scheme: "udp", Host: "192.0.2.1", Port: 5000, Interface: "192.0.2.9", DSCP: 46},
		"udp://192.0.2.1:5000?iface=fe80%3A%3A1%25eth0":   {Scheme: "udp", Host: "192.0.2.1", Port: 5000, Interface: "fe80::1%eth0"},
		"rtp://239.1.1.1:5000?sap=1&rtcp=yes&mtu=1400":    {Scheme: "rtp", Host: "239.1.1.1", Port: 5000, SAP: true, RTCP: true, MTU: 1400},
		"udp://239.1.1.1:5000?rtcp=1":                     {},
		"rtp://239.1.1.1:65535?rtcp=1":                    {},
		"rtp://239.1.1.1:5000?mtu=100":                    {},
		"udp://192.0.2.1:5000?dscp=CS7":                   {Scheme: "udp", Host: "192.0.2.1", Port: 5000, DSCP: 56},
		"udp://192.0.2.1:5000?dscp=AF44":                  {},
		"udp://192.0.2.1:5000?dscp=64":                    {},
		"udp://192.0.2.1:5000?dscp=CS8":                   {},
		"udp://192.0.2.1:5000?localaddr=eth0":             {},
		"rtp://sender-1.news.example:5000?iface=br%2Flan": {},
	}
	for text, want := range cases {
		got, err := ParseDestination(text)
		if got != want {
			t.Errorf("%s: got %+v (%v), want %+v", text, got, err, want)
		}
		if err != nil {
			continue
		}
		if again, err := ParseDestination(got.String()); again != got {
			t.Errorf("%s: read back as %+v (%v)", got, again, err)
		}
	}
}

// A group may leave by two interfaces; a target given twice is refused.
func TestTheSameTargetTwice(t *testing.T) {
	for text, want := range map[string]string{
		"rtp://239.1.1.1:5000?iface=va rtp://239.1.1.1:5000?iface=vb":       "",
		"rtp://239.1.1.1:5000 rtp://239.1.1.1:5002":                         "",
		"rtp://239.1.1.1:5000 udp://239.1.1.1:5000?ttl=4":                   "to: 239.1.1.1:5000 is given twice",
		"rtp://239.1.1.1:5000?iface=va&ttl=3 udp://239.1.1.1:5000?iface=va": "to: 239.1.1.1:5000?iface=va is given twice",
	} {
		s := Default()
		if err := s.Set("to", strings.Fields(text)...); err == nil && want != "" {
			t.Errorf("%s is accepted", text)
		} else if err != nil && "to: "+err.Error() != want {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
