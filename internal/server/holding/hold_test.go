package holding

import (
	"testing"
	"time"
)

func TestDecide(t *testing.T) {
	const notice = time.Second
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	later := now.Add(notice)
	mine := Hold{Node: "a"}
	playing := Decision{Open: true, Send: true}
	for _, c := range []struct {
		name string
		view View
		want Decision
	}{
		{"nobody's, and not placed here", View{Wanted: true, Place: "b"}, Decision{}},
		{"nobody's, and nowhere placed", View{Wanted: true}, Decision{}},
		{"nobody's, and not wanted", View{Place: "a"}, Decision{}},
		{"nobody's: claim", View{Wanted: true, Place: "a"}, Decision{Open: true, Change: true, Hold: mine}},
		{"held: play", View{Hold: mine, Renewed: true, Wanted: true, Place: "a"}, playing},
		{
			"held before a restart: renew",
			View{Hold: mine, Wanted: true, Place: "a"},
			Decision{Open: true, Send: true, Change: true, Hold: mine},
		},
		{"held, but not wanted: release", View{Hold: mine, Renewed: true, Place: "a"}, Decision{Change: true}},
		{"held, but placed nowhere: release", View{Hold: mine, Renewed: true, Wanted: true}, Decision{Change: true}},
		{
			"held, but placed elsewhere: offer and play",
			View{Hold: mine, Renewed: true, Wanted: true, Place: "b"},
			Decision{Open: true, Send: true, Change: true, Hold: Hold{Node: "a", Next: "b"}},
		},
		{"offered: play", View{Hold: Hold{Node: "a", Next: "b"}, Renewed: true, Wanted: true, Place: "b"}, playing},
		{
			"offered to one that is no longer right: offer to another",
			View{Hold: Hold{Node: "a", Next: "b"}, Renewed: true, Wanted: true, Place: "c"},
			Decision{Open: true, Send: true, Change: true, Hold: Hold{Node: "a", Next: "c"}},
		},
		{
			"offered, but placed here again: withdraw",
			View{Hold: Hold{Node: "a", Next: "b"}, Renewed: true, Wanted: true, Place: "a"},
			Decision{Open: true, Send: true, Change: true, Hold: mine},
		},
		{"offered to this one: open", View{Hold: Hold{Node: "b", Next: "a"}, Wanted: true, Place: "a"}, Decision{Open: true}},
		{"offered, but not wanted", View{Hold: Hold{Node: "b", Next: "a"}, Place: "a"}, Decision{}},
		{
			"opened: agree on an instant",
			View{Hold: Hold{Node: "b", Next: "a"}, Wanted: true, Place: "a", Opened: true},
			Decision{Open: true, Change: true, Hold: Hold{Node: "a", From: later, Before: "b"}},
		},
		{
			"agreed: play from the instant",
			View{Hold: Hold{Node: "a", From: later, Before: "b"}, Renewed: true, Wanted: true, Place: "a"},
			Decision{Open: true, Send: true, From: later},
		},
		{
			"agreed, and already placed elsewhere: first play",
			View{Hold: Hold{Node: "a", From: later, Before: "b"}, Renewed: true, Wanted: true, Place: "c"},
			Decision{Open: true, Send: true, From: later},
		},
		{
			"agreed with another: play until the instant",
			View{Hold: Hold{Node: "b", From: later, Before: "a"}, Wanted: true, Place: "b"},
			Decision{Open: true, Send: true, Until: later},
		},
		{
			"a late sender ends what is its own",
			View{Hold: Hold{Node: "b", From: now, Before: "a"}, Wanted: true, Place: "b"},
			Decision{Open: true, Send: true, Until: now},
		},
		{"handed over", View{Hold: Hold{Node: "b", From: now.Add(-notice), Before: "a"}, Wanted: true, Place: "b"}, Decision{}},
		{"another's", View{Hold: Hold{Node: "b"}, Wanted: true, Place: "a"}, Decision{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.view.Now = now
			if got := Decide("a", c.view, notice); got != c.want {
				t.Errorf("it decides %+v\nwant       %+v", got, c.want)
			}
		})
	}
}

func TestFence(t *testing.T) {
	f := Fence{Lease: 2 * time.Second, Overlap: time.Second}
	if f.Until() != 0 {
		t.Errorf("before the first lease it may send until %v", f.Until())
	}
	f.Renew(10 * time.Second)
	f.Renew(9 * time.Second) // An answer that was overtaken.
	if f.Until() != 13*time.Second {
		t.Errorf("it may send until %v, want 13s", f.Until())
	}
}
