package cli

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/channel"
)

// released is the version of LILO's module that this program was built from,
// empty where that was a checkout.
func released() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "(devel)" || strings.Contains(info.Main.Version, "+dirty") {
		return ""
	}
	return info.Main.Version
}

// say tells a person what is done next.
func (w *deploying) say(format string, args ...any) {
	if w.d.json {
		w.jsonLine(map[string]any{"type": "step", "text": fmt.Sprintf(format, args...)})
		return
	}
	fmt.Fprintf(w.out, format+"\n", args...)
}

// settle waits until CloudFormation has done with a stack, showing what it does.
func (w *deploying) settle(ctx context.Context, s aws.Stack) (aws.Stack, []aws.Event, error) {
	follow, err := w.account.Follow(ctx, s.ID)
	if err != nil {
		return s, nil, err
	}
	show := w.showing(w.d)
	defer show.close()
	s, err = w.account.WaitForStack(ctx, s.ID, follow, show.tell)
	return s, show.events, err
}

// showing shows events of stacks: a line for each resource that is done, and on
// a terminal what is worked on below.
type showing struct {
	*Program

	d       deployment
	live    *timedLine
	events  []aws.Event
	working []aws.Event // in the order in which they began
	done    int
}

func (p *Program) showing(d deployment) *showing {
	return &showing{Program: p, d: d, live: p.timedLine()}
}

func (s *showing) tell(e aws.Event) {
	s.events = append(s.events, e)
	if s.d.json {
		s.jsonLine(struct {
			Type string `json:"type"`
			aws.Event
		}{"event", e})
		return
	}
	began := s.began(e)
	switch {
	case e.Over():
		s.done++
	case began.IsZero():
		s.working = append(s.working, e)
	}
	s.underway()
	if e.Over() {
		s.live.Print(s.eventText(e, began))
	}
}

// began returns when the work on a resource that an event tells of began, and
// forgets it when it is over.
func (s *showing) began(e aws.Event) time.Time {
	for i, other := range s.working {
		if other.Path == e.Path {
			if e.Over() {
				s.working = append(s.working[:i:i], s.working[i+1:]...)
			}
			return other.At
		}
	}
	return time.Time{}
}

// eventText is a resource that is done, on a line.
func (s *showing) eventText(e aws.Event, began time.Time) string {
	mark := s.out.paint(green, "✓")
	if e.Failed() {
		mark = s.out.paint(red, "✗")
	}
	text := fmt.Sprintf("  %s %s %s %s", mark, e.Path, strings.TrimPrefix(e.Type, "AWS::"), e.Status)
	if took := e.At.Sub(began); !began.IsZero() && took >= time.Second {
		text += " after " + clock(took)
	}
	if e.Failed() && e.Reason != "" {
		text += ": " + e.Reason
	}
	return strings.Map(visibleOrEscape, text)
}

// visibleOrEscape keeps the escapes of the colours, which AWS's texts have none of.
func visibleOrEscape(r rune) rune {
	if r == 0x1b {
		return r
	}
	return printable(r)
}

// underway shows what is worked on: the resource that takes longest, not the
// stacks that hold it.
func (s *showing) underway() {
	for _, e := range s.working {
		if !e.Nested() {
			s.live.set(fmt.Sprintf("%d done, now %s (%s)", s.done, e.Path, strings.ToLower(strings.TrimSuffix(e.Status, "_IN_PROGRESS"))))
			return
		}
	}
	s.live.set(fmt.Sprintf("%d done", s.done))
}

func (s *showing) close() { s.live.close() }

// result says what there is now, and how to watch it.
func (w *deploying) result() error {
	if w.d.json {
		w.jsonLine(struct {
			Type   string    `json:"type"`
			Region string    `json:"region"`
			Stack  aws.Stack `json:"stack"`
		}{"result", w.account.Region, w.stack})
		return nil
	}
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "stack\t%s in %s: %s\n", w.stack.Name, w.account.Region, w.stack.Status)
	for _, o := range w.stack.Outputs {
		fmt.Fprintf(t, "%s\t%s\n", o.Key, o.Value)
	}
	t.Flush()
	b.WriteString(watchText(w.d.spec))
	f := w.d.flags()
	if !w.d.spec.AWS.AutoStart {
		fmt.Fprintf(&b, "the channel is stopped: lilo start%s starts it\n", f)
	}
	fmt.Fprintf(&b, "lilo status%s tells how it fares, lilo destroy%s takes it away\n", f, f)
	_, err := fmt.Fprint(w.out, b.String())
	return err
}

// watchText says how to watch the stream at its receivers.
func watchText(s channel.Spec) string {
	var b strings.Builder
	for _, d := range s.To {
		lead, there := "on "+d.Host+":", d
		there.Host = "0.0.0.0"
		for _, hint := range there.Watch() {
			fmt.Fprintf(&b, "%s %s\n", lead, hint)
			lead = fmt.Sprintf("%*s", len(lead), "or:")
		}
	}
	return b.String()
}
