package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/aws/cdk"
	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

func (p *Program) deployCommand() *cobra.Command {
	cmd := &cobra.Command{
		DisableFlagsInUseLine: true,

		Use:   "deploy --to URL [flags] [SOURCE]",
		Short: "put the channel on AWS Elemental MediaLive",
		Long: `Puts a channel on AWS: it checks what a deployment needs, shows what will be
created and what that costs, asks, and drives the AWS CDK, showing every
resource as CloudFormation comes to it. It ends with the channel RUNNING and how
to watch it. Repeated, it brings a deployment up to date.

SOURCE is a file, which is uploaded into a bucket of the deployment, or an
s3ssl:// or https:// URL, which MediaLive reads where it is. Without SOURCE the
bundled clip is deployed.

Ctrl-C ends the waiting, not the work: CloudFormation goes on, and the same
command again goes on with it. lilo destroy takes everything away.`,
		Example: `  lilo deploy movie.mp4 --to rtp://203.0.113.7:5000
  lilo deploy s3ssl://bucket/movie.mp4 --to rtp://203.0.113.7:5000 --region us-east-1 --stack Demo --ttl 8h
  lilo deploy --config lilo.yaml --yes
  lilo deploy movie.mp4 --standard --to rtp://203.0.113.7:5000 --to rtp://203.0.113.8:5000`,
		Args: atMostOne("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := p.deployment(cmd, args)
			if err != nil {
				return err
			}
			return p.deploy(cmd.Context(), d)
		},
	}
	deploymentFlags(cmd)
	cmd.Flags().Bool("yes", false, "do not ask")
	jsonFlag(cmd, "print checks, plan, progress and result as lines of JSON")
	return cmd
}

// deploying is a deployment on its way.
type deploying struct {
	*Program

	d        deployment
	account  *aws.Account
	identity aws.Identity
	place    cdk.Place
	tools    cdk.Toolkit
	work     string // a folder for the templates and the log
	stack    aws.Stack
	assembly cdk.Assembly
	// What is done before the stack is deployed, once it is agreed to.
	install, bootstrap, first bool
}

func (p *Program) deploy(ctx context.Context, d deployment) error {
	w, closeLog, err := p.deploying(d)
	if err != nil {
		return err
	}
	defer func() { _ = closeLog() }()
	if w.account, err = p.connect(ctx, d); err != nil {
		return err
	}
	steps := []func(context.Context) error{w.check, w.installTools, w.synth, w.agree, w.clear, w.bootstrapRegion, w.carryOut, w.finish}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return w.explained(ctx, err)
		}
	}
	return nil
}

// deploying prepares the folder that a deployment works in.
func (p *Program) deploying(d deployment) (*deploying, func() error, error) {
	store, err := cache.Open(p.env)
	if err != nil {
		return nil, nil, err
	}
	w := &deploying{Program: p, d: d, work: filepath.Join(store.Dir(), "deploy", d.stack())}
	if err := os.MkdirAll(w.work, 0o755); err != nil {
		return nil, nil, fault.New(fault.Internal, "%s cannot be made: %w; set LILO_CACHE to another folder", w.work, reason(err))
	}
	if err := w.bundled(); err != nil {
		return nil, nil, err
	}
	env, err := w.handOver()
	if err != nil {
		return nil, nil, err
	}
	log, err := os.Create(w.log())
	if err != nil {
		return nil, nil, fault.New(fault.Internal, "%s cannot be written: %w", w.log(), reason(err))
	}
	here, _ := os.Getwd()
	program, _ := os.Executable()
	w.place = cdk.Place{Cache: filepath.Join(store.Dir(), "cdk"), Env: p.env, Work: here, Executable: program, Module: released()}
	w.tools = cdk.Toolkit{Env: env, Log: log}
	return w, log.Close, nil
}

func (w *deploying) log() string { return filepath.Join(w.work, "cdk.log") }

// bundled puts the bundled clip where a deployment without a source finds it.
func (w *deploying) bundled() error {
	if w.d.spec.Source != "" {
		return nil
	}
	r, size := clip.Open()
	file := filepath.Join(w.work, "lilo.mp4")
	f, err := os.Create(file)
	if err == nil {
		_, err = io.Copy(f, io.NewSectionReader(r, 0, size))
		err = cmp.Or(err, f.Close())
	}
	if err != nil {
		return fault.New(fault.Source, "the bundled clip cannot be written to %s: %w", file, reason(err))
	}
	w.d.spec.Source = file
	return nil
}

// handOver writes the channel to a file for the CDK app, and returns the
// environment in which the app reads that file and nothing else of a channel.
func (w *deploying) handOver() ([]string, error) {
	file := filepath.Join(w.work, "lilo.yaml")
	text, err := setting.WriteYAML(channel.YAML(), &w.d.spec)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return nil, fault.New(fault.Internal, "%s cannot be written: %w", file, reason(err))
	}
	variables := map[string]string{configVariable: file}
	for _, s := range channel.AllSettings() {
		variables[s.Variable()] = "" // The file has it.
	}
	return cdk.Environment(variables), nil
}

// explained adds to an error after which CloudFormation may go on how to go on too.
func (w *deploying) explained(ctx context.Context, err error) error {
	again := "lilo status" + w.d.flags() + " tells how it fares, and the same command goes on with it"
	switch {
	case w.stack.ID == "": // Nothing was begun.
		return err
	case ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted: CloudFormation goes on with stack %s by itself; %s", w.d.stack(), again)
	case aws.CredentialsExpired(err):
		return fault.New(fault.Access, "%w; CloudFormation goes on with stack %s by itself", err, w.d.stack())
	}
	return err
}

// installTools fetches the CDK's command line where it is not here.
func (w *deploying) installTools(ctx context.Context) error {
	if !w.install {
		return nil
	}
	question := fmt.Sprintf("Install aws-cdk@%s with npm into %s?", cdk.Version, w.place.Cache)
	if err := w.Program.agree(ctx, question, w.d.yes); err != nil {
		return err
	}
	w.say("installing aws-cdk@%s", cdk.Version)
	command, err := w.place.Install(ctx, w.tools.Log)
	w.tools.Command = command
	return err
}

// synth has the app write the templates, which tell what is created.
func (w *deploying) synth(ctx context.Context) error {
	dir := filepath.Join(w.work, "cdk.out")
	if err := os.RemoveAll(dir); err != nil {
		return fault.New(fault.Internal, "%s cannot be emptied: %w", dir, reason(err))
	}
	live := w.timedLine()
	live.set("writing the templates")
	err := w.tools.Synth(ctx, dir)
	live.close()
	if err != nil {
		return err
	}
	w.assembly, err = cdk.ReadAssembly(dir)
	return err
}

// clear waits for what CloudFormation still does with the stack, and deletes
// what a failed attempt left of it.
func (w *deploying) clear(ctx context.Context) error {
	var err error
	for {
		switch w.stack.Phase() {
		case aws.InProgress, aws.Deleting:
			w.say("waiting for stack %s, which is %s", w.stack.Name, w.stack.Status)
			if w.stack, _, err = w.settle(ctx, w.stack); err != nil {
				return err
			}
		case aws.CreateFailed, aws.DeleteFailed:
			w.say("deleting what is left of stack %s, which is %s", w.stack.Name, w.stack.Status)
			if err = w.remove(ctx, w.account, w.d, w.stack); err != nil {
				return err
			}
			w.stack = aws.Stack{Name: w.stack.Name}
		case aws.Absent, aws.Stable, aws.RollbackFailed:
			return w.account.CheckUsable(w.stack)
		}
	}
}

func (w *deploying) bootstrapRegion(ctx context.Context) error {
	if !w.bootstrap {
		return nil
	}
	w.say("bootstrapping the CDK in account %s and %s", w.identity.Account, w.account.Region)
	return w.tools.Bootstrap(ctx, w.identity.Account, w.account.Region)
}

// carryOut deploys the stack, showing its events.
func (w *deploying) carryOut(ctx context.Context) error {
	follow, err := w.account.Follow(ctx, w.assembly.Stack)
	if err != nil {
		return err
	}
	w.say("deploying stack %s (the CDK's own words are in %s)", w.assembly.Stack, w.log())
	w.stack = aws.Stack{Name: w.assembly.Stack, ID: w.assembly.Stack}
	show := w.showing(w.d)
	defer show.close()
	outputs := filepath.Join(w.work, "outputs.json")
	failed := w.beside(ctx, follow, show, func(ctx context.Context) error {
		return w.tools.Deploy(ctx, filepath.Join(w.work, "cdk.out"), w.assembly.Stack, outputs)
	})
	if failed != nil && (ctx.Err() != nil || aws.CredentialsExpired(failed)) {
		return failed
	}
	stack, err := w.account.WaitForStack(ctx, w.assembly.Stack, follow, show.tell)
	if err != nil {
		return cmp.Or(failed, err)
	}
	w.stack = stack
	if failed != nil {
		if _, ok := aws.Cause(show.events); ok {
			return aws.StackError(stack, show.events)
		}
	}
	return failed
}

// beside runs something while the events of the stack are shown.
func (w *deploying) beside(ctx context.Context, follow *aws.Follower, show *showing, run func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	running, over := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		done <- run(ctx)
		over()
	}()
	for running.Err() == nil {
		events, err := follow.Poll(ctx)
		for _, e := range events {
			show.tell(e)
		}
		if err != nil && !aws.Transient(err) {
			stop()
			<-done
			return err
		}
		w.pause(running, 2*time.Second) // It ends early when there is nothing to wait for.
	}
	return <-done
}

// finish waits until the channel runs, and says how to watch it.
func (w *deploying) finish(ctx context.Context) error {
	resources, err := w.account.Resources(ctx, w.stack.ID)
	if err != nil {
		return err
	}
	for _, c := range aws.OfType(resources, aws.ChannelType) {
		if !w.d.spec.AWS.AutoStart {
			break
		}
		show := w.states(w.d, c.ID)
		// The deployment starts it itself; a minute is more than that takes.
		err := w.account.Start(ctx, c.ID, time.Minute, show.tell)
		show.close()
		if err != nil {
			return err
		}
	}
	return w.result()
}
