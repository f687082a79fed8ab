// Command lilo-cdk is LILO's CDK app: it writes the templates of a channel's
// deployment. The CDK's command line runs it, as cdk.json says.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/aws/jsii-runtime-go"

	"github.com/lilo-live/lilo/deploy/aws/internal/app"
	"github.com/lilo-live/lilo/internal/fault"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := app.Run(ctx, os.Getenv, os.Stderr)
	stop()
	jsii.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, "lilo:", err)
		os.Exit(int(fault.KindOf(err)))
	}
}
