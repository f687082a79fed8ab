package supervisor

import (
	"reflect"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
)

func TestSplice(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	never := time.Time{}
	pause := func(from, to time.Time) channel.Pause { return channel.Pause{From: from, To: to} }
	cases := map[string]struct{ before, after, want []channel.Pause }{
		"over before":             {[]channel.Pause{pause(at(1), at(2))}, nil, []channel.Pause{pause(at(1), at(2))}},
		"taken out while paused":  {[]channel.Pause{pause(at(1), never)}, nil, []channel.Pause{pause(at(1), at(10))}},
		"still to come":           {[]channel.Pause{pause(at(20), at(30))}, nil, nil},
		"ended by an action":      {[]channel.Pause{pause(at(1), never)}, []channel.Pause{pause(at(1), at(20))}, []channel.Pause{pause(at(1), at(20))}},
		"a new one":               {nil, []channel.Pause{pause(at(20), at(30))}, []channel.Pause{pause(at(20), at(30))}},
		"one that should be past": {nil, []channel.Pause{pause(at(1), at(30))}, []channel.Pause{pause(at(10), at(30))}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := splice(channel.Schedule{Pauses: c.before}, channel.Schedule{Pauses: c.after}, at(10))
			if !reflect.DeepEqual(got.Pauses, c.want) {
				t.Errorf("spliced to %v, not %v", got.Pauses, c.want)
			}
		})
	}
}
