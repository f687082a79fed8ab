package outputs_test

import (
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/outputs"
)

func TestEverySchemeOpens(t *testing.T) {
	var to []channel.Destination
	for _, s := range channel.Schemes() {
		d, err := channel.ParseDestination(s.Name + "://127.0.0.1:9")
		if err != nil {
			t.Fatal(err)
		}
		to = append(to, d)
	}
	all, err := outputs.Open(t.Context(), to, output.Stream{})
	if err != nil || len(all) != len(to) {
		t.Fatalf("%d outputs, %v", len(all), err)
	}
	for i, o := range all {
		if want := to[i].Scheme + "://127.0.0.1:9"; o.URL() != want || o.Packets() != channel.MaxPackets {
			t.Errorf("%s with %d packets, want %s", o.URL(), o.Packets(), want)
		}
	}
	if err := outputs.Close(all); err != nil {
		t.Error(err)
	}
}

func TestAllOrNone(t *testing.T) {
	to := []channel.Destination{{Scheme: "udp", Host: "127.0.0.1", Port: 9, Packets: 7}, {Scheme: "nosuch", Host: "127.0.0.1", Port: 9, Packets: 7}}
	if all, err := outputs.Open(t.Context(), to, output.Stream{}); all != nil || fault.KindOf(err) != fault.Destination {
		t.Errorf("%v, %v", all, err)
	}
}
