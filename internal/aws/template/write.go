package template

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
)

// Template is a template that was written, to be uploaded under its hash.
type Template struct {
	File File
	Text []byte
}

// writer resolves the references of all stacks of a root.
type writer struct {
	root *Stack
	// parameters and outputs of each stack carry references across stacks.
	parameters, outputs map[*Stack]map[string]any
}

// Write returns the templates of a root stack and those nested in it, the root's last.
func (s *Stack) Write() ([]Template, error) {
	w := writer{s, map[*Stack]map[string]any{}, map[*Stack]map[string]any{}}
	stacks := append(slices.Clone(s.nested), s)
	for _, one := range stacks {
		w.parameters[one], w.outputs[one] = map[string]any{}, map[string]any{}
	}
	resources := map[*Stack]map[string]any{}
	for _, one := range stacks {
		resources[one] = map[string]any{}
		for _, r := range one.resources {
			if r.nested != nil {
				continue // Its parameters are not known yet.
			}
			body, err := w.resource(r)
			if err != nil {
				return nil, err
			}
			resources[one][r.LogicalID()] = body
		}
	}
	for _, o := range s.outputs {
		w.outputs[s][o.Key] = Properties{"Description": o.Description, "Value": w.resolve(s, o.Value)}
	}
	var all []Template
	for _, n := range s.nested {
		t, err := w.template(n, resources[n])
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		n.self.Properties = Properties{"TemplateURL": Properties{"Fn::Join": List{"", List{
			"https://s3." + s.Region + ".", Properties{"Ref": "AWS::URLSuffix"}, "/", s.bucket(), "/" + t.File.Hash + ".json",
		}}}}
		if len(w.parameters[n]) > 0 {
			n.self.Properties["Parameters"] = w.parameters[n]
		}
		if resources[s][n.self.LogicalID()], err = w.resource(n.self); err != nil {
			return nil, err
		}
	}
	root, err := w.template(s, resources[s])
	return append(all, root), err
}

// template returns the template of a stack.
func (w *writer) template(s *Stack, resources map[string]any) (Template, error) {
	t := Properties{"Description": s.Description, "Resources": resources}
	if len(w.outputs[s]) > 0 {
		t["Outputs"] = w.outputs[s]
	}
	name := s.ID + " Nested Stack Template"
	if s == w.root {
		name = s.ID + " Template"
		t["Parameters"], t["Rules"] = bootstrapParameter(), bootstrapRule()
	} else if len(w.parameters[s]) > 0 {
		declared := Properties{}
		for parameter := range w.parameters[s] {
			declared[parameter] = Properties{"Type": "String"}
		}
		t["Parameters"] = declared
	}
	text, err := json.MarshalIndent(t, "", " ")
	sum := sha256.Sum256(text)
	return Template{File{Path: s.FileName(), Hash: hex.EncodeToString(sum[:]), Name: name}, text}, err
}

// resource returns the body of a resource.
func (w *writer) resource(r *Resource) (Properties, error) {
	body := Properties{"Type": r.Type}
	// The form that JSON has: maps of any values.
	text, err := json.Marshal(r.Properties)
	if err != nil {
		return nil, err
	}
	var plain Properties
	if err := json.Unmarshal(text, &plain); err != nil {
		return nil, err
	}
	for name, value := range plain {
		if list, ok := value.([]any); value == nil || ok && len(list) == 0 {
			delete(plain, name)
		}
	}
	if len(plain) > 0 {
		body["Properties"] = w.resolve(r.scope.stack, plain)
	}
	var needs List
	for _, id := range r.needed() {
		needs = append(needs, id)
	}
	if needs != nil {
		body["DependsOn"] = needs
	}
	if r.removal != "" {
		body["DeletionPolicy"], body["UpdateReplacePolicy"] = r.removal, r.removal
	}
	return body, nil
}

// needed returns the logical ids of the resources that r was made to depend on.
func (r *Resource) needed() []string {
	var all []string
	for _, other := range r.needs {
		all = append(all, other.LogicalID())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// resolve replaces the references in a value of a stack.
func (w *writer) resolve(in *Stack, value any) any {
	return w.root.Resolve(value, Values{
		Attribute: func(r *Resource, name string) any { return w.attribute(in, r, name) },
		Bucket:    func(*File) any { return w.root.bucket() },
		Key:       func(f *File) any { return f.ObjectKey() },
		Join:      join,
	})
}

// attribute returns an attribute of a resource for use in a stack.
func (w *writer) attribute(in *Stack, r *Resource, name string) any {
	of := r.scope.stack
	here := intrinsic(r.LogicalID(), name)
	if of == in {
		return here
	}
	suffix := name
	if suffix == "" {
		suffix = "Ref"
	}
	from := r.uniqueID() + suffix
	if of != w.root {
		output := logicalID([]string{from})
		w.outputs[of][output] = Properties{"Value": here}
		here = intrinsic(of.self.LogicalID(), "Outputs."+output)
		from = of.self.uniqueID() + "Outputs." + output
	}
	if in == w.root {
		return here
	}
	parameter := logicalID([]string{"reference-to-" + from})
	w.parameters[in][parameter] = here
	return Properties{"Ref": parameter}
}

// intrinsic returns the function that yields an attribute, "" for the Ref.
func intrinsic(id, attribute string) Properties {
	if attribute == "" {
		return Properties{"Ref": id}
	}
	return Properties{"Fn::GetAtt": List{id, attribute}}
}

// join concatenates strings and what CloudFormation fills in.
func join(parts []any) any {
	var flat List
	for _, part := range parts {
		text, isText := part.(string)
		if n := len(flat); isText && n > 0 {
			if before, ok := flat[n-1].(string); ok {
				flat[n-1] = before + text
				continue
			}
		}
		flat = append(flat, part)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return Properties{"Fn::Join": List{"", flat}}
}

// Qualifier tells the resources of one bootstrap of the CDK from those of another:
// its default.
const Qualifier = "hnb659fds"

// BootstrapParameter is the name of the parameter with the version of the bootstrap.
const BootstrapParameter = "/cdk-bootstrap/" + Qualifier + "/version"

// BootstrapVersion is the oldest sufficient version of the bootstrap: the one that the
// CDK's default synthesizer requires.
const BootstrapVersion = 6

// BucketName returns the name of the bucket for uploads that the CDK's bootstrap
// creates, with ${AWS::AccountId} for the account.
func (s *Stack) BucketName() string {
	return "cdk-" + Qualifier + "-assets-${AWS::AccountId}-" + s.Region
}

func (s *Stack) bucket() Properties { return Properties{"Fn::Sub": s.BucketName()} }

// ObjectKey returns the key under which the file is uploaded.
func (f *File) ObjectKey() string { return f.Hash + strings.ToLower(filepath.Ext(f.Path)) }

// bootstrapParameter and bootstrapRule make CloudFormation refuse a region with an
// older bootstrap, as the CDK's default synthesizer does.
func bootstrapParameter() Properties {
	return Properties{"BootstrapVersion": Properties{
		"Type": "AWS::SSM::Parameter::Value<String>", "Default": BootstrapParameter,
		"Description": "Version of the CDK Bootstrap resources in this environment, automatically retrieved from SSM Parameter Store. [cdk:skip]",
	}}
}

func bootstrapRule() Properties {
	return Properties{"CheckBootstrapVersion": Properties{"Assertions": List{Properties{
		"Assert":            Properties{"Fn::Not": List{Properties{"Fn::Contains": List{List{"1", "2", "3", "4", "5"}, Properties{"Ref": "BootstrapVersion"}}}}},
		"AssertDescription": "CDK bootstrap stack version 6 required. Please run 'cdk bootstrap' with a recent version of the CDK CLI.",
	}}}}
}
