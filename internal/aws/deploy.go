package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lilo-live/lilo/internal/aws/assembly"
	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/aws/bootstrap"
	"github.com/lilo-live/lilo/internal/aws/template"
	"github.com/lilo-live/lilo/internal/fault"
)

// Deployer deploys the stack of an assembly as the CDK's command line does: with the
// roles, the bucket and the change of a stack that the CDK's bootstrap is for.
type Deployer struct {
	account  *Account
	identity Identity
	assembly assembly.Assembly
}

// Deployer returns what deploys an assembly to the account of an identity.
func (a *Account) Deployer(id Identity, asm assembly.Assembly) *Deployer {
	return &Deployer{a, id, asm}
}

// Partition returns the partition of AWS that the identity is in: aws, aws-cn, ….
func (i Identity) Partition() string {
	if parts := strings.Split(i.ARN, ":"); len(parts) > 1 {
		return parts[1]
	}
	return "aws"
}

// fill replaces the pseudo parameters in a name.
func (d *Deployer) fill(text string) string {
	return strings.NewReplacer("${AWS::AccountId}", d.identity.Account, "${AWS::Partition}", d.identity.Partition()).Replace(text)
}

// Publish uploads the files that are not in the bucket yet, and calls onFile before
// each that it uploads. A file that was uploaded stays for later deployments.
func (d *Deployer) Publish(ctx context.Context, onFile func(name string, size int64)) error {
	objects, err := d.account.ObjectsAs(ctx, d.fill(d.assembly.Role(assembly.PublishingRole)))
	if err != nil {
		return d.account.fault("assuming the CDK's role for uploads", err)
	}
	bucket := d.fill(d.assembly.Bucket)
	for _, f := range d.assembly.Files {
		key := f.ObjectKey()
		_, err := objects.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key, ExpectedBucketOwner: &d.identity.Account})
		if err == nil {
			continue
		}
		if awserr.KindOf(err) != awserr.NotFound {
			return d.account.fault("looking for "+key+" in bucket "+bucket, err)
		}
		if err := d.upload(ctx, objects, bucket, f, onFile); err != nil {
			return err
		}
	}
	return nil
}

// partSize is that of a part of a large file in bytes: 10,000 of them are a terabyte,
// more than any source.
const partSize = 100 << 20

func (d *Deployer) upload(ctx context.Context, objects Objects, bucket string, file template.File, onFile func(string, int64)) error {
	path := file.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(d.assembly.Dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return fault.New(fault.Source, "%s cannot be uploaded: %w", path, fault.Reason(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fault.New(fault.Source, "%s cannot be uploaded: %w", path, fault.Reason(err))
	}
	onFile(file.Name, info.Size())
	key := file.ObjectKey()
	manager := transfermanager.New(objects, func(o *transfermanager.Options) {
		o.PartSizeBytes, o.MultipartUploadThreshold, o.Concurrency = partSize, partSize, 3
	})
	_, err = manager.UploadObject(ctx, &transfermanager.UploadObjectInput{Bucket: &bucket, Key: &key, Body: f, ExpectedBucketOwner: &d.identity.Account})
	if err != nil {
		return d.account.fault("uploading "+file.Name+" to bucket "+bucket, err)
	}
	return nil
}

// suffix returns the domain of a partition's endpoints.
func suffix(partition string) string {
	switch partition {
	case "aws-cn":
		return "amazonaws.com.cn"
	case "aws-eusc":
		return "amazonaws.eu"
	}
	return "amazonaws.com"
}

// Deploy begins the creation or the update of the stack, whichever it needs. It reports
// false if the stack is as the assembly says already.
func (d *Deployer) Deploy(ctx context.Context, is Stack) (bool, error) {
	stacks, err := d.account.StacksAs(ctx, d.fill(d.assembly.Role(assembly.DeployRole)))
	if err != nil {
		return false, d.account.fault("assuming the CDK's role for deployments", err)
	}
	url := "https://s3." + d.assembly.Region + "." + suffix(d.identity.Partition()) + "/" + d.fill(d.assembly.Bucket) + "/" + d.assembly.Template.ObjectKey()
	role := d.fill(d.assembly.Role(assembly.ExecutionRole))
	tags := tagsOf(d.assembly.Tags)
	capabilities := []types.Capability{types.CapabilityCapabilityNamedIam}
	if is.Phase() == Absent {
		_, err = stacks.CreateStack(ctx, &cloudformation.CreateStackInput{
			StackName: &d.assembly.Stack, TemplateURL: &url, RoleARN: &role, Tags: tags, Capabilities: capabilities,
			ClientRequestToken: d.token("create"),
		})
	} else {
		_, err = stacks.UpdateStack(ctx, &cloudformation.UpdateStackInput{
			StackName: &d.assembly.Stack, TemplateURL: &url, RoleARN: &role, Tags: tags, Capabilities: capabilities,
		})
	}
	switch {
	case err == nil:
		return true, nil
	case strings.Contains(awserr.Message(err), "No updates are to be performed"):
		return false, nil
	}
	return false, d.account.fault("deploying stack "+d.assembly.Stack, err)
}

// token names a request, so that its repetition after a lost answer is no other.
func (d *Deployer) token(verb string) *string {
	sum := sha256.Sum256([]byte(d.assembly.Template.Hash + d.account.Clock.Now().String()))
	return sdk.String("lilo-" + verb + "-" + hex.EncodeToString(sum[:8]))
}

func tagsOf(all map[string]string) []types.Tag {
	var tags []types.Tag
	for _, key := range slices.Sorted(maps.Keys(all)) {
		tags = append(tags, types.Tag{Key: &key, Value: sdk.String(all[key])})
	}
	return tags
}

// Bootstrap begins the creation of the stack that the CDK prepares a region with.
func (a *Account) Bootstrap(ctx context.Context, id Identity) error {
	in := &cloudformation.CreateStackInput{
		StackName: sdk.String(bootstrap.Stack), TemplateBody: sdk.String(bootstrap.Template()),
		Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
	}
	parameters := bootstrap.Parameters(id.Partition())
	for _, key := range slices.Sorted(maps.Keys(parameters)) {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: &key, ParameterValue: sdk.String(parameters[key])})
	}
	if _, err := a.Stacks.CreateStack(ctx, in); err != nil {
		return a.fault("creating stack "+bootstrap.Stack, err)
	}
	return nil
}
