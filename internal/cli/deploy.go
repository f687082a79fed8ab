package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/aws/assembly"
	"github.com/lilo-live/lilo/internal/aws/bootstrap"
	"github.com/lilo-live/lilo/internal/aws/stacks"
	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/weekly"
)

func newDeployCommand(p *Program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deploy --to URL [flags] [SOURCE]",
		Short: "deploy the channel to AWS Elemental MediaLive",
		Long: `Deploys a channel to AWS: it checks what a deployment needs, shows what it will
create and what that costs, asks for confirmation, and shows every resource as
CloudFormation creates it. It ends when the channel is RUNNING and shows how to
watch it. Run again, it updates the deployment. Besides credentials it needs
nothing on this machine.

SOURCE is a file, which is uploaded to a bucket of the deployment, or an s3ssl://
or https:// URL, which MediaLive reads directly. Without SOURCE the bundled clip
is deployed.

Ctrl-C ends the waiting, not the work: CloudFormation continues, and the same
command again continues from there. lilo destroy deletes everything.`,
		Example: `  lilo deploy movie.mp4 --to rtp://203.0.113.7:5000
  lilo deploy s3ssl://bucket/movie.mp4 --to rtp://203.0.113.7:5000 --region us-east-1 --stack Demo --ttl 8h
  lilo deploy --config lilo.yaml --yes
  lilo deploy movie.mp4 --standard --to rtp://203.0.113.7:5000 --to rtp://203.0.113.8:5000`,
		Args: atMostOne("SOURCE"),
		RunE: withDeployment(p, (*deployment).deploy),
	}
	deploymentFlags(cmd)
	cmd.Flags().Bool("allow-private", false, "send to private addresses, which MediaLive reaches from within a VPC only")
	cmd.Flags().Bool("yes", false, "do not ask for confirmation")
	cmd.Flags().Bool("json", false, "print checks, plan, progress and result as lines of JSON")
	return cmd
}

// deployRun is one run of lilo deploy or lilo synth.
type deployRun struct {
	*deployment

	identity aws.Identity
	media    aws.Media // what the source holds, as far as it was read
	checks   []aws.Check
	// encodedFrom is the source that was encoded on this machine, empty for none.
	encodedFrom string
	quiet       bool   // shows only what a check found wrong
	work        string // a folder for the templates
	cache       string // LILO's cache
	stack       aws.Stack
	assembly    assembly.Assembly
	// What must be done before the stack is deployed.
	needsBootstrap, deletesFirst bool
	// onAir says that the channel plays although the deployment did not start it.
	onAir bool
	// working is the name of the stack that CloudFormation works on, also without lilo.
	working string
}

// deploy deploys the channel.
func (d *deployment) deploy(ctx context.Context) error {
	r, err := newDeployRun(d)
	if err != nil {
		return err
	}
	if err := r.connect(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		r.check, r.confirmPrivate, r.writeTemplates, r.confirmPlan, r.prepareStack, r.bootstrap, r.publish, r.deployStack, r.waitForChannel,
	} {
		if err := step(ctx); err != nil {
			return r.withHint(ctx, err)
		}
	}
	r.showResult()
	return nil
}

// newDeployRun prepares the working folder of a deployment.
func newDeployRun(d *deployment) (*deployRun, error) {
	store, err := cache.Open(d.env)
	if err != nil {
		return nil, err
	}
	r := &deployRun{deployment: d, cache: store.Dir(), work: filepath.Join(store.Dir(), "deploy", d.stackName())}
	if err := os.MkdirAll(r.work, 0o755); err != nil {
		return nil, fault.New(fault.Internal, "%s cannot be created: %w; set LILO_CACHE to another folder", r.work, fault.Reason(err))
	}
	return r, r.writeClip()
}

// writeClip writes the bundled clip to the working folder if there is no source.
func (r *deployRun) writeClip() error {
	if r.spec.Source != "" {
		return nil
	}
	source, size := clip.Open()
	file := filepath.Join(r.work, "lilo.mp4")
	data, err := io.ReadAll(io.NewSectionReader(source, 0, size))
	if err == nil {
		err = os.WriteFile(file, data, 0o644)
	}
	if err != nil {
		return fault.New(fault.Source, "the bundled clip cannot be written to %s: %w", file, fault.Reason(err))
	}
	r.spec.Source = file
	return nil
}

// withHint adds to an error how to continue, if CloudFormation continues.
func (r *deployRun) withHint(ctx context.Context, err error) error {
	switch {
	case r.working == "":
		return err
	case ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted: CloudFormation continues with stack %s by itself; see lilo status%s, and repeat the command to continue from there", r.working, r.flags())
	case aws.CredentialsExpired(err):
		return fault.New(fault.Access, "%w; CloudFormation continues with stack %s by itself", err, r.working)
	}
	return err
}

// writeTemplates writes the templates, which tell what will be created, to the working
// folder.
func (r *deployRun) writeTemplates(ctx context.Context) error {
	dir := filepath.Join(r.work, "cdk.out")
	if err := os.RemoveAll(dir); err != nil {
		return fault.New(fault.Internal, "%s cannot be emptied: %w", dir, fault.Reason(err))
	}
	return r.synthesize(ctx, dir)
}

// synthesize writes the assembly to a folder.
func (r *deployRun) synthesize(ctx context.Context, dir string) error {
	line := newProgressLine(r.out, r.now, 0)
	line.time("writing the templates")
	defer line.close()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fault.New(fault.Internal, "%s cannot be created: %w", dir, fault.Reason(err))
	}
	text, err := r.functions()
	if err != nil {
		return err
	}
	var files stacks.Files
	if files.Functions, err = assembly.Put(dir, "functions", "zip", text); err != nil {
		return err
	}
	if !strings.Contains(r.spec.Source, "://") {
		file, err := assembly.Hash(ctx, r.spec.Source, filepath.Join(r.cache, "deploy", "hashes"))
		if err != nil {
			return err
		}
		files.Source = &file
	}
	core, err := stacks.New(r.spec, files)
	if err == nil {
		r.assembly, err = assembly.Write(dir, core)
	}
	return err
}

// prepareStack waits until CloudFormation has finished with the stack, and deletes
// the rest of a failed deployment.
func (r *deployRun) prepareStack(ctx context.Context) (err error) {
	r.stack, err = r.settle(ctx, r.stack)
	return err
}

// settle waits until CloudFormation has finished with a stack, deletes what is left of
// one that cannot be updated, and returns the stack.
func (r *deployRun) settle(ctx context.Context, stack aws.Stack) (aws.Stack, error) {
	for {
		switch stack.Phase() {
		case aws.InProgress, aws.Deleting:
			r.working = stack.Name
			r.say("waiting for stack %s, which is %s", stack.Name, stack.Status)
			view, err := r.follow(ctx, stack.ID)
			if err != nil {
				return stack, err
			}
			stack, err = view.waitForStack(ctx, stack.ID)
			view.line.close()
			if err != nil {
				return stack, err
			}
			r.working = ""
		case aws.CreateFailed, aws.DeleteFailed:
			r.working = stack.Name
			r.say("deleting the rest of stack %s, which is %s", stack.Name, stack.Status)
			if err := r.deleteStack(ctx, stack.ID); err != nil {
				return stack, err
			}
			r.working = ""
			stack = aws.Stack{Name: stack.Name}
		case aws.Absent, aws.Stable, aws.RollbackFailed:
			return stack, r.account.CheckUsable(stack)
		}
	}
}

// bootstrap creates the CDK's own stack, which has the bucket for uploads and the roles.
func (r *deployRun) bootstrap(ctx context.Context) error {
	if !r.needsBootstrap {
		return nil
	}
	stack, err := r.account.Stack(ctx, bootstrap.Stack)
	if err == nil {
		stack, err = r.settle(ctx, stack)
	}
	if err != nil || stack.Phase() == aws.Stable { // By somebody else, meanwhile.
		return err
	}
	r.say("bootstrapping the CDK in account %s and %s", r.identity.Account, r.account.Region)
	_, err = r.carryOut(ctx, stack, func() (bool, error) { return true, r.account.Bootstrap(ctx, r.identity) })
	if err == nil {
		r.working = ""
	}
	return err
}

// publish uploads the functions, the templates and a local source.
func (r *deployRun) publish(ctx context.Context) error {
	const small = 1 << 20 // takes no time to speak of
	return r.account.Deployer(r.identity, r.assembly).Publish(ctx, func(name string, bytes int64) {
		if bytes >= small {
			r.say("uploading the %s (%s)", name, size(bytes))
		}
	})
}

// deployStack deploys the stack and shows its events.
func (r *deployRun) deployStack(ctx context.Context) error {
	r.say("deploying stack %s", r.assembly.Stack)
	deployer, before := r.account.Deployer(r.identity, r.assembly), r.stack
	before.Name = r.assembly.Stack
	stack, err := r.carryOut(ctx, before, func() (bool, error) { return deployer.Deploy(ctx, before) })
	r.stack = stack
	return err
}

// carryOut has CloudFormation create or update a stack by calling begin, which reports
// whether there is anything to do, and shows its events until it has finished. It
// returns the stack.
func (r *deployRun) carryOut(ctx context.Context, stack aws.Stack, begin func() (bool, error)) (aws.Stack, error) {
	view, err := r.follow(ctx, stack.Name)
	if err != nil {
		return stack, err
	}
	defer view.line.close()
	changes, err := begin()
	if err == nil || ctx.Err() != nil { // If it was interrupted, it may have begun.
		r.working = stack.Name
	}
	if err != nil {
		return stack, err
	}
	before := stack.Status
	for range 12 { // CloudFormation may return the status before the change for a while.
		stack, err = view.waitForStack(ctx, stack.Name)
		if err != nil || !changes || len(view.events) > 0 || stack.Status != before {
			break
		}
		if err = r.wait(ctx, 5*time.Second); err != nil {
			break
		}
	}
	if err != nil {
		return stack, err
	}
	if status := stack.Status; status != "CREATE_COMPLETE" && status != "UPDATE_COMPLETE" && changes {
		return stack, aws.StackError(stack, view.events)
	}
	return stack, nil
}

// waitForChannel waits until the channel runs, if the deployment starts it.
func (r *deployRun) waitForChannel(ctx context.Context) error {
	if !r.spec.AWS.AutoStart {
		return r.lookIfOnAir(ctx)
	}
	if text := r.spec.AWS.Schedule; text != "" {
		schedule, err := weekly.Parse(text)
		if err != nil {
			return err
		}
		if now := r.now(); !schedule.On(now) {
			next := schedule.Next(now).Format("Mon 2006-01-02 15:04 MST")
			if err := r.lookIfOnAir(ctx); err != nil {
				return err
			}
			if r.onAir {
				r.say("the channel is on air, and its schedule begins %s: stop it until then with lilo stop%s", next, r.flags())
				return nil
			}
			r.say("the channel stays off air until %s, as its schedule says", next)
			return nil
		}
	}
	resources, err := r.account.Resources(ctx, r.stack.ID)
	if err != nil {
		return err
	}
	for _, c := range aws.OfType(resources, aws.ChannelType) {
		// The deployment itself starts the channel, in less than a minute.
		err := r.showStates(c.ID, func(onState func(string)) error { return r.account.Start(ctx, c.ID, time.Minute, onState) })
		if err != nil {
			return err
		}
	}
	return nil
}

// lookIfOnAir finds out whether the channel was on air before and still is.
func (r *deployRun) lookIfOnAir(ctx context.Context) error {
	status, err := r.account.Status(ctx, r.stack.Name)
	if err == nil && status.Channel != nil {
		r.onAir = status.Channel.State != aws.Idle
	}
	return err
}

// say tells the user what is done next.
func (r *deployRun) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.show(map[string]any{"type": "step", "text": text}, text+"\n")
}

// showResult shows the deployed stack and how to watch the channel.
func (r *deployRun) showResult() {
	var b strings.Builder
	b.WriteString(table(func(w *tabwriter.Writer) {
		fmt.Fprintf(w, "stack\t%s in %s: %s\n", r.stack.Name, r.account.Region, r.stack.Status)
		for _, o := range r.stack.Outputs {
			fmt.Fprintf(w, "%s\t%s\n", o.Key, o.Value)
		}
	}))
	for _, d := range r.spec.To {
		on := "on " + d.Host
		fmt.Fprintf(&b, "%s: ffplay -fflags nobuffer %s://0.0.0.0:%d\n%*s: vlc %s://@:%d\n", on, d.Scheme, d.Port, len(on), "or", d.Scheme, d.Port)
	}
	switch {
	case r.spec.AWS.AutoStart:
	case r.onAir:
		fmt.Fprintf(&b, "the channel is on air as before: stop it with lilo stop%s\n", r.flags())
	default:
		fmt.Fprintf(&b, "the channel is stopped: start it with lilo start%s\n", r.flags())
	}
	fmt.Fprintf(&b, "see its state with lilo status%[1]s, delete it with lilo destroy%[1]s\n", r.flags())
	r.show(struct {
		Type   string    `json:"type"`
		Region string    `json:"region"`
		Stack  aws.Stack `json:"stack"`
	}{"result", r.account.Region, r.stack}, b.String())
}
