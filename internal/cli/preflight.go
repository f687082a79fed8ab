package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/aws/cdk"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
)

// check looks at all that a deployment needs, and shows it as it goes. It
// creates nothing.
func (w *deploying) check(ctx context.Context) error {
	var all []aws.Check
	show := func(checks ...aws.Check) {
		for _, c := range checks {
			all = append(all, c)
			w.showCheck(c)
		}
	}
	show(aws.CheckDestinations(w.d.spec)...)
	w.checkTools(ctx, show)
	identity, c := w.account.CheckIdentity(ctx)
	show(c)
	if c.Verdict == aws.Bad { // Without credentials nothing else can be asked.
		return aws.Verdicts(all)
	}
	w.identity = identity
	c = w.account.CheckService(ctx)
	show(c)
	if c.Verdict == aws.Bad {
		return aws.Verdicts(all)
	}
	c = w.account.CheckBootstrap(ctx)
	w.bootstrap = c.Verdict == aws.Wanted
	show(c)
	show(w.checkSource(ctx)...)
	c, creates := w.checkStack(ctx)
	show(c)
	if creates {
		show(w.account.CheckQuotas(ctx))
	}
	if err := ctx.Err(); err != nil {
		return fault.New(fault.Internal, "interrupted: nothing was created")
	}
	return aws.Verdicts(all)
}

// checkTools says whether Node.js, Go, the CDK's command line and LILO's app are here.
func (w *deploying) checkTools(ctx context.Context, show func(...aws.Check)) {
	found := func(name, text string, err error) bool {
		if err != nil {
			show(aws.Failure(name, err))
			return false
		}
		show(aws.Check{Name: name, Verdict: aws.Good, Text: text})
		return true
	}
	node, err := cdk.Node(ctx)
	found("node", node, err)
	golang, err := cdk.Go(ctx)
	if found("go", golang, err) {
		w.tools.App, err = w.place.App(ctx)
		found("app", w.tools.App, err)
	}
	w.tools.Command, err = w.place.Command(ctx)
	if w.install = err == nil && w.tools.Command == ""; w.install {
		show(aws.Check{Name: "cdk", Verdict: aws.Wanted, Text: "aws-cdk@" + cdk.Version + " is not here", Todo: "it is installed into the cache first"})
		return
	}
	found("cdk", w.tools.Command, err)
}

// checkSource opens the source with this identity's rights, and looks at what it holds.
func (w *deploying) checkSource(ctx context.Context) []aws.Check {
	s := w.d.spec
	s.Encode = nil // MediaLive encodes, not this machine.
	if !strings.Contains(s.Source, "://") {
		if info, err := os.Stat(s.Source); err == nil && info.IsDir() {
			return []aws.Check{aws.Failure("source", fault.New(fault.Source, "%s is a directory", s.Source))}
		}
	}
	report, err := w.probe(ctx, s)
	if report.Container == "" {
		if err == nil {
			err = fault.New(fault.Media, "%s is no MP4", s.Source)
		}
		return []aws.Check{aws.Failure("source", err)}
	}
	checks := append(w.account.CheckSource(ctx, s.Source, report.Bytes), aws.CheckMedia(mediaOf(report))...)
	if err != nil {
		checks = append(checks, aws.Check{
			Name: "source", Verdict: aws.Warning, Text: report.Error, Todo: "LILO could not loop it by itself; MediaLive may",
		})
	}
	checks[0].Text = report.Source + ": " + contents(report) + "; " + checks[0].Text
	return checks
}

func mediaOf(r player.Report) aws.Media {
	m := aws.Media{Container: r.Container, Bytes: r.Bytes}
	for _, t := range r.Tracks {
		if t.Kind == "video" {
			m.Video = append(m.Video, t.Coding)
		} else {
			m.Audio = append(m.Audio, t.Coding)
		}
	}
	return m
}

// contents is what a source holds, in a few words.
func contents(r player.Report) string {
	words := []string{size(r.Bytes)}
	for _, t := range r.Tracks {
		words = append(words, t.Coding)
	}
	return strings.Join(words, ", ")
}

// checkStack says what is there of the deployment already, and whether a
// channel is to be created.
func (w *deploying) checkStack(ctx context.Context) (c aws.Check, creates bool) {
	var err error
	if w.stack, err = w.account.Stack(ctx, w.d.stack()); err != nil {
		return aws.Failure("stack", err), false
	}
	c = aws.Check{Name: "stack", Verdict: aws.Good, Text: fmt.Sprintf("%s is %s", w.stack.Name, w.stack.Status)}
	switch w.stack.Phase() {
	case aws.Absent:
		c.Text, creates = w.stack.Name+" is new", true
	case aws.Settled:
		c.Text += " and is brought up to date"
	case aws.Working, aws.Deleting:
		c.Verdict, c.Todo = aws.Wanted, "that is waited for first"
	case aws.Failed, aws.Undeleted:
		c.Verdict, c.Todo, creates, w.first = aws.Wanted, "what an attempt that failed left is deleted first", true, true
	case aws.Stuck:
		return aws.Failure("stack", w.account.Usable(w.stack)), false
	}
	return c, creates
}

// showCheck shows a check on a line, with what to do about it.
func (w *deploying) showCheck(c aws.Check) {
	if w.d.json {
		w.jsonLine(struct {
			Type string `json:"type"`
			aws.Check
		}{"check", c})
		return
	}
	mark := w.out.paint(green, "✓")
	switch c.Verdict {
	case aws.Bad:
		mark = w.out.paint(red, "✗")
	case aws.Warning:
		mark = "!"
	case aws.Wanted:
		mark = "+"
	case aws.Skipped:
		mark = "-"
	case aws.Good:
	}
	text := c.Text
	if c.Todo != "" {
		text += ": " + c.Todo
	}
	fmt.Fprintf(w.out, "%s %-12s %s\n", mark, c.Name, strings.Map(visible, text))
}
