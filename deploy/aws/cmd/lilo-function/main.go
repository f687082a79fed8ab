// Command lilo-function is every function of a deployment: LILO_FUNCTION says which.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lilo-live/lilo/deploy/aws/internal/cfnresponse"
	"github.com/lilo-live/lilo/deploy/aws/internal/lifecycle"
	"github.com/lilo-live/lilo/deploy/aws/internal/upload"
	"github.com/lilo-live/lilo/deploy/aws/internal/watchdog"
	"github.com/lilo-live/lilo/internal/aws/function"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	handler, err := handlerOf(os.Getenv(function.Variable), log)
	if err != nil {
		log.Error("the function cannot work", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

// handlerOf returns what one of the functions does.
func handlerOf(name string, log *slog.Logger) (any, error) {
	c, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return nil, fmt.Errorf("the configuration of the SDK: %w", err)
	}
	replies := cfnresponse.Sender{Client: &http.Client{Timeout: 10 * time.Second}}
	switch name {
	case function.Lifecycle:
		l := &lifecycle.Lifecycle{
			Channels: medialive.NewFromConfig(c), Parameters: ssm.NewFromConfig(c), Stacks: cloudformation.NewFromConfig(c),
			Machines: sfn.NewFromConfig(c), Machine: os.Getenv(function.Machine), Replies: replies, Log: log, Now: time.Now,
		}
		return l.Handle, nil
	case function.Upload:
		u := &upload.Upload{Store: s3.NewFromConfig(c), Replies: replies, Log: log}
		return u.Handle, nil
	case function.Watch:
		return watchOf(c, log)
	}
	return nil, fmt.Errorf("%s is %q, which is no function of LILO", function.Variable, name)
}

func watchOf(c aws.Config, log *slog.Logger) (any, error) {
	ttl, err := time.ParseDuration(os.Getenv(function.TTL))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", function.TTL, err)
	}
	w := &watchdog.Watchdog{
		Channels: medialive.NewFromConfig(c), Parameters: ssm.NewFromConfig(c), AutoStart: os.Getenv(function.AutoStart) == "true",
		TTL: ttl, Since: os.Getenv(function.Since), Log: log, Now: time.Now,
	}
	return w.Handle, nil
}
