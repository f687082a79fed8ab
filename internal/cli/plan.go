package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/aws/cdk"
	"github.com/lilo-live/lilo/internal/fault"
)

// plan is what a deployment will make.
type plan struct {
	Type         string      `json:"type"` // "plan"
	Account      string      `json:"account"`
	Region       string      `json:"region"`
	Stack        string      `json:"stack"`
	Update       bool        `json:"update"` // of what is there
	Bootstrap    bool        `json:"bootstrap"`
	DeleteFirst  bool        `json:"delete_first"`
	Source       string      `json:"source"`
	Destinations []string    `json:"destinations"`
	Resources    []cdk.Count `json:"resources"`
	Price        *aws.Price  `json:"price,omitempty"`
}

// agree shows the plan and asks.
func (w *deploying) agree(ctx context.Context) error {
	if w.assembly.Stack != w.d.stack() {
		return fault.New(fault.Tool, "the CDK app in %s names the stack %s and not %s: is it of another version of LILO?", w.tools.App, w.assembly.Stack, w.d.stack())
	}
	pl := w.plan()
	if w.d.json {
		w.jsonLine(pl)
	} else {
		fmt.Fprint(w.out, "\n"+planText(pl)+"\n")
	}
	question := "Create this?"
	if pl.Update {
		question = "Bring it to this?"
	}
	return w.Program.agree(ctx, question, w.d.yes)
}

func (w *deploying) plan() plan {
	pl := plan{
		Type: "plan", Account: w.identity.Account, Region: w.account.Region, Stack: w.assembly.Stack,
		Update: w.stack.Phase() == aws.Stable, Bootstrap: w.bootstrap, DeleteFirst: w.first,
		Source: w.d.spec.Source, Destinations: []string{}, Resources: w.assembly.Counts,
	}
	for _, d := range w.d.spec.To {
		pl.Destinations = append(pl.Destinations, d.String())
	}
	if billed, err := aws.UsageOf(w.assembly.Channel); err == nil {
		if price, ok := aws.PriceOf(billed); ok {
			pl.Price = &price
		}
	}
	return pl
}

// planText lays a plan out for people.
func planText(pl plan) string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "account\t%s, %s\n", pl.Account, pl.Region)
	fmt.Fprintf(t, "stack\t%s\n", pl.Stack)
	fmt.Fprintf(t, "source\t%s\n", pl.Source)
	for _, d := range pl.Destinations {
		fmt.Fprintf(t, "destination\t%s\n", d)
	}
	if pl.DeleteFirst {
		fmt.Fprintf(t, "first\twhat a failed attempt left of the stack is deleted\n")
	}
	if pl.Bootstrap {
		fmt.Fprintf(t, "first\tcdk bootstrap aws://%s/%s (a bucket and roles that stay for later deployments)\n", pl.Account, pl.Region)
	}
	for i, c := range pl.Resources {
		word := ""
		if i == 0 {
			word = "resources"
		}
		fmt.Fprintf(t, "%s\t%d × %s\n", word, c.N, c.Type)
	}
	priceRows(t, pl.Price)
	t.Flush()
	return trimLines(b.String())
}

func priceRows(t *tabwriter.Writer, p *aws.Price) {
	if p == nil {
		fmt.Fprintf(t, "price\tnot in LILO's list for such a channel: see %s\n", aws.PricePage)
		return
	}
	for _, l := range p.Lines {
		fmt.Fprintf(t, "price\t$%.4f an hour: %s\n", l.Hour, l.What)
	}
	fmt.Fprintf(t, "\t$%.4f an hour while it runs, $%.2f a month of 730 hours\n", p.Hour, p.Month)
	fmt.Fprintf(t, "\tan estimate without tax and transfer (%.1f GB leave AWS an hour): %s\n", p.Output, p.Source)
	fmt.Fprintf(t, "\ttoday's prices: %s\n", aws.PricePage)
}
