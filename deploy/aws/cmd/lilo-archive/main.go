// Command lilo-archive builds the functions of a deployment for Lambda and writes
// their archive to a file, which the program lilo carries.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/lilo-live/lilo/deploy/aws/internal/asset"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lilo-archive:", err)
		os.Exit(1) //nolint:gocritic // The process ends: nothing is left to stop.
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: lilo-archive FILE, in a folder of deploy/aws")
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	module, err := asset.Folder(here)
	if err != nil {
		return err
	}
	text, err := asset.Functions(ctx, module)
	if err != nil {
		return err
	}
	if was, err := os.ReadFile(args[0]); err == nil && string(was) == string(text) {
		return nil // Its time would have the program built again.
	}
	return os.WriteFile(args[0], text, 0o644)
}
