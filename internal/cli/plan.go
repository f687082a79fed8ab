package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/aws/assembly"
	"github.com/lilo-live/lilo/internal/weekly"
)

// plan is what a deployment will create or change.
type plan struct {
	Type         string           `json:"type"` // "plan"
	Account      string           `json:"account"`
	Region       string           `json:"region"`
	Stack        string           `json:"stack"`
	Update       bool             `json:"update"` // of an existing stack
	Bootstrap    bool             `json:"bootstrap"`
	DeleteFirst  bool             `json:"delete_first"`
	Source       string           `json:"source"`
	Destinations []string         `json:"destinations"`
	Resources    []assembly.Count `json:"resources"`
	// Price is nil if it is not known, and NoPrice says why.
	Price   *aws.Price `json:"price,omitempty"`
	NoPrice string     `json:"no_price,omitempty"`
	// Reservation is what the same costs if it is reserved for a year.
	Reservation *aws.Reservation `json:"reservation,omitempty"`
	// SavedByQVBR is how much less would leave AWS in an hour with QVBR, in GB.
	SavedByQVBR float64 `json:"saved_by_qvbr_gb_an_hour,omitempty"`
	// Hours is how many hours a month the channel is on air by its schedule, 0 without one.
	Hours float64 `json:"hours_a_month,omitempty"`
}

// confirmPlan shows the plan and asks for confirmation.
func (r *deployRun) confirmPlan(ctx context.Context) error {
	pl := plan{
		Type: "plan", Account: r.identity.Account, Region: r.account.Region, Stack: r.assembly.Stack,
		Update: r.stack.Phase() == aws.Stable, Bootstrap: r.needsBootstrap, DeleteFirst: r.deletesFirst,
		Source: r.spec.Source, Destinations: []string{}, Resources: r.assembly.Counts,
	}
	if r.encodedFrom != "" {
		pl.Source = r.encodedFrom + ", encoded here"
	}
	for _, d := range r.spec.To {
		pl.Destinations = append(pl.Destinations, d.String())
	}
	if usage, err := aws.UsageOf(r.assembly.Channel); err == nil {
		pl.Price, pl.NoPrice = r.account.Price(ctx, usage)
		pl.SavedByQVBR = usage.SavedByQVBR()
		if reservation, ok := r.account.Reservation(ctx, usage, pl.Price); ok {
			pl.Reservation = &reservation
		}
	}
	if schedule, err := weekly.Parse(r.spec.AWS.Schedule); err == nil {
		pl.Hours = math.Round(schedule.Hours() / 7 * 365 / 12)
	}
	r.show(pl, "\n"+planText(pl)+"\n")
	if pl.Update {
		return r.confirm(ctx, "Update it to this?")
	}
	return r.confirm(ctx, "Create this?")
}

// planText formats a plan for people.
func planText(pl plan) string {
	return table(func(w *tabwriter.Writer) {
		fmt.Fprintf(w, "account\t%s, %s\n", pl.Account, pl.Region)
		fmt.Fprintf(w, "stack\t%s\n", pl.Stack)
		fmt.Fprintf(w, "source\t%s\n", pl.Source)
		for _, d := range pl.Destinations {
			fmt.Fprintf(w, "destination\t%s\n", d)
		}
		if pl.DeleteFirst {
			fmt.Fprintf(w, "first\tthe rest of a failed deployment is deleted\n")
		}
		if pl.Bootstrap {
			fmt.Fprintf(w, "first\tthe CDK is bootstrapped in aws://%s/%s (creates a bucket and roles, which remain for later deployments)\n", pl.Account, pl.Region)
		}
		for i, c := range pl.Resources {
			label := ""
			if i == 0 {
				label = "resources"
			}
			fmt.Fprintf(w, "%s\t%d × %s\n", label, c.N, c.Type)
		}
		p := pl.Price
		if p == nil {
			fmt.Fprintf(w, "price\tnot known: %s: see %s\n", pl.NoPrice, aws.PricePage)
			reservationText(w, pl)
			return
		}
		for _, l := range p.Lines {
			fmt.Fprintf(w, "price\t$%.4f an hour: %s\n", l.Hour, l.What)
		}
		fmt.Fprintf(w, "\t$%.4f an hour while it runs, $%.2f a month of 730 hours\n", p.Hour, p.Month)
		if pl.Hours > 0 {
			fmt.Fprintf(w, "\t$%.2f a month by its schedule, which has %.0f hours\n", p.Hour*pl.Hours, pl.Hours)
		}
		reservationText(w, pl)
		if pl.SavedByQVBR > 0 {
			fmt.Fprintf(w, "\t%.1f GB an hour less leave AWS with QVBR: --encode avc,maxBitrate=6M\n", pl.SavedByQVBR)
		}
		fmt.Fprintf(w, "\twithout tax and transfer (%.1f GB leave AWS an hour), by %s\n", p.Output, p.Source)
		fmt.Fprintf(w, "\tcurrent prices: %s\n", aws.PricePage)
	})
}

// reservationText tells what a reservation costs, and when it pays.
func reservationText(w io.Writer, pl plan) {
	r := pl.Reservation
	if r == nil {
		return
	}
	fmt.Fprintf(w, "reserved\t$%.2f a month if all of it is reserved for a year, whether it runs or not", r.Month)
	if r.PaysFrom > 0 {
		fmt.Fprintf(w, ": less than by the hour from %.0f hours a month on", r.PaysFrom)
	}
	fmt.Fprintln(w)
}
