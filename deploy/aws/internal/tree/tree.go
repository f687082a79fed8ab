// Package tree puts stacks of package template into the CDK's tree of constructs: the
// CDK then validates, synthesises and deploys them as any others.
package tree

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/lilo-live/lilo/internal/aws/template"
)

// Add adds a stack, and those nested in it, to an app.
func Add(app awscdk.App, s *template.Stack) (awscdk.Stack, error) {
	tags := make(map[string]*string, len(s.Tags))
	for key, value := range s.Tags {
		tags[key] = &value
	}
	stack := awscdk.NewStack(app, &s.ID, &awscdk.StackProps{
		StackName: &s.ID, Description: &s.Description, Tags: &tags, Env: &awscdk.Environment{Region: &s.Region},
	})
	_, err := Fill(stack, s)
	return stack, err
}

// Fill adds the resources, the nested stacks and the outputs of a stack to a construct,
// and returns the CDK's resources by those that they were made from.
func Fill(scope constructs.Construct, s *template.Stack) (map[*template.Resource]awscdk.CfnResource, error) {
	f := filler{
		root: s, scopes: map[string]constructs.Construct{"/" + s.ID: scope},
		resources: map[*template.Resource]awscdk.CfnResource{}, files: map[*template.File]*awscdk.FileAssetLocation{},
	}
	for _, file := range s.Files() {
		f.files[file] = awscdk.Stack_Of(scope).Synthesizer().AddFileAsset(&awscdk.FileAssetSource{
			SourceHash: &file.Hash, FileName: &file.Path, Packaging: awscdk.FileAssetPackaging_FILE, DisplayName: &file.Name,
		})
	}
	for _, r := range s.Resources() {
		if err := f.add(r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
	}
	for r, made := range f.resources {
		for _, other := range r.Needs() {
			made.AddResourceDependency(f.resources[other], nil)
		}
	}
	for _, o := range s.Outputs() {
		value, ok := f.resolve(o.Value).(string)
		if !ok {
			return nil, fmt.Errorf("output %s is no string", o.Key)
		}
		awscdk.NewCfnOutput(scope, &o.Key, &awscdk.CfnOutputProps{Value: &value, Description: &o.Description})
	}
	return f.resources, nil
}

// filler adds what a stack of package template holds to the CDK's tree.
type filler struct {
	root      *template.Stack
	scopes    map[string]constructs.Construct // by the ids of stack and constructs
	resources map[*template.Resource]awscdk.CfnResource
	files     map[*template.File]*awscdk.FileAssetLocation
}

func (f *filler) add(r *template.Resource) error {
	if n := r.Nested(); n != nil {
		stack := awscdk.NewNestedStack(f.scopes["/"+f.root.ID], &n.ID, &awscdk.NestedStackProps{Description: &n.Description})
		f.scopes["/"+n.ID] = stack
		f.resources[r] = stack.NestedStackResource()
	} else {
		text, err := json.Marshal(r.Properties)
		if err != nil {
			return err
		}
		var plain template.Properties
		if err := json.Unmarshal(text, &plain); err != nil {
			return err
		}
		properties, _ := f.resolve(plain).(template.Properties)
		f.resources[r] = awscdk.NewCfnResource(f.scope(r), &r.ID, &awscdk.CfnResourceProps{Type: &r.Type, Properties: &properties})
		if r.Removal() != "" {
			policy := awscdk.RemovalPolicy_DESTROY
			if r.Removal() == template.Retain {
				policy = awscdk.RemovalPolicy_RETAIN
			}
			f.resources[r].ApplyRemovalPolicy(policy, &awscdk.RemovalPolicyOptions{ApplyToUpdateReplacePolicy: jsii.Bool(true)})
		}
	}
	return nil
}

// scope returns the construct that a resource is in, which it makes if necessary.
func (f *filler) scope(r *template.Resource) constructs.Construct {
	name := "/" + r.Stack().ID
	scope := f.scopes[name]
	for _, id := range r.Path() {
		name += "/" + id
		if f.scopes[name] == nil {
			f.scopes[name] = constructs.NewConstruct(scope, &id)
		}
		scope = f.scopes[name]
	}
	return scope
}

// resolve replaces references by the CDK's tokens.
func (f *filler) resolve(value any) any {
	return f.root.Resolve(value, template.Values{
		Attribute: func(r *template.Resource, name string) any {
			if name == "" {
				return *f.resources[r].Ref()
			}
			return *awscdk.Token_AsString(f.resources[r].GetAtt(&name, awscdk.ResolutionTypeHint_STRING), nil)
		},
		Bucket: func(file *template.File) any { return *f.files[file].BucketName },
		Key:    func(file *template.File) any { return *f.files[file].ObjectKey },
		Join: func(parts []any) any {
			var text strings.Builder
			for _, part := range parts {
				fmt.Fprint(&text, part)
			}
			return text.String()
		},
	})
}
