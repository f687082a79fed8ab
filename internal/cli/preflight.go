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
	if c.Result == aws.Failing { // Without credentials nothing else can be asked.
		return aws.CheckError(all)
	}
	w.identity = identity
	c = w.account.CheckService(ctx)
	show(c)
	if c.Result == aws.Failing {
		return aws.CheckError(all)
	}
	c = w.account.CheckBootstrap(ctx)
	w.bootstrap = c.Result == aws.Pending
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
	return aws.CheckError(all)
}

// checkTools says whether Node.js, Go, the CDK's command line and LILO's app are here.
func (w *deploying) checkTools(ctx context.Context, show func(...aws.Check)) {
	found := func(name, text string, err error) bool {
		if err != nil {
			show(aws.FailedCheck(name, err))
			return false
		}
		show(aws.Check{Name: name, Result: aws.OK, Text: text})
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
		show(aws.Check{Name: "cdk", Result: aws.Pending, Text: "aws-cdk@" + cdk.Version + " is not here", Remedy: "it is installed into the cache first"})
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
			return []aws.Check{aws.FailedCheck("source", fault.New(fault.Source, "%s is a directory", s.Source))}
		}
	}
	report, err := w.probe(ctx, s)
	if report.Container == "" {
		if err == nil {
			err = fault.New(fault.Media, "%s is no MP4", s.Source)
		}
		return []aws.Check{aws.FailedCheck("source", err)}
	}
	checks := append(w.account.CheckSource(ctx, s.Source, report.Bytes), aws.CheckMedia(mediaOf(report))...)
	if err != nil {
		checks = append(checks, aws.Check{
			Name: "source", Result: aws.Warning, Text: report.Error, Remedy: "LILO could not loop it by itself; MediaLive may",
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
		return aws.FailedCheck("stack", err), false
	}
	c = aws.Check{Name: "stack", Result: aws.OK, Text: fmt.Sprintf("%s is %s", w.stack.Name, w.stack.Status)}
	switch w.stack.Phase() {
	case aws.Absent:
		c.Text, creates = w.stack.Name+" is new", true
	case aws.Stable:
		c.Text += " and is brought up to date"
	case aws.InProgress, aws.Deleting:
		c.Result, c.Remedy = aws.Pending, "that is waited for first"
	case aws.CreateFailed, aws.DeleteFailed:
		c.Result, c.Remedy, creates, w.first = aws.Pending, "what an attempt that failed left is deleted first", true, true
	case aws.RollbackFailed:
		return aws.FailedCheck("stack", w.account.CheckUsable(w.stack)), false
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
	switch c.Result {
	case aws.Failing:
		mark = w.out.paint(red, "✗")
	case aws.Warning:
		mark = "!"
	case aws.Pending:
		mark = "+"
	case aws.Skipped:
		mark = "-"
	case aws.OK:
	}
	text := c.Text
	if c.Remedy != "" {
		text += ": " + c.Remedy
	}
	fmt.Fprintf(w.out, "%s %-12s %s\n", mark, c.Name, strings.Map(printable, text))
}
