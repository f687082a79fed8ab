package clocksync

import (
	"strings"
	"testing"
	"time"
)

func TestParseTracking(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       State
	}{
		{
			"with a reference",
			"C0248F97,ntp.example,2,1795723968.559931373,-0.000006523,0.000005000,0.000020000,-1.2,0.001,0.02,0.010000000,0.001000000,64.2,Normal\n",
			State{Source: "chrony", Synchronized: true, Offset: 6523 * time.Nanosecond, Error: 6 * time.Millisecond},
		},
		{
			"its own clock, as chrony 4.3 says it",
			"7F7F0101,,10,1795723968.559931373,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,0.000000000,0.000000000,0.0,Normal\n",
			State{Source: "chrony"},
		},
		{
			"without sources",
			"00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n",
			State{Source: "chrony", Error: 1500 * time.Millisecond},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := parseTracking(c.text); err != nil || got != c.want {
				t.Errorf("it is %+v (%v)\nwant  %+v", got, err, c.want)
			}
		})
	}
	for _, text := range []string{"", "506 Cannot talk to daemon\n", "1,2,3\n", strings.Repeat("x,", 13) + "Normal\n", strings.Repeat("NaN,", 13) + "Normal\n", strings.Repeat("1e300,", 13) + "Normal\n"} {
		if s, err := parseTracking(text); err == nil {
			t.Errorf("%q is taken as %+v", text, s)
		}
	}
}

func TestExchange(t *testing.T) {
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	// The other clock is 5 s ahead; the question takes 30 ms, the work 7 ms, the answer 10 ms.
	got := Exchange(at, at.Add(5*time.Second+30*time.Millisecond), at.Add(5*time.Second+37*time.Millisecond), at.Add(47*time.Millisecond))
	if got.Offset != 5*time.Second+10*time.Millisecond || got.Error != 20*time.Millisecond {
		t.Errorf("it measures %+v", got)
	}
}

func TestJudge(t *testing.T) {
	const bound = 200 * time.Millisecond
	good, none := State{Source: "chrony", Synchronized: true, Offset: time.Millisecond}, State{Source: "kernel"}
	far := State{Source: "chrony", Synchronized: true, Offset: 900 * time.Millisecond, Error: 100 * time.Millisecond}
	for _, c := range []struct {
		name  string
		state State
		peers []Peer
		want  string
	}{
		{"with a reference, whatever others have", good, []Peer{{Offset: time.Hour, Synchronized: true}}, ""},
		{"far from its reference", far, nil, "is 900ms from its reference, of which chrony knows, and receivers take 200ms"},
		{"perhaps far", State{Source: "chrony", Synchronized: true, Offset: 250 * time.Millisecond, Error: 100 * time.Millisecond}, nil, ""},
		{"alone without a reference", none, nil, ""},
		{"two without one", none, []Peer{{Offset: time.Hour}}, ""},
		{"beside one with a reference", none, []Peer{{Offset: time.Second, Synchronized: true}}, "is 1s behind that of nodes with a reference, and receivers take 200ms"},
		{"beside one far away", none, []Peer{{Offset: time.Second, Error: 900 * time.Millisecond, Synchronized: true}}, ""},
		{
			"against the most", none,
			[]Peer{{Offset: -time.Second}, {Offset: -1100 * time.Millisecond}, {Offset: time.Hour}},
			"is 1s ahead of that of most nodes, and receivers take 200ms",
		},
		{"with the most", none, []Peer{{Offset: time.Millisecond}, {Offset: time.Hour}, {Offset: -time.Millisecond}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Judge(c.state, c.peers, bound); got != c.want {
				t.Errorf("it says %q\nwant    %q", got, c.want)
			}
		})
	}
}

func TestRead(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // No chrony.
	t.Logf("the clock %v", Read(t.Context()))
}
