package aws

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lilo-live/lilo/internal/aws/assembly"
	"github.com/lilo-live/lilo/internal/aws/template"
)

// objects is a bucket that holds some keys.
type objects struct {
	Objects

	held []string
	put  map[string]string // contents, by bucket and key
	err  error             // of HeadObject
}

func (o *objects) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	if o.err != nil {
		return nil, o.err
	}
	if *in.ExpectedBucketOwner != "111122223333" || !slices.Contains(o.held, *in.Key) {
		return nil, answer(404, "NotFound", "")
	}
	return &s3.HeadObjectOutput{}, nil
}

func (o *objects) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	text, err := io.ReadAll(in.Body)
	o.put[*in.Bucket+"/"+*in.Key] = string(text)
	return &s3.PutObjectOutput{}, err
}

// changing is CloudFormation that creates and updates stacks.
type changing struct {
	Stacks

	created *cloudformation.CreateStackInput
	updated *cloudformation.UpdateStackInput
	err     error
}

func (c *changing) CreateStack(_ context.Context, in *cloudformation.CreateStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.CreateStackOutput, error) {
	c.created = in
	return &cloudformation.CreateStackOutput{}, c.err
}

func (c *changing) UpdateStack(_ context.Context, in *cloudformation.UpdateStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.UpdateStackOutput, error) {
	c.updated = in
	return &cloudformation.UpdateStackOutput{}, c.err
}

// deployer returns a deployer of a small assembly, and the roles that it assumes.
func deployer(t *testing.T, o *objects, c *changing) (*Deployer, *[]string) {
	t.Helper()
	dir := t.TempDir()
	film := filepath.Join(t.TempDir(), "film.mp4")
	if err := os.WriteFile(film, []byte("a film"), 0o600); err != nil {
		t.Fatal(err)
	}
	core := template.New("S", "a stack", "eu-west-1", map[string]string{"b": "2", "a": "1"})
	core.Upload(template.File{Path: film, Hash: "f11", Name: "film"})
	asm, err := assembly.Write(dir, core)
	if err != nil {
		t.Fatal(err)
	}
	var roles []string
	a := &Account{Region: "eu-west-1", Clock: &clock{now: time.Unix(1, 0)}}
	a.ObjectsAs = func(_ context.Context, role string) (Objects, error) {
		roles = append(roles, role)
		return o, nil
	}
	a.StacksAs = func(_ context.Context, role string) (Stacks, error) {
		roles = append(roles, role)
		return c, nil
	}
	return a.Deployer(Identity{"111122223333", "arn:aws-cn:sts::111122223333:assumed-role/x"}, asm), &roles
}

func TestPublishUploadsWhatIsNotThere(t *testing.T) {
	o := &objects{put: map[string]string{}}
	d, roles := deployer(t, o, nil)
	var told []string
	tell := func(name string, _ int64) { told = append(told, name) }
	if err := d.Publish(t.Context(), tell); err != nil {
		t.Fatal(err)
	}
	const bucket = "cdk-hnb659fds-assets-111122223333-eu-west-1/"
	if o.put[bucket+"f11.mp4"] != "a film" || !strings.Contains(o.put[bucket+d.assembly.Template.ObjectKey()], "a stack") || len(o.put) != 2 {
		t.Errorf("uploaded %v", o.put)
	}
	if want := "arn:aws-cn:iam::111122223333:role/cdk-hnb659fds-file-publishing-role-111122223333-eu-west-1"; !slices.Equal(*roles, []string{want}) {
		t.Errorf("roles %v", *roles)
	}
	if !slices.Equal(told, []string{"film", "S Template"}) {
		t.Errorf("told of %v", told)
	}
	o.held, o.put = []string{"f11.mp4", d.assembly.Template.ObjectKey()}, map[string]string{}
	if err := d.Publish(t.Context(), tell); err != nil || len(o.put) != 0 {
		t.Errorf("%v, uploaded again: %v", err, o.put)
	}
	o.err = answer(403, "AccessDenied", "no")
	if err := d.Publish(t.Context(), tell); err == nil || !strings.Contains(err.Error(), "not permitted while looking for") {
		t.Error(err)
	}
}

func TestDeployCreatesOrUpdates(t *testing.T) {
	c := &changing{}
	d, roles := deployer(t, nil, c)
	changes, err := d.Deploy(t.Context(), Stack{})
	if err != nil || !changes {
		t.Fatal(changes, err)
	}
	url := "https://s3.eu-west-1.amazonaws.com.cn/cdk-hnb659fds-assets-111122223333-eu-west-1/" + d.assembly.Template.ObjectKey()
	if in := c.created; *in.StackName != "S" || *in.TemplateURL != url || len(in.Capabilities) != 1 || *in.Tags[0].Key != "a" ||
		!strings.HasSuffix(*in.RoleARN, ":role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1") || sdk.ToString(in.ClientRequestToken) == "" {
		t.Errorf("created %+v", in)
	}
	if !strings.HasSuffix((*roles)[0], ":role/cdk-hnb659fds-deploy-role-111122223333-eu-west-1") {
		t.Errorf("roles %v", *roles)
	}
	if changes, err = d.Deploy(t.Context(), Stack{Status: "UPDATE_COMPLETE"}); err != nil || !changes || *c.updated.TemplateURL != url {
		t.Error(changes, err)
	}
	if in := c.updated; *in.StackName != "S" || len(in.Capabilities) != 1 || len(in.Tags) != 2 || !strings.HasSuffix(sdk.ToString(in.RoleARN), ":role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1") {
		t.Errorf("updated %+v", in)
	}
	c.err = answer(400, "ValidationError", "No updates are to be performed.")
	if changes, err = d.Deploy(t.Context(), Stack{Status: "UPDATE_COMPLETE"}); err != nil || changes {
		t.Error(changes, err)
	}
	c.err = answer(400, "ValidationError", "No template is there")
	if changes, err = d.Deploy(t.Context(), Stack{Status: "UPDATE_COMPLETE"}); err == nil || changes {
		t.Error("an error is taken for no change")
	}
	d.identity.ARN = "arn:aws-eusc:sts::111122223333:assumed-role/x"
	c.err = nil
	if _, err = d.Deploy(t.Context(), Stack{}); err != nil || !strings.HasPrefix(*c.created.TemplateURL, "https://s3.eu-west-1.amazonaws.eu/") {
		t.Error(*c.created.TemplateURL, err)
	}
	c.err = answer(400, "ValidationError", "Template error")
	if _, err = d.Deploy(t.Context(), Stack{Status: "UPDATE_COMPLETE"}); err == nil || err.Error() != "deploying stack S failed: Template error" {
		t.Error(err)
	}
}
