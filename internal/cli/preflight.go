package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/aws/cdk"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
)

// check checks everything that a deployment needs, and shows each result. It
// creates nothing.
func (r *deployRun) check(ctx context.Context) error {
	var all []aws.Check
	show := func(checks ...aws.Check) {
		for _, c := range checks {
			all = append(all, c)
			r.showCheck(c)
		}
	}
	show(aws.CheckDestinations(r.spec)...)
	r.checkTools(ctx, show)
	account := r.account
	identity, c := account.CheckIdentity(ctx)
	r.identity = identity
	show(c)
	if c.Result != aws.Failing { // Without credentials nothing else can be checked.
		c = account.CheckService(ctx)
		show(c)
	}
	if c.Result == aws.Failing {
		return aws.CheckError(all)
	}
	c = account.CheckBootstrap(ctx)
	r.needsBootstrap = c.Result == aws.Pending
	show(c)
	show(r.checkSource(ctx)...)
	c, creates := r.checkStack(ctx)
	show(c)
	if creates {
		show(account.CheckQuotas(ctx))
	}
	if ctx.Err() != nil {
		return fault.New(fault.Internal, "interrupted: nothing was created")
	}
	return aws.CheckError(all)
}

// checkTools checks Node.js, Go, LILO's CDK app and the CDK's command line.
func (r *deployRun) checkTools(ctx context.Context, show func(...aws.Check)) {
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
		r.tools.App, err = r.place.App(ctx)
		found("app", r.tools.App, err)
	}
	r.tools.Command, err = r.place.Command(ctx)
	if r.needsInstall = err == nil && r.tools.Command == ""; r.needsInstall {
		show(aws.Check{Name: "cdk", Result: aws.Pending, Text: "aws-cdk@" + cdk.Version + " is not installed", Remedy: "the deployment installs it into the cache first"})
		return
	}
	found("cdk", r.tools.Command, err)
}

// checkSource opens the source with this identity's permissions and checks its content.
func (r *deployRun) checkSource(ctx context.Context) []aws.Check {
	s := r.spec
	s.Encode = nil // MediaLive encodes, not this machine.
	if !strings.Contains(s.Source, "://") {
		if info, err := os.Stat(s.Source); err == nil && info.IsDir() {
			return []aws.Check{aws.FailedCheck("source", fault.New(fault.Source, "%s is a directory", s.Source))}
		}
	}
	report, err := r.probe(ctx, s)
	if report.Container == "" {
		if err == nil {
			err = fault.New(fault.Media, "%s is not an MP4", s.Source)
		}
		return []aws.Check{aws.FailedCheck("source", err)}
	}
	media := mediaOf(report)
	checks := append(r.account.CheckSource(ctx, s.Source, report.Bytes), aws.CheckMedia(media)...)
	if err != nil {
		checks = append(checks, aws.Check{
			Name: "source", Result: aws.Warning, Text: report.Error, Remedy: "LILO cannot loop it; MediaLive may",
		})
	}
	contents := slices.Concat([]string{size(report.Bytes)}, media.Video, media.Audio)
	checks[0].Text = report.Source + ": " + strings.Join(contents, ", ") + "; " + checks[0].Text
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

// checkStack checks the existing stack, and reports whether the deployment creates
// a channel.
func (r *deployRun) checkStack(ctx context.Context) (c aws.Check, creates bool) {
	var err error
	if r.stack, err = r.account.Stack(ctx, r.stackName()); err != nil {
		return aws.FailedCheck("stack", err), false
	}
	c = aws.Check{Name: "stack", Result: aws.OK, Text: fmt.Sprintf("%s is %s", r.stack.Name, r.stack.Status)}
	switch r.stack.Phase() {
	case aws.Absent:
		c.Text, creates = r.stack.Name+" is new", true
	case aws.Stable:
		c.Text += " and will be updated"
	case aws.InProgress, aws.Deleting:
		c.Result, c.Remedy = aws.Pending, "the deployment waits for that first"
	case aws.CreateFailed, aws.DeleteFailed:
		c.Result, c.Remedy, creates, r.deletesFirst = aws.Pending, "the deployment deletes the rest of a failed one first", true, true
	case aws.RollbackFailed:
		return aws.FailedCheck("stack", r.account.CheckUsable(r.stack)), false
	}
	return c, creates
}

// showCheck shows a check and its remedy on a line.
func (r *deployRun) showCheck(c aws.Check) {
	mark := r.out.mark(c.Result != aws.Failing)
	switch c.Result {
	case aws.Warning:
		mark = "!"
	case aws.Pending:
		mark = "+"
	case aws.Skipped:
		mark = "-"
	case aws.OK, aws.Failing:
	}
	text := c.Text
	if c.Remedy != "" {
		text += ": " + c.Remedy
	}
	r.show(struct {
		Type string `json:"type"`
		aws.Check
	}{"check", c}, fmt.Sprintf("%s %-12s %s\n", mark, c.Name, strings.Map(printable, text)))
}
