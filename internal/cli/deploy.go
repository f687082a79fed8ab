package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"text/tabwriter"
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

func newDeployCommand(p *Program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deploy --to URL [flags] [SOURCE]",
		Short: "deploy the channel to AWS Elemental MediaLive",
		Long: `Deploys a channel to AWS: it checks what a deployment needs, shows what it will
create and what that costs, asks for confirmation, runs the AWS CDK and shows
every resource as CloudFormation creates it. It ends when the channel is RUNNING
and shows how to watch it. Run again, it updates the deployment.

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
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := newDeployment(p, cmd, args)
			if err != nil {
				return err
			}
			return d.deploy(cmd.Context())
		},
	}
	deploymentFlags(cmd)
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
	quiet    bool // shows only what a check found wrong
	place    cdk.Place
	tools    cdk.Toolkit
	work     string   // a folder for the templates and the log
	log      *os.File // of the CDK
	stack    aws.Stack
	assembly cdk.Assembly
	// What must be done before the stack is deployed.
	needsInstall, needsBootstrap, deletesFirst bool
}

// deploy deploys the channel.
func (d *deployment) deploy(ctx context.Context) error {
	r, err := newDeployRun(d)
	if err != nil {
		return err
	}
	defer r.log.Close()
	if err := r.connect(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		r.check, r.installTools, r.writeTemplates, r.confirmPlan, r.prepareStack, r.bootstrap, r.deployStack, r.waitForChannel,
	} {
		if err := step(ctx); err != nil {
			return r.withHint(ctx, err)
		}
	}
	r.showResult()
	return nil
}

// newDeployRun prepares the working folder of a deployment. The caller must close
// the log.
func newDeployRun(d *deployment) (*deployRun, error) {
	store, err := cache.Open(d.env)
	if err != nil {
		return nil, err
	}
	r := &deployRun{deployment: d, work: filepath.Join(store.Dir(), "deploy", d.stackName())}
	if err := os.MkdirAll(r.work, 0o755); err != nil {
		return nil, fault.New(fault.Internal, "%s cannot be created: %w; set LILO_CACHE to another folder", r.work, fault.Reason(err))
	}
	if err := r.writeClip(); err != nil {
		return nil, err
	}
	file := filepath.Join(r.work, "cdk.log")
	if r.log, err = os.Create(file); err != nil {
		return nil, fault.New(fault.Internal, "%s cannot be written: %w", file, fault.Reason(err))
	}
	here, _ := os.Getwd()
	program, _ := os.Executable()
	r.place = cdk.Place{Cache: filepath.Join(store.Dir(), "cdk"), Env: d.env, Work: here, Executable: program, Module: released()}
	r.tools = cdk.Toolkit{Log: r.log}
	return r, nil
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

// writeConfig writes the channel to a file for the CDK app, with what the source
// needs of MediaLive's input, and returns the environment in which the app reads
// only that file.
func (r *deployRun) writeConfig() ([]string, error) {
	r.spec.AWS.InputSpecification = r.spec.AWS.InputSpecification.Or(r.media.InputSpecification())
	file := filepath.Join(r.work, "lilo.yaml")
	text, err := setting.WriteYAML(channel.YAML(), &r.spec)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return nil, fault.New(fault.Internal, "%s cannot be written: %w", file, fault.Reason(err))
	}
	variables := map[string]string{configVariable: file}
	for _, s := range channel.AllSettings() {
		if name := s.Variable(); name != "" {
			variables[name] = "" // It is in the file.
		}
	}
	return cdk.Environment(variables), nil
}

// withHint adds to an error how to continue, if CloudFormation continues.
func (r *deployRun) withHint(ctx context.Context, err error) error {
	switch {
	case r.stack.ID == "": // Nothing was started.
		return err
	case ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted: CloudFormation continues with stack %s by itself; see lilo status%s, and repeat the command to continue from there", r.stackName(), r.flags())
	case aws.CredentialsExpired(err):
		return fault.New(fault.Access, "%w; CloudFormation continues with stack %s by itself", err, r.stackName())
	}
	return err
}

// installTools installs the CDK's command line if it is missing.
func (r *deployRun) installTools(ctx context.Context) error {
	if !r.needsInstall {
		return nil
	}
	question := fmt.Sprintf("Install aws-cdk@%s with npm into %s?", cdk.Version, r.place.Cache)
	if err := r.confirm(ctx, question); err != nil {
		return err
	}
	r.say("installing aws-cdk@%s", cdk.Version)
	command, err := r.place.Install(ctx, r.tools.Log)
	r.tools.Command = command
	return err
}

// writeTemplates writes the templates to the working folder.
func (r *deployRun) writeTemplates(ctx context.Context) error {
	dir := filepath.Join(r.work, "cdk.out")
	if err := os.RemoveAll(dir); err != nil {
		return fault.New(fault.Internal, "%s cannot be emptied: %w", dir, fault.Reason(err))
	}
	return r.synthesize(ctx, dir)
}

// synthesize runs the CDK app, whose templates tell what will be created.
func (r *deployRun) synthesize(ctx context.Context, dir string) (err error) {
	if r.tools.Env, err = r.writeConfig(); err != nil {
		return err
	}
	line := newProgressLine(r.out, r.now, 0)
	line.time("writing the templates")
	err = r.tools.Synth(ctx, dir)
	line.close()
	if err != nil {
		return err
	}
	r.assembly, err = cdk.ReadAssembly(dir)
	return err
}

// prepareStack waits until CloudFormation has finished with the stack, and deletes
// the rest of a failed deployment.
func (r *deployRun) prepareStack(ctx context.Context) error {
	for {
		switch r.stack.Phase() {
		case aws.InProgress, aws.Deleting:
			r.say("waiting for stack %s, which is %s", r.stack.Name, r.stack.Status)
			view, err := r.follow(ctx, r.stack.ID)
			if err != nil {
				return err
			}
			r.stack, err = view.waitForStack(ctx, r.stack.ID)
			view.line.close()
			if err != nil {
				return err
			}
		case aws.CreateFailed, aws.DeleteFailed:
			r.say("deleting the rest of stack %s, which is %s", r.stack.Name, r.stack.Status)
			if err := r.deleteStack(ctx, r.stack); err != nil {
				return err
			}
			r.stack = aws.Stack{Name: r.stack.Name}
		case aws.Absent, aws.Stable, aws.RollbackFailed:
			return r.account.CheckUsable(r.stack)
		}
	}
}

func (r *deployRun) bootstrap(ctx context.Context) error {
	if !r.needsBootstrap {
		return nil
	}
	r.say("bootstrapping the CDK in account %s and %s", r.identity.Account, r.account.Region)
	return r.tools.Bootstrap(ctx, r.identity.Account, r.account.Region)
}

// deployStack deploys the stack and shows its events.
func (r *deployRun) deployStack(ctx context.Context) error {
	view, err := r.follow(ctx, r.assembly.Stack)
	if err != nil {
		return err
	}
	defer view.line.close()
	r.say("deploying stack %s (the log of the CDK is %s)", r.assembly.Stack, r.log.Name())
	r.stack = aws.Stack{Name: r.assembly.Stack, ID: r.assembly.Stack}
	outputs := filepath.Join(r.work, "outputs.json")
	failed := view.during(ctx, func(ctx context.Context) error {
		return r.tools.Deploy(ctx, filepath.Join(r.work, "cdk.out"), r.assembly.Stack, outputs)
	})
	if failed != nil && (ctx.Err() != nil || aws.CredentialsExpired(failed)) {
		return failed
	}
	stack, err := view.waitForStack(ctx, r.assembly.Stack)
	if err != nil {
		return cmp.Or(failed, err)
	}
	r.stack = stack
	if failed != nil {
		if _, ok := aws.Cause(view.events); ok {
			return aws.StackError(stack, view.events)
		}
	}
	return failed
}

// waitForChannel waits until the channel runs, if the deployment starts it.
func (r *deployRun) waitForChannel(ctx context.Context) error {
	resources, err := r.account.Resources(ctx, r.stack.ID)
	if err != nil || !r.spec.AWS.AutoStart {
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
	if !r.spec.AWS.AutoStart {
		fmt.Fprintf(&b, "the channel is stopped: start it with lilo start%s\n", r.flags())
	}
	fmt.Fprintf(&b, "see its state with lilo status%[1]s, delete it with lilo destroy%[1]s\n", r.flags())
	r.show(struct {
		Type   string    `json:"type"`
		Region string    `json:"region"`
		Stack  aws.Stack `json:"stack"`
	}{"result", r.account.Region, r.stack}, b.String())
}

// released returns the version of LILO's module that this program was built from,
// empty for a checkout.
func released() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "(devel)" || strings.Contains(info.Main.Version, "+dirty") {
		return ""
	}
	return info.Main.Version
}
